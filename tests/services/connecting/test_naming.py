"""The account's id typed by a person, where HighLevel's contract has no list and no message can come."""

from collections.abc import Iterator
from typing import Any

import pytest

from data.models import Attempt
from services import audit
from services.connecting import attempts, flows, naming, windows
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.sandbox import Sandbox
from tests import cached
from tests.services.connecting.connecting import (
    INGRID,
    OLGA,
    change,
    consented,
    events,
    forgotten,
    now,
    opened,
    shared,
    statement,
    words,
)

ACCOUNT = "/social-media-posting/oauth/instagram/accounts/*"


@pytest.fixture(scope="module")
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    yield from shared()


@pytest.fixture
def listless(office: Desk, vendors: Sandbox) -> Desk:
    """A desk whose HighLevel speaks the documented contract and holds nothing yet."""
    forgotten(vendors)
    statement(office, "UPDATE sources SET contract = 'documented' WHERE name = 'highlevel'")
    statement(office, "DELETE FROM connections")
    return office


def _signed_in(desk: Desk, vendors: Sandbox, **aim: Any) -> tuple[Attempt, str]:
    """Consent in a window that can tell nobody, and give the attempt and the id that the sign-in shows."""
    attempt, state = opened(desk, **aim)
    return attempt, consented(vendors, state, alone=True)["accountId"]


def _refused(desk: Desk, attempt: Attempt, typed: str) -> Failure:
    with pytest.raises(Failure) as told:
        naming.named(desk, INGRID, attempt.key, typed)
    assert now(desk, attempt).state == "waiting"
    return told.value


def test_the_id_that_the_sign_in_shows_ends_the_attempt(listless: Desk, vendors: Sandbox) -> None:
    attempt, shown = _signed_in(listless, vendors)
    assert naming.wanted(flows.check(listless, INGRID, attempt.key).problem)
    ended = naming.named(listless, INGRID, attempt.key, f"  {shown}\n")
    assert (ended.state, "list" in ended.message) == ("connected", False)
    (row,) = cached.of_vendor(listless.store, "highlevel").values()
    assert (row["id"], row["extra"]["oauth_id"]) == (ended.connection_id, shown)
    assert shown in words(listless, ended)
    assert audit.verify(listless) is None


@pytest.mark.parametrize(
    "typed", ["", "  ", "../../x", "a b", "x" * 65, "x" * 10_000, "'; DROP TABLE attempts; --", "<b>"]
)
def test_what_is_no_id_asks_nobody(listless: Desk, vendors: Sandbox, typed: str) -> None:
    attempt, _ = opened(listless)
    asked = len(vendors.log)
    assert isinstance(_refused(listless, attempt, typed), Misuse)
    assert len(vendors.log) == asked


def test_an_id_that_highlevel_does_not_know_leaves_the_attempt_open_for_the_right_one(
    listless: Desk, vendors: Sandbox
) -> None:
    attempt, shown = _signed_in(listless, vendors)
    refused = _refused(listless, attempt, "658a9b6833b91e0ecb8f3958")
    assert (refused.kind, "knows no account of that id" in refused.message) == ("unknown_id", True)
    assert "658a9b6833b91e0ecb8f3958" in words(listless, attempt)
    assert naming.named(listless, INGRID, attempt.key, shown).state == "connected"


def test_a_vendor_that_is_down_is_no_answer_about_the_id(listless: Desk, vendors: Sandbox) -> None:
    attempt, shown = _signed_in(listless, vendors)
    vendors.faults.plan("highlevel", ACCOUNT, kind="status", status=503, times=2)
    assert _refused(listless, attempt, shown).kind == "vendor_down"
    assert naming.named(listless, INGRID, attempt.key, shown).state == "connected"


@pytest.mark.parametrize("broken", [False, True])
def test_an_id_that_was_known_before_is_no_success(listless: Desk, vendors: Sandbox, *, broken: bool) -> None:
    first, shown = _signed_in(listless, vendors)
    naming.named(listless, INGRID, first.key, shown)
    statement(listless, "UPDATE connections SET first_seen_at = '2026-01-01 00:00:00.000000'")
    if broken:
        statement(listless, "UPDATE connections SET health = 'broken'")
    again, _ = _signed_in(listless, vendors)
    assert _refused(listless, again, shown).kind == "there_before"
    statement(listless, "UPDATE connections SET id = id || 'x', vendor_id = vendor_id || 'x'")
    assert _refused(listless, again, shown).kind == "there_before", "by the id of its sign-in alone"


def test_a_reconnect_takes_the_expected_account_alone_and_says_what_nobody_proved(
    listless: Desk, vendors: Sandbox
) -> None:
    first, shown = _signed_in(listless, vendors)
    number = naming.named(listless, INGRID, first.key, shown).connection_id
    attempt, state = opened(listless, reconnects=number)
    foreign = consented(vendors, opened(listless, by=OLGA)[1], alone=True)["accountId"]
    refused = _refused(listless, attempt, foreign)
    assert (refused.kind, "stay as they are" in refused.message) == ("wrong_account", True)
    (held,) = [key for key, _ in vendors.highlevel.book.connected("instagram") if key in _attached(vendors)][:1]
    own = consented(vendors, state, account=held)["accountId"]
    ended = naming.named(listless, INGRID, attempt.key, own)
    assert (ended.state, ended.connection_id) == ("connected", number)
    assert "the word of who entered its id" in ended.message


def _attached(vendors: Sandbox) -> list[str]:
    return [row["id"] for row in vendors.highlevel.book._attached]


def test_an_account_of_another_location_or_one_that_is_dead_proves_nothing(listless: Desk, vendors: Sandbox) -> None:
    attempt, shown = _signed_in(listless, vendors)
    for told, kind in (({"locationId": "elsewhere"}, "other_location"), ({"deleted": True}, "still_expired")):
        body = {"success": True, "results": {"_id": "65f2d989a4f2f1e5322c3856", "name": "X", **told}}
        vendors.faults.plan("highlevel", ACCOUNT, kind="status", status=200, body=body)
        refused = _refused(listless, attempt, shown)
        assert (refused.kind, "by itself" in refused.advice) == (kind, False)


def test_nobody_types_for_another_person_nor_where_a_list_tells(listless: Desk, vendors: Sandbox) -> None:
    attempt, shown = _signed_in(listless, vendors)
    with pytest.raises(Forbidden, match="Somebody else"):
        naming.named(listless, OLGA, attempt.key, shown)
    statement(listless, "UPDATE sources SET contract = 'current' WHERE name = 'highlevel'")
    assert isinstance(_refused(listless, attempt, shown), Misuse)
    attempts.cancel(listless, INGRID, attempt.key)
    statement(listless, "UPDATE sources SET contract = 'documented' WHERE name = 'highlevel'")
    with pytest.raises(Failure, match="No id is waited for"):
        naming.named(listless, INGRID, attempt.key, shown)


def test_a_window_that_closed_without_a_list_leaves_the_time_to_type(listless: Desk) -> None:
    attempt, _ = opened(listless)
    ends = now(listless, attempt).ends_at
    found = windows.closed(listless, INGRID, attempt.key)
    assert (found.state, found.problem, found.ends_at) == ("waiting", "no_message", ends)
    assert ("asked" in found.message, "enter the account's id" in found.advice) == (False, True)
    change(listless, attempt, ends_at=found.began_at)
    assert attempts.expire(listless) == 1
    ended = now(listless, attempt)
    assert (ended.state, ended.problem, "list" in ended.message) == ("cancelled", "closed", False)
    assert not [event for event in events(listless, ended) if "list" in event.words]
