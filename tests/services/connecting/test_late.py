"""Late in a window: its list alone says what was connected; return, webhook and person only have it asked."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from data.models import Attempt
from data.types import Vendor
from services import audit, pretended
from services.connecting import beginning, flows, returning, windows
from services.desk import Desk
from services.failures import Failure, Forbidden
from services.reports import Wish
from services.sandbox import Sandbox
from services.sandbox.late import API_KEY
from services.sync import sync
from services.webhooks import Heard
from tests import cached
from tests.services.connecting.connecting import ANA, INGRID, MAREK, OLGA, change, events, now, statement, words

CONNECT = "/api/v1/connect/instagram"
Row = dict[str, Any]


@pytest.fixture
def office(empty: Desk, vendors: Sandbox) -> Desk:
    """A desk that synced Late just now."""
    vendors.clock.set(datetime.now(UTC))
    (report,) = sync(empty, ["late"], Wish())
    assert report.state == "ok"
    vendors.clear_log()
    return empty


def _opened(desk: Desk, **aim: Any) -> tuple[Attempt, str]:
    """Begin to connect an Instagram account, open its window, and give the attempt and the token of its consent."""
    attempt = beginning.begin(desk, INGRID, "late", "instagram", **aim).attempt
    address = windows.open_window(desk, INGRID, attempt.key).address
    assert address is not None, now(desk, attempt).message
    return now(desk, attempt), parse_qs(urlsplit(address).query)["token"][0]


def _consented(vendors: Sandbox, token: str, *, account: str = "", approve: bool = True) -> Mapping[str, str]:
    """Finish the consent as a person does, and give what the return address says."""
    told = vendors.late.book.finish(token, approve=approve, account=account)
    assert told is not None
    back, query = told
    return dict(query) | {"back": back}


def _back(desk: Desk, attempt: Attempt, query: Mapping[str, str]) -> Attempt:
    return returning.returned(desk, INGRID, attempt.key, query)


def _webhook(desk: Desk, account_id: str, platform: str = "instagram") -> str | None:
    number, at = cached.source(desk.store, "late")["id"], datetime.now(UTC)
    body = {"account": {"accountId": account_id, "platform": platform}}
    return returning.heard(
        desk, Heard(1, number, "late", Vendor.LATE, "account.connected", "e1", account_id, at, at, body)
    )


def _accounts(vendors: Sandbox, *, dead: bool = False) -> list[Row]:
    rows = [row for row in vendors.late.book.accounts() if row["platform"] == "instagram"]
    return [row for row in rows if (row["needsReconnection"] or not row["isActive"]) == dead]


def _connection(desk: Desk, row: Row) -> str:
    return f"{cached.source(desk.store, 'late')['id']}-n-{row['_id']}"


def _documented(desk: Desk) -> None:
    statement(desk, "UPDATE sources SET contract = 'documented' WHERE name = 'late'")


def test_a_consent_that_comes_back_ends_in_a_connection_that_the_cache_holds(office: Desk, vendors: Sandbox) -> None:
    before = cached.of_vendor(office.store, "late")
    attempt, token = _opened(office)
    told = _consented(vendors, token)
    assert told["back"] == f"{office.settings.public_url}/connecting/back/{attempt.key}"

    ended = _back(office, attempt, told)

    assert (ended.state, ended.account) == ("connected", f"@{told['username']}")
    assert {ended.connection_id} == cached.of_vendor(office.store, "late").keys() - before.keys()
    assert "finds it well" in ended.message
    assert audit.verify(office) is None


def test_a_list_that_holds_something_new_ends_an_attempt_whose_window_never_came_back(
    office: Desk, vendors: Sandbox
) -> None:
    attempt, token = _opened(office)
    assert "nothing new" in flows.check(office, INGRID, attempt.key).message
    _consented(vendors, token)
    assert flows.check(office, INGRID, attempt.key).state == "connected"


def test_a_webhook_has_the_list_asked_and_is_never_believed_itself(office: Desk, vendors: Sandbox) -> None:
    attempt, token = _opened(office)
    assert _webhook(office, "0123456789abcdef01234567") is not None
    assert now(office, attempt).state == "waiting"
    assert _webhook(office, "x", platform="tiktok") is None
    account = _consented(vendors, token)["accountId"]
    told = _webhook(office, account)
    assert told is not None
    assert "ended 1" in told
    assert now(office, attempt).state == "connected"
    assert _webhook(office, account) is None


def test_webhooks_of_accounts_that_were_there_before_ask_nothing(office: Desk, vendors: Sandbox) -> None:
    attempt, _ = _opened(office)
    vendors.clear_log()
    assert {_webhook(office, row["_id"]) for row in _accounts(vendors)} == {None}
    assert (len(vendors.log), now(office, attempt).state) == (0, "waiting")


def test_an_account_that_was_there_before_is_named_and_no_success(office: Desk, vendors: Sandbox) -> None:
    there = _accounts(vendors)[0]
    attempt, token = _opened(office)
    ended = _back(office, attempt, _consented(vendors, token, account=there["_id"]))
    assert (ended.state, ended.problem) == ("wrong_account", "there_before")
    assert there["username"].removeprefix("@") in ended.message
    assert ended.connection_id is None


def test_an_account_that_comes_back_to_life_is_a_success(office: Desk, vendors: Sandbox) -> None:
    dead = next(row for row in _accounts(vendors, dead=True) if row["isActive"])
    attempt, token = _opened(office)
    ended = _back(office, attempt, _consented(vendors, token, account=dead["_id"]))
    assert (ended.state, ended.connection_id) == ("connected", _connection(office, dead))


def test_an_account_named_by_anybody_counts_for_nothing(office: Desk, vendors: Sandbox) -> None:
    attempt, _ = _opened(office)
    asked = _back(office, attempt, {"connected": "instagram", "accountId": "65f0c0ffee65f0c0ffee65f0"})
    assert (asked.state, asked.connection_id) == ("waiting", None)
    hostile = {"accountId": "'; DROP TABLE attempts --" * 400, "error": ""}
    assert _back(office, attempt, hostile).state == "waiting"
    assert vendors.late.book.accounts()


def test_the_return_address_is_heard_once_and_from_its_own_person_only(office: Desk, vendors: Sandbox) -> None:
    attempt, token = _opened(office)
    for other, error in ((OLGA, Forbidden), (MAREK, Forbidden), (ANA, Forbidden)):
        with pytest.raises(error):
            returning.returned(office, other, attempt.key, {"error": "access_denied"})
    with pytest.raises(Failure, match="no such attempt"):
        returning.returned(office, INGRID, "x" * 43, {})
    ended = _back(office, attempt, _consented(vendors, token))
    assert ended.state == "connected"
    assert _back(office, attempt, {"error": "access_denied"}).state == "connected"
    assert "too late or once more" in words(office, attempt)


def test_a_return_after_its_time_is_refused(office: Desk, vendors: Sandbox) -> None:
    attempt, token = _opened(office)
    told = _consented(vendors, token)
    change(office, attempt, ends_at=datetime(2026, 1, 1, tzinfo=UTC))
    ended = _back(office, attempt, told)
    assert (ended.state, ended.connection_id) == ("timed_out", None)


def test_an_error_on_the_return_address_ends_in_words(office: Desk) -> None:
    for error, state, says in (
        ("access_denied", "cancelled", "was declined"),
        ("server_error", "refused", "It says: server_error."),
        ("<script>alert(1)</script>", "refused", "with an error. Nothing"),
        ("x" * 10_000, "refused", "with an error. Nothing"),
    ):
        attempt, _ = _opened(office)
        ended = _back(office, attempt, {"error": error})
        assert (ended.state, says in ended.message, "<" in ended.message) == (state, True, False), error[:40]
        assert ended.advice


REFUSALS: tuple[tuple[int, Row, str, str], ...] = (
    (400, {"error": "Unsupported platform"}, "late_refused", "platform"),
    (401, {"error": "Invalid API key"}, "unauthorised", "Sources"),
    (402, {"error": "Upgrade", "code": "PAYMENT_REQUIRED"}, "payment_required", "plan"),
    (403, {"error": "No access", "code": "insufficient_permissions"}, "permission_denied", "permission"),
    (404, {"error": "Profile not found"}, "profile_not_found", "profile id"),
    (409, {"error": "Already connected"}, "conflict", "reconnect"),
)


def test_each_refusal_of_the_address_ends_in_its_own_words(office: Desk, vendors: Sandbox) -> None:
    for status, body, problem, advice in REFUSALS:
        vendors.faults.plan("late", CONNECT, kind="status", status=status, body=body, no_effect=True)
        ended = _unopened(office)
        assert (ended.state, ended.problem) == ("refused", problem)
        assert (body["error"] in ended.message, advice in ended.advice) == (True, True), status


def test_an_address_of_another_host_is_never_opened(office: Desk, vendors: Sandbox) -> None:
    for host in ("javascript:alert(1)", "http://getlate.dev/x", "https://getlate.dev.evil.example", "//evil.example"):
        told = {"authUrl": host, "state": "s"}
        vendors.faults.plan("late", CONNECT, kind="transform", change=lambda _, told=told: told)
        ended = _unopened(office)
        assert (ended.state, host in f"{ended.message}{ended.advice}{ended.told}") == ("refused", False), host


def test_a_source_without_a_profile_says_where_to_enter_it(
    office: Desk, vendors: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretended, "credentials", lambda _vendor: {"api_key": API_KEY})
    statement(office, "UPDATE sources SET contract = 'documented' WHERE name = 'late'")
    ended = _unopened(office)
    assert (ended.state, ended.problem, "Sources" in ended.advice) == ("refused", "settings", True)
    assert not vendors.log


def _unopened(desk: Desk) -> Attempt:
    """Begin to connect, and find that the window has nowhere to go."""
    attempt = beginning.begin(desk, INGRID, "late", "instagram").attempt
    assert windows.open_window(desk, INGRID, attempt.key).address is None
    return now(desk, attempt)


def test_a_reconnect_expects_the_same_account_and_proves_its_health(office: Desk, vendors: Sandbox) -> None:
    dead = next(row for row in _accounts(vendors, dead=True) if row["isActive"])
    number = _connection(office, dead)
    assert cached.connections(office.store)[number]["health"] == "broken"
    attempt, token = _opened(office, reconnects=number)
    ended = _back(office, attempt, _consented(vendors, token, account=dead["_id"]))
    assert (ended.state, ended.connection_id) == ("connected", number)
    assert cached.connections(office.store)[number]["health"] == "healthy"


def test_a_reconnect_with_another_account_is_refused_by_name(office: Desk, vendors: Sandbox) -> None:
    dead = next(row for row in _accounts(vendors, dead=True) if row["isActive"])
    before = cached.connections(office.store)[_connection(office, dead)]
    for account in (_accounts(vendors)[0]["_id"], ""):
        attempt, token = _opened(office, reconnects=_connection(office, dead))
        told = _consented(vendors, token, account=account)
        ended = _back(office, attempt, told)
        assert (ended.state, ended.problem, ended.connection_id) == ("wrong_account", "another_account", None)
        assert told["username"].removeprefix("@") in ended.message
        assert dead["username"].removeprefix("@") in ended.message
        assert ("connected now as well" in ended.message) == (account == "")
    assert cached.connections(office.store)[_connection(office, dead)]["health"] == before["health"]


def test_a_reconnect_that_changed_nothing_is_not_connected(office: Desk, vendors: Sandbox) -> None:
    dead = next(row for row in _accounts(vendors, dead=True) if row["isActive"])
    attempt, _ = _opened(office, reconnects=_connection(office, dead))
    asked = _back(office, attempt, {"accountId": dead["_id"]})
    assert (asked.state, "still says" in asked.message) == ("waiting", True)


def test_a_new_account_that_the_health_call_refuses_is_not_connected(office: Desk, vendors: Sandbox) -> None:
    def refused(body: Row) -> Row:
        told = {"tokenValid": False, "needsReconnect": True, "issues": ["The token was revoked."]}
        return {**body, "accounts": [{**row, **told} for row in body["accounts"]]}

    attempt, token = _opened(office)
    vendors.faults.plan("late", "health", kind="transform", change=refused)
    asked = _back(office, attempt, _consented(vendors, token))
    assert (asked.state, "The token was revoked" in asked.message) == ("waiting", True)
    assert flows.check(office, INGRID, attempt.key).state == "connected"


def test_a_vendor_that_is_down_after_the_consent_is_asked_again(office: Desk, vendors: Sandbox) -> None:
    attempt, token = _opened(office)
    told = _consented(vendors, token)
    vendors.faults.plan("late", "accounts", kind="status", status=503, times=2)
    asked = _back(office, attempt, told)
    assert (asked.state, asked.problem) == ("waiting", "vendor_down")
    assert flows.settle_waiting(office) == 1
    assert now(office, attempt).state == "connected"


def test_a_list_that_breaks_off_ends_nothing(office: Desk, vendors: Sandbox) -> None:
    attempt, token = _opened(office)
    _consented(vendors, token)
    vendors.faults.plan("late", "accounts", kind="html")
    assert flows.check(office, INGRID, attempt.key).state == "waiting"


def test_the_documented_contract_is_compared_too(office: Desk, vendors: Sandbox) -> None:
    _documented(office)
    attempt, token = _opened(office)
    assert _consented(vendors, token)["back"] == ""
    ended = flows.check(office, INGRID, attempt.key)
    assert (ended.state, "finds it well" in ended.message) == ("connected", False)


def test_two_people_at_once_end_with_their_own_accounts(office: Desk, vendors: Sandbox) -> None:
    attempt, token = _opened(office)
    other = beginning.begin(office, OLGA, "late", "instagram").attempt
    assert windows.open_window(office, OLGA, other.key).address
    first = _back(office, attempt, _consented(vendors, token))
    assert first.state == "connected"
    assert flows.check(office, OLGA, other.key).state == "waiting"


def test_no_address_key_or_token_is_in_the_story_or_the_trail(office: Desk, vendors: Sandbox) -> None:
    attempt, token = _opened(office)
    _back(office, attempt, _consented(vendors, token))
    told = "".join(event.words for event in events(office, attempt)) + str(now(office, attempt).told)
    with office.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM audit").all()
    for secret in (token, attempt.key, API_KEY):
        assert secret not in told + str(rows)
