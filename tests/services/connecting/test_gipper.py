"""Gipper's form: a result for each account, tokens that live as long as the call, and a list that has the last word."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from data.models import Attempt
from services import audit
from services.connecting import flows, submitting
from services.connecting.gipper import Account, Form
from services.desk import Desk
from services.failures import Forbidden, Misuse
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from services.vendors.gipper import LOCATIONS
from tests import cached
from tests.services.connecting.connecting import ANA, INGRID, MAREK, statement, words

FACEBOOK, TOKEN = "EAAB-the-token-of-a-person", "EAAB-the-token-of-an-account"
NOVA = Account("17841405900000001", "nova.coffee", TOKEN)
LUMA = Account("17841405900000002", "@luma.tea", TOKEN, "https://cdn.example/luma.png")
REFUSED = Account("17841405900000003", "kiosk.refused", TOKEN)
CREATE = "/api/v3/instagram_accounts"


@pytest.fixture
def office(empty: Desk, vendors: Sandbox) -> Desk:
    """A desk that synced Gipper just now."""
    vendors.clock.set(datetime.now(UTC))
    (report,) = sync(empty, ["gipper"], Wish())
    assert report.state == "ok"
    vendors.clear_log()
    return empty


def _form(*accounts: Account, **other: Any) -> Form:
    return Form(FACEBOOK, "100000000000001", accounts or (NOVA,), **other)


def _sent(desk: Desk, *accounts: Account) -> list[Attempt]:
    return submitting.submit(desk, INGRID, "gipper", _form(*accounts))


def _requests(vendors: Sandbox) -> int:
    return sum(entry.path == CREATE for entry in vendors.log)


def test_each_account_ends_by_itself_and_the_connected_ones_are_in_the_cache(office: Desk, vendors: Sandbox) -> None:
    nova, refused, luma = _sent(office, NOVA, REFUSED, LUMA)
    assert [each.state for each in (nova, refused, luma)] == ["connected", "refused", "connected"]
    found = cached.connections(office.store)
    assert [found[each.connection_id or ""]["handle"] for each in (nova, luma)] == ["nova.coffee", "luma.tea"]
    assert ("remove it from your Workspace" in refused.message, "Remove the account" in refused.advice) == (True, True)
    assert (_requests(vendors), audit.verify(office)) == (1, None)
    assert sum(entry.path == "/api/v2/social_accounts" for entry in vendors.log) == 1  # one sync for all of them


def test_every_wrong_field_is_named_and_nothing_leaves(office: Desk, vendors: Sandbox) -> None:
    for hostile in ("'; DROP TABLE attempts; --", "<script> alert(1)", "x" * 10_000, "a\x00b"):
        form = Form(hostile, hostile, (Account(hostile, hostile, hostile, hostile), NOVA, NOVA), hostile)
        with pytest.raises(Misuse) as caught:
            submitting.submit(office, INGRID, "gipper", form)
        account = [f"accounts[0].{name}" for name in ("id", "username", "token", "picture")]
        wrong = {"token", "location", *account, "accounts[2].id"}  # a uid is any text by the document
        assert form.faults().keys() - {"uid"} == wrong
        assert ("uid" in form.faults()) is (len(hostile) > 200 or not hostile.isprintable())
        assert all(f"{name}: " in caught.value.message for name in form.faults())
        assert hostile not in caught.value.message
    assert "accounts" in _form(*[NOVA] * 26).faults()
    assert "accounts" in Form(FACEBOOK, "1" * 15, ()).faults()
    assert [uid for uid in ("FB_UID", "7", "1" * 40) if Form(FACEBOOK, uid, (NOVA,)).faults()] == []
    assert "uid" in Form(FACEBOOK, "", (NOVA,)).faults()
    assert [place for place in LOCATIONS if _form(location=place).faults()] == []
    assert not vendors.log


def test_a_refusal_of_all_masks_the_address_of_whoever_is_to_be_asked(office: Desk) -> None:
    (creator,) = _sent(office, replace(NOVA, username="nova_workspace_creator"))
    assert (creator.state, "e…@…" in creator.message) == ("refused", True)
    assert "example@mail.com" not in words(office, creator) + creator.message
    assert "Ask the person" in creator.advice


@pytest.mark.parametrize("kind", ["hang", "reset"])
def test_an_answer_that_is_lost_is_settled_by_the_list_and_never_sent_twice(
    office: Desk, vendors: Sandbox, kind: str
) -> None:
    vendors.faults.plan("gipper", CREATE, kind=kind, after_effect=True)
    nova, refused = _sent(office, NOVA, REFUSED)
    assert (nova.state, refused.state, refused.problem) == ("connected", "waiting", "unknown_outcome")
    again, luma = _sent(office, REFUSED, LUMA)
    assert (again.id, again.state, luma.state) == (refused.id, "waiting", "connected")
    assert [len(entry.body["ig_accounts"]) for entry in vendors.log if entry.path == CREATE] == [2, 1]


def test_where_only_the_newer_list_is_served_the_user_name_tells(office: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("gipper", CREATE, kind="close", after_effect=True)
    vendors.faults.plan("gipper", "/api/v2/social_accounts", kind="status", status=404, times=None)
    (luma,) = _sent(office, LUMA)
    assert luma.state == "connected"


def test_the_documented_contract_takes_what_was_answered_into_the_cache(office: Desk, vendors: Sandbox) -> None:
    statement(office, "UPDATE sources SET contract = 'documented' WHERE name = 'gipper'")
    before = cached.of_vendor(office.store, "gipper")
    nova, refused = _sent(office, NOVA, REFUSED)
    after = cached.of_vendor(office.store, "gipper")
    assert (nova.state, refused.state) == ("connected", "refused")
    assert after.keys() - before.keys() == {nova.connection_id}
    assert after[nova.connection_id or ""]["external_id"] == NOVA.id
    assert [row for row in after.values() if row["vanished_at"]] == []
    assert {entry.path for entry in vendors.log} == {CREATE}


def test_without_a_list_a_lost_answer_stays_unknown_and_says_so(office: Desk, vendors: Sandbox) -> None:
    statement(office, "UPDATE sources SET contract = 'documented' WHERE name = 'gipper'")
    vendors.faults.plan("gipper", CREATE, kind="hang", after_effect=True)
    (waiting,) = _sent(office, NOVA)
    assert (waiting.state, "no list to ask" in waiting.message) == ("waiting", True)
    assert flows.settle_waiting(office) == 0
    assert _requests(vendors) == 1


def test_only_admins_connect(office: Desk, vendors: Sandbox) -> None:
    for who in (ANA, MAREK):
        with pytest.raises(Forbidden):
            submitting.submit(office, who, "gipper", _form())
    assert not vendors.log


def test_an_account_that_the_list_holds_with_broken_access_is_not_connected(office: Desk, vendors: Sandbox) -> None:
    broken = next(row for row in vendors.gipper.accounts() if not row.get("healthy", True))
    vendors.faults.plan("gipper", CREATE, kind="close")
    (waiting,) = _sent(office, Account(broken["ig_user_id"], broken["ig_user_name"], TOKEN))
    assert (waiting.state, waiting.problem) == ("waiting", "broken")


def test_no_token_is_kept_said_or_shown(office: Desk, vendors: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    echo = {"success": False, "ig_accounts": [], "message": [f"kiosk.refused: the token {TOKEN} of {FACEBOOK} is bad"]}
    vendors.faults.plan("gipper", CREATE, kind="transform", change=lambda _: echo)
    (refused,) = _sent(office, REFUSED)
    assert (refused.state, "is bad" in refused.message) == ("refused", True)
    _sent(office, NOVA)
    tables = ("attempts", "attempt_events", "audit", "connections", "sync_runs", "drift", "changes")
    with office.store.reading() as session:
        rows = [session.connection().exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables]
    told = str(rows) + repr(_form(NOVA, LUMA)) + "".join(capfd.readouterr())
    assert [secret for secret in (TOKEN, FACEBOOK) if secret in told] == []
