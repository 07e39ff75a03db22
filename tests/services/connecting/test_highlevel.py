"""HighLevel in a window: the page asked for once, the message believed only by the API, the list as the last word."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data.models import Attempt
from data.queries import accounts, timeline
from services import audit
from services.access import SYSTEM
from services.connecting import attempts, confirming, flows, highlevel, messages, windows
from services.connecting.highlevel_words import wrong
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.conftest import SHORT
from tests.services.connecting.connecting import (
    ANA,
    INGRID,
    MAREK,
    OLGA,
    begun,
    change,
    consented,
    events,
    forgotten,
    heard,
    lapsed,
    now,
    offered,
    opened,
    shared,
    starts,
    statement,
    words,
)


@pytest.fixture(scope="module")
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    yield from shared()


@pytest.fixture(autouse=True)
def _fresh(vendors: Sandbox) -> None:
    forgotten(vendors)


def _chosen(desk: Desk, vendors: Sandbox) -> Any:
    """Connect the second of the offered accounts, which are told apart by their pages."""
    attempt, state = opened(desk)
    asked = heard(desk, attempt, consented(vendors, state))
    assert (asked.state, asked.problem) == ("waiting", "choose")
    assert all(" · Facebook page " in each["name"] for each in (asked.told or {})["offered"])
    return messages.choose(desk, INGRID, attempt.key, offered(asked)[1])


def test_a_consent_and_a_choice_end_in_a_connection_that_the_cache_holds(office: Desk, vendors: Sandbox) -> None:
    before = cached.of_vendor(office.store, "highlevel")
    ended = _chosen(office, vendors)
    assert (ended.state, ended.account) == ("connected", "@fell.outlet")
    new = cached.of_vendor(office.store, "highlevel").keys() - before.keys()
    assert new == {ended.connection_id}
    assert [event.after for event in events(office, ended)][-1] == "connected"
    assert starts(vendors) == 1
    assert audit.verify(office) is None


@pytest.mark.parametrize("page", ["social_media_posting", "social-media-posting"])
def test_both_spellings_of_the_page_are_heard(office: Desk, vendors: Sandbox, page: str) -> None:
    attempt, state = opened(office)
    assert heard(office, attempt, consented(vendors, state) | {"page": page}).problem == "choose"


def test_the_same_message_twice_is_heard_once(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    message = consented(vendors, state)
    first, second = heard(office, attempt, message), heard(office, attempt, message)
    assert (first.problem, second.problem) == ("choose", "choose")
    assert sum(event.by == "message" and "is done" in event.words for event in events(office, attempt)) == 1


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "close",
        [],
        {"page": "other", "accountId": "658a9b6833b91e0ecb8f3958"},
        {"page": "social_media_posting", "accountId": "../../x"},
        {"page": "social_media_posting", "accountId": "x" * 10_000},
        {"page": "social_media_posting", "accountId": "'; DROP TABLE attempts; --"},
        {"page": "social_media_posting", "accountId": {"$ne": 1}},
        {"page": "social_media_posting", "accountId": None},
        {"page": "social_media_posting", "accountId": "658a9b6833b91e0ecb8f3958", "platform": "facebook"},
        {"page": "social_media_posting", "platform": "<img src=x onerror=alert(1)>", "accountId": "abc"},
    ],
)
def test_what_is_no_message_of_the_sign_in_changes_nothing(office: Desk, vendors: Sandbox, forged: Any) -> None:
    attempt, _ = opened(office)
    asked = len(vendors.log)
    heard(office, attempt, forged)
    heard(office, attempt, forged)
    found = now(office, attempt)
    assert (found.state, found.returned_at, (found.told or {})["ignored"]) == ("waiting", None, 2)
    assert len(vendors.log) == asked
    assert sum("ignored" in event.words for event in events(office, attempt)) == 1


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1", "https://app.gohighlevel.com.evil.example"]
)
def test_a_message_of_another_origin_changes_nothing(office: Desk, vendors: Sandbox, origin: str) -> None:
    attempt, state = opened(office)
    found = heard(office, attempt, consented(vendors, state), origin=origin)
    assert (found.state, found.returned_at) == ("waiting", None)


def test_an_account_that_highlevel_does_not_know_is_refused(office: Desk) -> None:
    attempt, _ = opened(office)
    forged = {"page": "social_media_posting", "platform": "instagram", "accountId": "658a9b6833b91e0ecb8f3958"}
    found = heard(office, attempt, forged)
    assert found.state == "refused"
    assert "could not" in found.message


def test_a_second_account_in_a_later_message_is_ignored(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    message = consented(vendors, state)
    heard(office, attempt, message)
    heard(office, attempt, message | {"accountId": "658a9b6833b91e0ecb8f3958"})
    assert (now(office, attempt).told or {})["account_id"] == message["accountId"]


def test_another_person_can_neither_open_nor_speak_for_an_attempt(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    for act in (
        lambda: windows.open_window(office, OLGA, attempt.key),
        lambda: heard(office, attempt, consented(vendors, state), by=OLGA),
        lambda: flows.check(office, OLGA, attempt.key),
        lambda: attempts.cancel(office, OLGA, attempt.key),
    ):
        with pytest.raises(Forbidden, match="Somebody else"):
            act()
    assert now(office, attempt).state == "waiting"


@pytest.mark.parametrize("actor", [ANA, MAREK])
def test_who_may_not_connect_is_refused_by_the_service(office: Desk, actor: Any) -> None:
    with pytest.raises(Forbidden, match="may not connect"):
        begun(office, by=actor)


def test_the_window_asks_once_whatever_is_reloaded(office: Desk, vendors: Sandbox) -> None:
    attempt = begun(office)
    first = windows.open_window(office, INGRID, attempt.key)
    assert {windows.open_window(office, INGRID, attempt.key).address for _ in range(3)} == {first.address}
    assert starts(vendors) == 1
    assert "state=" not in repr(now(office, attempt).told)
    (entry,) = [each for each in vendors.log if each.path.endswith("/start")]
    assert {"locationId", "userId", "page"} <= set(entry.query)


@pytest.mark.parametrize(
    ("fault", "problem", "says"),
    [
        (
            {"kind": "status", "status": 401, "body": {"statusCode": 401, "message": "Invalid token"}},
            "unauthorised",
            "Invalid token",
        ),
        (
            {"kind": "status", "status": 400, "body": {"statusCode": 400, "message": "Bad Request"}},
            "rejected",
            "Bad Request",
        ),
        (
            {"kind": "status", "status": 422, "body": {"statusCode": 422, "message": ["userId must be a string"]}},
            "rejected",
            "userId",
        ),
        ({"kind": "status", "status": 502}, "vendor_down", "502"),
        ({"kind": "hang"}, "timeout", "in time"),
        ({"kind": "redirect", "to": "http://evil.example/x"}, "unexpected_answer", "not allowed"),
        ({"kind": "redirect", "to": "javascript:alert(1)"}, "unexpected_answer", "not allowed"),
    ],
)
def test_each_bad_answer_of_the_start_ends_in_its_own_words(
    office: Desk, vendors: Sandbox, fault: dict[str, Any], problem: str, says: str
) -> None:
    vendors.faults.plan("highlevel", START_OPERATION, **fault)
    office, attempt = replace(office, timing=SHORT), begun(office)
    told = windows.open_window(office, INGRID, attempt.key)
    assert (told.address, told.attempt.state, told.attempt.problem) == (None, "refused", problem)
    assert says in told.attempt.message
    assert told.attempt.advice
    assert "by itself" not in told.attempt.advice
    assert windows.open_window(office, INGRID, attempt.key).address is None
    assert starts(vendors) == 1


START_OPERATION = "/social-media-posting/oauth/instagram/start"


@pytest.mark.parametrize(
    ("mode", "state", "says"),
    [("html", "refused", "permission"), ("document", "refused", "could not"), ("url", "waiting", "window is open")],
)
def test_a_start_without_a_redirect_is_understood(
    office: Desk, vendors: Sandbox, mode: str, state: str, says: str
) -> None:
    vendors.highlevel.start_mode = mode
    attempt = begun(office)
    told = windows.open_window(office, INGRID, attempt.key)
    assert (told.attempt.state, told.address is None) == (state, mode != "url")
    assert says in told.attempt.message


def test_the_signed_state_of_the_consent_page_lies_nowhere_in_clear(
    office: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    attempt, state = opened(office)
    path = office.store.path
    assert path is not None
    kept = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    assert attempt.key.encode() in kept
    assert state.encode() not in kept
    told = capfd.readouterr()
    assert state not in told.out + told.err + repr(windows.open_window(office, INGRID, attempt.key).attempt)


def test_a_vendor_that_is_down_after_the_consent_is_asked_again_by_a_job(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    vendors.faults.plan("highlevel", "/social-media-posting/*/accounts/*", kind="status", status=503, times=2)
    found = heard(office, attempt, consented(vendors, state, account=""))
    assert (found.state, found.problem) == ("waiting", "vendor_down")
    assert "can't be confirmed now" in found.message
    assert flows.settle_waiting(office) == 0
    assert now(office, attempt).problem == "choose"
    assert messages.choose(office, INGRID, attempt.key, offered(now(office, attempt))[0]).state == "connected"


def test_an_attach_whose_answer_is_lost_is_not_repeated_but_found_in_the_list(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    asked = heard(office, attempt, consented(vendors, state))
    vendors.faults.plan(
        "highlevel", "/social-media-posting/*/accounts/*", method="POST", kind="reset", after_effect=True
    )
    found = messages.choose(office, INGRID, attempt.key, offered(asked)[0])
    assert (found.state, found.problem) == ("waiting", "unknown_outcome")
    assert flows.check(office, INGRID, attempt.key).state == "connected"
    assert sum(entry.method == "POST" for entry in vendors.log) == 1


def test_two_tabs_that_choose_at_once_attach_once(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    number = offered(heard(office, attempt, consented(vendors, state)))[0]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: messages.choose(office, INGRID, attempt.key, number), range(4)))
    assert flows.check(office, INGRID, attempt.key).state == "connected"
    assert sum(entry.method == "POST" for entry in vendors.log) == 1


def test_a_source_without_a_user_says_so_before_anything_leaves(office: Desk, vendors: Sandbox) -> None:
    with office.store.writing() as session:
        given = {"location_id": "loc", "user_id": ""}
        sealed = office.vault.seal({"token": "fake"}, row="source 1 highlevel https://127.0.0.1:9")
        session.connection().exec_driver_sql(
            "UPDATE sources SET origin = 'added', base_url = 'https://127.0.0.1:9', options = ?, secret = ?"
            " WHERE id = 1 AND vendor = 'highlevel'",
            (json.dumps(given), sealed),
        )
    found = windows.open_window(office, INGRID, begun(office).key).attempt
    assert (found.state, found.problem) == ("refused", "settings")
    assert "PATCHBAY_HIGHLEVEL__USER_ID" in found.advice
    assert vendors.log == []


def test_an_account_that_was_connected_before_is_no_success(office: Desk, vendors: Sandbox) -> None:
    known = vendors.highlevel.book.connected("instagram")[0][0]
    attempt, state = opened(office)
    found = heard(office, attempt, consented(vendors, state, account=known))
    assert (found.state, found.problem) == ("refused", "there_before")
    assert "was connected before" in found.message


def test_a_window_of_another_tab_is_finished_by_comparing_the_list(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    assert flows.check(office, INGRID, attempt.key).state == "waiting"
    message = consented(vendors, state)
    (offer, *_) = vendors.highlevel.book.available(message["accountId"]) or ()
    vendors.highlevel.book.attach(message["accountId"], "instagram", offer["pageId"])
    found = flows.check(office, INGRID, attempt.key)
    assert (found.state, found.account) == ("connected", "@fjordandfell.studio")


def test_a_tab_without_an_opener_is_finished_by_the_job(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    asked = len(vendors.log)
    assert flows.settle_waiting(office) == 0
    assert flows.settle_waiting(office) == 0
    assert len(vendors.log) == asked + 1, "each attempt has its pace"
    consented(vendors, state, alone=True)
    flows._asked.keep([])
    assert flows.settle_waiting(office) == 1
    assert now(office, attempt).account == "@fjordandfell.studio"


def test_a_source_that_is_down_is_asked_once_for_all_its_attempts(office: Desk, vendors: Sandbox) -> None:
    found = [opened(office, by=person)[0] for person in (INGRID, OLGA)]
    vendors.clear_log()
    vendors.faults.plan("highlevel", "accounts", kind="status", status=503, times=2)
    assert flows.settle_waiting(office) == 0
    assert {entry.path.rpartition("/")[2] for entry in vendors.log} == {"accounts"}
    assert len(vendors.log) == 2, "one question, tried twice"
    assert {now(office, each).state for each in found} == {"waiting"}


def test_one_new_account_ends_one_attempt_only(office: Desk, vendors: Sandbox) -> None:
    first, state = opened(office)
    second, _ = opened(office, by=OLGA)
    message = consented(vendors, state)
    (offer, *_) = vendors.highlevel.book.available(message["accountId"]) or ()
    vendors.highlevel.book.attach(message["accountId"], "instagram", offer["pageId"])
    assert flows.check(office, INGRID, first.key).state == "connected"
    assert flows.check(office, OLGA, second.key).state == "waiting"


def test_of_two_attempts_that_see_a_new_account_at_once_one_is_connected(office: Desk, vendors: Sandbox) -> None:
    pair = [now(office, opened(office, by=person)[0]) for person in (INGRID, OLGA)]
    message = consented(vendors, opened(office, by=SYSTEM)[1])
    (offer, *_) = vendors.highlevel.book.available(message["accountId"]) or ()
    vendors.highlevel.book.attach(message["accountId"], "instagram", offer["pageId"])
    source = confirming.source_of(office, pair[0])
    seen = [(attempt, highlevel.judge(office, attempt, source)) for attempt in pair]
    ended = [confirming.conclude(office, attempt, source, verdict, by="list") for attempt, verdict in seen if verdict]
    assert [attempt.state for attempt in ended] == ["connected", "waiting"]


def _reconnecting(desk: Desk, vendors: Sandbox) -> tuple[Any, str, dict[str, Any]]:
    row = lapsed(desk, vendors)[0]
    number = cached.source(desk.store, "highlevel")["id"]
    attempt, state = opened(desk, reconnects=f"{number}-n-{row['id']}")
    return attempt, state, row


def test_a_reconnect_of_the_expected_account_is_proved_by_the_list(office: Desk, vendors: Sandbox) -> None:
    attempt, state, row = _reconnecting(office, vendors)
    assert cached.connections(office.store)[attempt.reconnects]["health"] == "broken"
    message = consented(vendors, state, account=row["id"])
    ended = heard(office, attempt, message)
    assert (ended.state, ended.connection_id) == ("connected", attempt.reconnects)
    assert cached.connections(office.store)[attempt.reconnects]["health"] == "healthy"
    (left,) = ended.remaining or ()
    assert cached.connections(office.store)[left]["health"] == "broken"


def test_a_reconnect_that_hits_another_account_is_refused_by_name(office: Desk, vendors: Sandbox) -> None:
    attempt, state, row = _reconnecting(office, vendors)
    other = next(each for each in vendors.highlevel.book.accounts() if not each["isExpired"])
    before = cached.of_vendor(office.store, "highlevel")
    ended = heard(office, attempt, consented(vendors, state, account=other["id"]))
    assert (ended.state, ended.connection_id) == ("wrong_account", None)
    assert other["name"] in ended.message
    assert row["meta"]["username"].rsplit("/", 1)[-1] in ended.message
    assert cached.of_vendor(office.store, "highlevel") == before


def test_a_reconnect_that_changed_nothing_is_not_called_connected(office: Desk, vendors: Sandbox) -> None:
    attempt, state, row = _reconnecting(office, vendors)
    message = consented(vendors, state, account=row["id"])
    lapsed(office, vendors)
    found = heard(office, attempt, message)
    assert (found.state, found.problem) == ("waiting", "still_expired")
    change(office, attempt, returned_at=datetime.now(UTC) - timedelta(minutes=1))
    ended = flows.check(office, INGRID, attempt.key)
    assert (ended.state, ended.problem) == ("refused", "still_expired")


def test_a_reconnect_in_another_tab_is_seen_in_the_list(office: Desk, vendors: Sandbox) -> None:
    attempt, state, row = _reconnecting(office, vendors)
    consented(vendors, state, account=row["id"])
    assert flows.check(office, INGRID, attempt.key).state == "connected"


def test_access_that_had_not_ended_is_seen_to_be_renewed_in_another_tab(office: Desk, vendors: Sandbox) -> None:
    book = vendors.highlevel.book
    number, _ = book.connected("instagram")[0]
    book._renewed[number] = vendors.clock.now() - timedelta(days=57)
    sync(office, ["highlevel"])
    source = cached.source(office.store, "highlevel")["id"]
    attempt, state = opened(office, reconnects=f"{source}-n-{number}")
    assert cached.connections(office.store)[attempt.reconnects]["health"] == "expiring"
    assert flows.check(office, INGRID, attempt.key).state == "waiting"
    consented(vendors, state, account=number)
    assert flows.check(office, INGRID, attempt.key).state == "connected"
    assert cached.connections(office.store)[attempt.reconnects]["health"] == "healthy"


def test_by_the_documented_contract_the_account_call_is_the_proof(office: Desk, vendors: Sandbox) -> None:
    statement(office, "UPDATE sources SET contract = 'documented' WHERE name = 'highlevel'")
    statement(office, "DELETE FROM connections")
    attempt, state = opened(office)
    message = consented(vendors, state)
    ended = heard(office, attempt, message)
    assert ended.state == "connected"
    (row,) = cached.of_vendor(office.store, "highlevel").values()
    assert (row["id"], row["extra"]["oauth_id"]) == (ended.connection_id, message["accountId"])
    (report,) = sync(office, ["highlevel"])
    assert (report.state, report.seen, report.vanished) == ("ok", 1, 0)
    assert not [entry for entry in vendors.log if entry.path.endswith("locSandboxFjordFell/accounts")]


def test_by_the_documented_contract_nobody_is_said_to_be_asked_when_there_is_no_message(office: Desk) -> None:
    statement(office, "UPDATE sources SET contract = 'documented' WHERE name = 'highlevel'")
    attempt, _ = opened(office)
    found = flows.check(office, INGRID, attempt.key)
    assert (found.state, found.problem, flows.check(office, INGRID, attempt.key)) == ("waiting", "no_message", found)
    assert [event.by for event in events(office, found)][-1] == "Patchbay"


def test_another_account_of_the_same_name_is_called_another_one() -> None:
    attempt = Attempt(source_id=1, expects={"name": "Fell"})
    assert "another account of that name" in wrong(attempt, attempts.named(attempt.expects)).message


def test_by_the_documented_contract_an_account_of_before_is_no_success_and_the_rest_is_kept(
    office: Desk, vendors: Sandbox
) -> None:
    statement(office, "UPDATE sources SET contract = 'documented' WHERE name = 'highlevel'")
    statement(office, "DELETE FROM connections")
    attempt, state = opened(office)
    message = consented(vendors, state)
    first = heard(office, attempt, message)
    statement(office, "UPDATE connections SET first_seen_at = '2026-01-01 00:00:00.000000'")
    again = heard(office, opened(office)[0], message)
    assert (first.state, again.state, again.problem) == ("connected", "refused", "there_before")

    renewed = heard(office, opened(office, reconnects=first.connection_id)[0], message)
    assert (renewed.state, renewed.remaining) == ("connected", [])
    statement(office, "UPDATE connections SET id = id || 'x', vendor_id = vendor_id || 'x'")
    other = heard(office, opened(office)[0], {**message, "reconnectAccounts": [message["accountId"], "unknown"]})
    assert other.remaining == [f"{first.connection_id}x"]


@pytest.mark.parametrize(
    "fault",
    [{"status": 403, "body": {"message": "The token is not authorized for this scope."}}, {"status": 200, "body": {}}],
)
def test_a_list_that_cannot_be_read_is_no_answer_about_the_account(
    office: Desk, vendors: Sandbox, fault: dict[str, Any]
) -> None:
    attempt, state = opened(office)
    message = consented(vendors, state)
    waiting = heard(office, attempt, message)
    vendors.faults.plan("highlevel", "/social-media-posting/locSandboxFjordFell/accounts", kind="status", **fault)
    held = messages.choose(office, INGRID, attempt.key, offered(waiting)[0])
    assert (held.state, "can't be confirmed now" in held.message) == ("waiting", True)
    assert flows.check(office, INGRID, attempt.key).state == "connected"


def test_an_attach_that_was_not_taken_ends_and_is_not_called_asked(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    waiting = heard(office, attempt, consented(vendors, state))
    path = "/social-media-posting/*/accounts/*"
    vendors.faults.plan("highlevel", path, method="POST", kind="status", status=429, body={}, no_effect=True)
    ended = messages.choose(office, INGRID, attempt.key, offered(waiting)[0])
    assert (ended.state, ended.problem, "Nothing was connected" in ended.advice) == ("refused", "rate_limited", True)


def test_an_account_of_another_location_is_refused(office: Desk, vendors: Sandbox) -> None:
    statement(office, "UPDATE sources SET contract = 'documented' WHERE name = 'highlevel'")
    attempt, state = opened(office)
    message = consented(vendors, state)
    foreign = {"success": True, "results": {"_id": "65f2d989a4f2f1e5322c3856", "locationId": "elsewhere", "name": "X"}}
    vendors.faults.plan(
        "highlevel", "/social-media-posting/oauth/instagram/accounts/*", kind="status", status=200, body=foreign
    )
    ended = heard(office, attempt, message)
    assert (ended.state, ended.problem) == ("refused", "other_location")


def test_a_closed_window_is_no_failure_until_the_list_had_its_time(office: Desk) -> None:
    attempt, _ = opened(office)
    change(office, attempt, changed_at=datetime.now(UTC) - timedelta(minutes=1))
    found = windows.closed(office, INGRID, attempt.key)
    assert found.state == "waiting"
    assert "was closed" in found.message
    change(office, attempt, ends_at=datetime.now(UTC) - timedelta(seconds=1))
    assert attempts.expire(office) == 1
    ended = now(office, attempt)
    assert (ended.state, ended.problem) == ("cancelled", "closed")


def test_a_window_that_its_vendor_cut_off_still_ends_well(office: Desk, vendors: Sandbox) -> None:
    attempt, state, row = _reconnecting(office, vendors)
    found = windows.closed(office, INGRID, attempt.key)
    assert "can't see" in found.message
    consented(vendors, state, account=row["id"])
    assert flows.settle_waiting(office) == 1
    assert now(office, attempt).state == "connected"


def test_a_blocked_window_ends_a_fresh_attempt_and_no_open_one(office: Desk) -> None:
    attempt = begun(office)
    assert windows.blocked(office, INGRID, attempt.key).state == "blocked"
    other, _ = opened(office)
    assert windows.blocked(office, INGRID, other.key).state == "waiting"


def test_what_comes_after_the_end_moves_nothing_and_is_kept(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    attempts.cancel(office, INGRID, attempt.key)
    assert heard(office, attempt, consented(vendors, state)).state == "cancelled"
    assert flows.check(office, INGRID, attempt.key).state == "cancelled"
    assert windows.open_window(office, INGRID, attempt.key).address is None
    assert "ignored" in words(office, attempt)
    assert "address" not in (now(office, attempt).told or {})


def test_an_unoffered_account_can_not_be_chosen(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    heard(office, attempt, consented(vendors, state))
    with pytest.raises(Misuse, match="not offered"):
        messages.choose(office, INGRID, attempt.key, "17841400000000000")
    attempts.cancel(office, INGRID, attempt.key)
    with pytest.raises(Failure, match="has ended"):
        messages.choose(office, INGRID, attempt.key, "17841400000000000")


def test_a_source_that_is_switched_off_meanwhile_is_said_and_asked_for_nothing(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    believed = messages.origins_of(office, attempt.key)
    statement(office, "UPDATE sources SET enabled = 0 WHERE name = 'highlevel'")
    assert messages.origins_of(office, attempt.key) == believed
    vendors.clear_log()
    with pytest.raises(Failure, match="is off"):
        heard(office, attempt, consented(vendors, state))
    assert (flows.check(office, INGRID, attempt.key).problem, vendors.log) == ("source_off", [])


def test_the_origins_are_those_of_the_settings_or_of_the_platform(office: Desk) -> None:
    source = cached.source_row(office.store, "highlevel")
    (own,) = messages.origins(source)
    assert own.startswith("http://127.0.0.1:")
    source.origin, source.base_url = "added", "https://api.example/v1"
    assert messages.origins(source)[0] == "https://api.example"
    assert "https://app.gohighlevel.com" in messages.origins(source)
    source.options = {"message_origins": "https://one.example/, https://TWO.example:8443"}
    assert messages.origins(source) == ("https://one.example", "https://two.example:8443")


def test_an_accounts_timeline_tells_each_attempt_about_it(office: Desk, vendors: Sandbox) -> None:
    wrong, state, row = _reconnecting(office, vendors)
    other = next(each for each in vendors.highlevel.book.accounts() if not each["isExpired"])
    heard(office, wrong, consented(vendors, state, account=other["id"]))
    good, state = opened(office, reconnects=wrong.reconnects)
    heard(office, good, consented(vendors, state, account=row["id"]))
    with office.store.reading() as session:
        members = accounts.members(session, str(wrong.reconnects))
        found = timeline.newest(session, members, until=datetime.now(UTC), limit=30, group=timeline.Group.SOURCES)
    told = [(each.attempt.id, each.attempt.state) for each in found.entries if each.attempt]
    assert sorted(told) == [(wrong.id, "wrong_account"), (good.id, "connected")]
