"""Deciding cases: who may, in which order, what leaves, and what the vendor's answer makes of it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from data import trail
from data.store import now
from data.types import CaseState, Role, Rule
from services import audit, people
from services.access import SYSTEM, Actor
from services.approvals import asking, decisions, own, rules, story
from services.approvals.asking import Wish
from services.approvals.typed import Account
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.reports import Wish as Asked
from services.sandbox import Sandbox
from services.sandbox.zocial import TOKEN
from services.sandbox.zocial_rows import Claim
from services.sync import sync
from tests import cached
from tests.services.approvals.approving import (
    INGRID,
    MAREK,
    NOVA,
    OLGA,
    approved,
    asked,
    case,
    events,
    later,
    of_late,
    opened_for,
    pending,
    sent,
    steps,
    without,
    write,
)
from tests.services.conftest import NOON


def _trail(desk: Desk, count: int) -> list[tuple[str, str, str]]:
    with desk.store.reading() as session:
        return [(row.actor, row.action, row.outcome) for row in reversed(trail.newest(session, count))]


def test_an_approved_case_is_sent_once_and_ends_with_the_vendors_word(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)

    outcome = approved(office, number)

    assert (outcome.state, outcome.ok) == (CaseState.SUBMITTED, True)
    assert sent(vendors) == [
        {
            "network_type": "instagram",
            "network_id": "nova.coffee",
            "network_url": "https://instagram.com/nova.coffee",
            "followers": 5000,
            "category": "coffee",
        }
    ]
    assert case(office, number).approval_id == 789
    later(office, vendors)
    found = case(office, number)
    assert (found.state, found.decision, found.vendor_word, found.decided_by) == (
        "accepted",
        "approved",
        "accepted",
        "ingrid",
    )
    assert steps(office, number)[:4] == [
        ("marek", "requested"),
        ("ingrid", "approved"),
        ("ingrid", "submitting"),
        ("ingrid", "submitted"),
    ]
    assert audit.verify(office) is None
    assert len(sent(vendors)) == 1


def test_a_typed_in_case_gets_its_connection_as_soon_as_zocial_lists_it(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    assert case(office, number).connection_id is None
    approved(office, number)
    later(office, vendors, minutes=0)
    found = case(office, number)
    assert found.state == "submitted"
    row = cached.connections(office.store)[found.connection_id or ""]
    assert (row["handle"], row["platform"], row["source_id"]) == ("nova.coffee", "instagram", found.source_id)
    write(office.store, f"UPDATE connections SET extra = '{{\"user_id\": 999}}' WHERE id = '{row['id']}'")
    later(office, vendors, minutes=0)
    again = case(office, number)
    assert (again.state, (again.difference or {}).get("owner")) == ("requested", [found.owner, "999"])


def test_only_what_zocial_names_is_sent_there(office: Desk, vendors: Sandbox) -> None:
    number = asked(office, Account("google", "nova.coffee", "https://g.page/nova.coffee"))
    with pytest.raises(Failure, match="takes no accounts of google"):
        approved(office, number)
    assert (case(office, number).state, sent(vendors)) == ("requested", [])


def test_a_connection_of_another_vendor_goes_to_zocial_as_it_was_pinned(office: Desk, vendors: Sandbox) -> None:
    row = of_late(office.store)
    number = asking.request(office, MAREK, row["id"], Wish("For the spring launch.")).case

    approved(office, number)

    (body,) = sent(vendors)
    assert (body["network_id"], body["network_type"]) == (row["handle"], row["platform"])
    pinned = events(office, number)[1].evidence
    assert pinned is not None
    assert (pinned["handle"], pinned["followers"]) == (row["handle"], row["followers"])
    assert [each["source"] for each in pinned["sources"]] == ["late"]


def _of_highlevel(desk: Desk, *, known: bool) -> dict[str, Any]:
    """Give an account that HighLevel tells the platform's own id of, and that Zocial knows as well, or does not."""
    theirs = cached.of_vendor(desk.store, "zocial").values()
    numbers = {row["account"] for row in theirs if row["status"] == "accepted" and row["kind"] == "network"}
    return next(
        row
        for row in cached.of_vendor(desk.store, "highlevel").values()
        if row["external_id"] != row["handle"] and row["status"] == "accepted"
        if (row["account"] in numbers - {None}) is known and (known or row["account"] is None)
    )


def test_the_platforms_own_id_goes_to_zocial_where_a_source_tells_one(office: Desk, vendors: Sandbox) -> None:
    row = _of_highlevel(office, known=False)
    number = asking.request(office, MAREK, row["id"]).case

    approved(office, number)

    (body,) = sent(vendors)
    assert (body["network_id"], body["network_url"]) == (
        row["external_id"],
        row["url"] or f"https://www.instagram.com/{row['handle']}",
    )
    pinned = events(office, number)[1].evidence
    assert pinned is not None
    assert (pinned["external_id"], pinned["handle"]) == (row["external_id"], row["handle"])
    later(office, vendors)
    found = case(office, number)
    assert (found.state, found.connection_id) == ("accepted", row["id"])
    listed = cached.connections(office.store)[found.listed_id or ""]
    assert listed["external_id"] == row["external_id"]


def test_an_account_that_zocial_lists_goes_there_as_zocial_lists_it(office: Desk, vendors: Sandbox) -> None:
    row = _of_highlevel(office, known=True)
    number = asking.request(office, MAREK, row["id"]).case
    assert approved(office, number).state is CaseState.ACCEPTED  # it is connected already, and not listed twice
    assert [body["network_id"] for body in sent(vendors)] == [row["handle"]]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (
            403,
            {"error": "network_limit_reached", "message": "Maximum number of networks reached"},
            "network_limit_reached",
        ),
        (403, {"error": "permission_denied", "message": "You may not"}, "permission_denied"),
        (400, {"error": "validation_error", "message": "Invalid", "field": "network_url"}, "validation_error"),
        (200, {"error": "invalid_access_token", "message": "Expired"}, "invalid_access_token"),
        (429, {"error": "slow_down", "message": "Too many requests"}, "slow_down"),
        (200, {"error": "brand_new_code", "message": "What is this"}, "brand_new_code"),
    ],
)
def test_a_refusal_ends_the_case_with_the_code_and_what_to_do(
    office: Desk, vendors: Sandbox, status: int, body: dict[str, str], code: str
) -> None:
    number = asked(office)
    vendors.faults.plan("zocial", "approval", kind="status", status=status, body=body)

    outcome = approved(office, number)

    assert (outcome.state, outcome.ok) == (CaseState.REFUSED, False)
    assert outcome.advice.endswith("A refused case is at its end: request the account anew.")
    assert "by itself when" not in outcome.advice  # nothing of a case is tried again by itself
    assert body.get("field", "") in outcome.message
    found = case(office, number)
    assert (found.code, found.code_field) == (code, body.get("field"))
    assert body["message"] in (found.answer or "")
    assert _trail(office, 1) == [("ingrid", "case.send", "refused")]
    assert len(sent(vendors)) == 1
    assert asked(office) == number + 1  # what was refused may be requested anew


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "hang", "after_effect": True},
        {"kind": "reset", "after_effect": True},
        {"kind": "status", "status": 502, "after_effect": True},
        {"kind": "empty_body", "status": 200},
    ],
)
def test_what_the_vendor_took_and_did_not_confirm_is_settled_by_its_list(
    office: Desk, vendors: Sandbox, fault: dict[str, Any]
) -> None:
    number = asked(office)
    vendors.faults.plan("zocial", "approval", **fault)

    outcome = approved(office, number)

    assert (outcome.state, outcome.kind) == (CaseState.UNKNOWN, "unknown")
    with pytest.raises(Failure, match="is unknown"):
        approved(office, number, by=OLGA)
    later(office, vendors, minutes=0)
    assert case(office, number).state in {"submitted", "accepted"}
    later(office, vendors)
    assert case(office, number).state == "accepted"
    assert len(sent(vendors)) == 1


def test_what_never_reached_the_vendor_comes_back_to_be_decided(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    vendors.faults.plan("zocial", "approval", kind="hang")
    approved(office, number)

    later(office, vendors)

    found = case(office, number)
    assert (found.state, found.decision) == ("requested", None)
    assert found.difference == {"listed": [None, False]}
    assert approved(office, number).state is CaseState.SUBMITTED


def test_what_zocial_calls_connected_and_does_not_list_comes_back(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    body = {"error": "network_already_connected", "message": "This network is already connected to your account"}
    vendors.faults.plan("zocial", "approval", kind="status", status=400, body=body)
    vendors.faults.plan("zocial", "networks", **without(NOVA.handle))
    outcome = approved(office, number)
    assert (outcome.kind, outcome.ok, case(office, number).state) == ("came_back", False, "requested")
    assert "though it says that it is connected already" in (events(office, number)[-1].reason or "")
    assert len(sent(vendors)) == 1


def test_a_list_that_was_not_read_to_its_end_settles_nothing(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    vendors.faults.plan("zocial", "approval", kind="status", status=502)
    approved(office, number)
    vendors.faults.plan("zocial", "networks", kind="status", status=400)
    later(office, vendors)
    assert case(office, number).state == "unknown"


def test_what_is_connected_already_is_settled_from_the_list_at_once(office: Desk, vendors: Sandbox) -> None:
    zocial = cached.of_vendor(office.store, "zocial").values()
    row = next(each for each in zocial if each["kind"] == "network" and each["status"] == "accepted")
    number = asking.request(office, MAREK, row["id"]).case

    outcome = approved(office, number)

    assert (outcome.state, outcome.ok) == (CaseState.ACCEPTED, True)
    assert case(office, number).code == "network_already_connected"
    assert len(sent(vendors)) == 1


def test_a_network_that_zocial_lists_as_pending_opens_one_case_by_itself(office: Desk, vendors: Sandbox) -> None:
    row = pending(office.store)
    number = opened_for(office, row["id"])
    found = case(office, number)
    assert (found.requested_by, found.listed_id, found.vendor_word) == ("system", row["id"], "pending")
    later(office, vendors, minutes=1)
    assert opened_for(office, row["id"]) == number
    assert approved(office, number).state is CaseState.SUBMITTED


def test_a_declined_pending_network_is_not_asked_for_again_by_each_sync(office: Desk, vendors: Sandbox) -> None:
    row = pending(office.store)
    decisions.decline(office, INGRID, opened_for(office, row["id"]), seen=1, reason="Not ours.")
    later(office, vendors, minutes=1)
    assert opened_for(office, row["id"]) == 0


def test_without_a_zocial_source_a_case_ends_at_approved_and_says_so(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    write(office.store, "UPDATE sources SET enabled = 0 WHERE name = 'zocial'")

    outcome = approved(office, number)

    assert outcome.state is CaseState.APPROVED
    assert "Nothing was sent" in outcome.message
    assert sent(vendors) == []
    with pytest.raises(Failure, match="no Zocial source"):
        decisions.send(office, INGRID, number, seen=outcome.version)
    write(office.store, "UPDATE sources SET enabled = 1 WHERE name = 'zocial'")
    later_on = decisions.send(office, INGRID, number, seen=outcome.version)
    assert (later_on.state, len(sent(vendors))) == (CaseState.SUBMITTED, 1)
    with pytest.raises(Failure, match="is submitted"):
        decisions.send(office, INGRID, number, seen=later_on.version)


def test_what_the_vendor_rejects_stands_beside_our_approval(office: Desk, vendors: Sandbox) -> None:
    number = asked(office, Account("instagram", "reject.me", "https://instagram.com/reject.me", 10, "x"))
    approved(office, number)
    later(office, vendors)
    found = case(office, number)
    assert (found.state, found.decision, found.vendor_word) == ("rejected", "approved", "rejected")
    assert story.story(office, number).case.disagrees


def test_what_the_vendor_accepts_stands_beside_our_refusal(office: Desk, vendors: Sandbox) -> None:
    row = pending(office.store)
    number = opened_for(office, row["id"])
    decisions.decline(office, INGRID, number, seen=1, reason="Not ours.")
    theirs = vendors.zocial.desk.find(row["platform"], row["handle"])
    vendors.zocial.desk.submit(Claim(row["platform"], row["handle"], row["url"]), theirs)
    later(office, vendors)
    told = story.story(office, number).case
    assert (told.state, told.decision, told.vendor_word, told.disagrees) == ("declined", "declined", "accepted", True)


def test_what_the_vendor_decided_before_anybody_did_leaves_the_queue(office: Desk, vendors: Sandbox) -> None:
    row = pending(office.store)
    number = opened_for(office, row["id"])
    theirs = vendors.zocial.desk.find(row["platform"], row["handle"])
    vendors.zocial.desk.submit(Claim(row["platform"], row["handle"], row["url"]), theirs)
    later(office, vendors)
    found = case(office, number)
    assert (found.state, found.vendor_word) == ("withdrawn", "accepted")
    assert steps(office, number)[-1] == ("system", "withdrawn")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("followers = followers / 2 - 1", "followers"),
        ("handle = 'other', handle_key = 'other'", "handle"),
        ("extra = '{\"user_id\": 999}'", "owner"),
    ],
)
def test_a_case_comes_back_when_what_was_approved_changes(
    office: Desk, vendors: Sandbox, change: str, field: str
) -> None:
    zocial = cached.of_vendor(office.store, "zocial").values()
    row = next(each for each in zocial if each["kind"] == "network" and each["status"] == "accepted")
    number = asking.request(office, MAREK, row["id"]).case
    approved(office, number)
    write(office.store, f"UPDATE connections SET {change} WHERE id = '{row['id']}'")

    later(office, vendors, minutes=0)

    found = case(office, number)
    assert (found.state, found.decision) == ("requested", None)
    assert found.difference is not None
    assert field in found.difference
    assert events(office, number)[-1].told is not None


def test_of_two_admins_in_the_same_second_the_second_is_told_who_decided_what(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    seen = case(office, number).version
    decisions.decline(office, OLGA, number, seen=seen, reason="No contract.")

    with pytest.raises(Failure, match=r"olga declined it at .* because: No contract") as caught:
        decisions.approve(office, INGRID, number, seen=seen)

    assert caught.value.kind == "conflict"
    assert sent(vendors) == []
    assert _trail(office, 1) == [("ingrid", "case.approve", "refused")]


def test_nobody_decides_on_their_own_request(office: Desk, vendors: Sandbox) -> None:
    number = asked(office, by=INGRID)
    for decide in (decisions.approve, decisions.hold):
        with pytest.raises(Forbidden, match="nobody decides on their own"):
            decide(office, INGRID, number, seen=1)
    with pytest.raises(Forbidden):
        decisions.decline(office, INGRID, number, seen=1, reason="x")
    with pytest.raises(Forbidden, match="may not decide cases"):
        decisions.approve(office, SYSTEM, number, seen=1)
    with pytest.raises(Forbidden, match="may not decide cases"):
        decisions.approve(office, MAREK, number, seen=1)
    assert (case(office, number).state, sent(vendors)) == ("requested", [])


def test_evidence_that_moved_while_it_was_looked_at_refuses_the_decision(office: Desk) -> None:
    row = of_late(office.store)
    number = asking.request(office, MAREK, row["id"]).case
    seen = story.story(office, number)
    write(office.store, f"UPDATE connections SET followers = followers + 1 WHERE id = '{row['id']}'")
    with pytest.raises(Failure, match="changed while you were looking"):
        decisions.approve(office, INGRID, number, seen=seen.case.version, pinned=seen.pinned)
    assert approved(office, number).state is CaseState.SUBMITTED


def test_declined_cases_are_resubmitted_by_their_requester_alone(office: Desk) -> None:
    number = asked(office)
    with pytest.raises(Misuse, match="reason is required"):
        decisions.decline(office, INGRID, number, seen=1, reason="  ")
    outcome = decisions.decline(office, INGRID, number, seen=1, reason="No contract.")
    assert case(office, number).reason == "No contract."
    with pytest.raises(Forbidden):
        own.resubmit(office, INGRID, number, seen=outcome.version)
    again = own.resubmit(office, MAREK, number, seen=outcome.version, note="It is signed now.")
    found = case(office, number)
    assert (again.state, found.decision, found.reason, found.note) == (
        CaseState.REQUESTED,
        None,
        None,
        "It is signed now.",
    )


def test_changes_hold_release_and_withdraw_go_only_where_the_states_allow(office: Desk) -> None:
    number = asked(office)
    held = decisions.hold(office, INGRID, number, seen=1, reason="Waiting for legal.")
    with pytest.raises(Failure, match="is held"):
        decisions.approve(office, INGRID, number, seen=held.version)
    with pytest.raises(Failure, match="is held"):
        own.withdraw(office, MAREK, number, seen=held.version)
    released = decisions.release(office, INGRID, number, seen=held.version)
    asked_for = decisions.request_changes(office, INGRID, number, seen=released.version, reason="Which brand?")
    back = own.resubmit(office, MAREK, number, seen=asked_for.version, note="Nova.")
    with pytest.raises(Forbidden):
        own.withdraw(office, Actor("other", Role.MARKETER), number, seen=back.version)
    gone = own.withdraw(office, MAREK, number, seen=back.version)
    assert gone.state is CaseState.WITHDRAWN
    with pytest.raises(Failure, match="is withdrawn"):
        decisions.approve(office, INGRID, number, seen=gone.version)


def test_an_account_has_one_active_case(office: Desk) -> None:
    number = asked(office)
    with pytest.raises(Failure, match=f"Case {number} of this account is requested already"):
        asked(office, Account("Instagram", "@Nova.Coffee", NOVA.url))
    joined = next(
        row for row in cached.connections(office.store).values() if row["account"] not in {None, row["number"]}
    )
    rows = [row for row in cached.connections(office.store).values() if row["account"] == joined["account"]]
    asking.request(office, MAREK, rows[0]["id"])
    with pytest.raises(Failure, match="of this account"):
        asking.request(office, INGRID, rows[1]["id"])


def test_a_stand_in_decides_for_the_one_away_but_on_neither_ones_request(office: Desk) -> None:
    people.add(office, SYSTEM, "olga", role=Role.ADMIN, password="a long enough one", name="Olga")
    rules.delegate(office, INGRID, "olga", since=now(), until=now() + timedelta(days=3))
    number = asked(office, by=INGRID)
    with pytest.raises(Forbidden, match="nobody decides on their own"):
        approved(office, number, by=OLGA)
    (standing,) = rules.stand_ins(office)
    rules.end_delegation(office, INGRID, standing.id)
    assert approved(office, number, by=OLGA).state is CaseState.SUBMITTED
    with pytest.raises(Failure, match="may not decide"):
        rules.delegate(office, INGRID, "marek", since=now(), until=now() + timedelta(days=3))


def test_above_the_rules_number_two_different_people_have_to_approve(office: Desk, vendors: Sandbox) -> None:
    small = asked(office, Account("instagram", "small.shop", "https://instagram.com/small.shop", 10))
    approved(office, small)
    assert rules.shadow(office, 4_999).needing_two == 0
    rules.set_rule(office, INGRID, Rule.TWO_ABOVE, 4_999)
    number = asked(office)
    first = approved(office, number)
    assert (first.state, "second approval" in first.message) == (CaseState.REQUESTED, True)
    with pytest.raises(Forbidden, match="second approval is another person's"):
        approved(office, number)
    assert len(sent(vendors)) == 1
    assert approved(office, number, by=OLGA).state is CaseState.SUBMITTED
    assert rules.shadow(office, 4_999) == rules.Shadow(4_999, 2, 1, 0)
    rules.set_rule(office, INGRID, Rule.TWO_ABOVE, None)
    assert rules.rules(office) == {}


def test_an_agreed_time_lies_ahead(office: Desk) -> None:
    with pytest.raises(Misuse, match="over already"):
        asking.submit(office, MAREK, NOVA, Wish(due=now() - timedelta(days=1)))


def test_a_case_is_exported_whole_with_its_chain_and_without_a_secret(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    body = {"error": "permission_denied", "message": f"Not with {TOKEN}"}
    vendors.faults.plan("zocial", "approval", kind="status", status=403, body=body)
    approved(office, number)
    told = story.exported(office, INGRID, number)
    assert (TOKEN in json.dumps(told, default=str), "Not with" in told["case"]["answer"]) == (False, True)
    assert told["chain"] == {"holds": True, "first_bad_row": None, "why": None}
    assert [row["action"] for row in told["audit"]] == ["case.request", "case.approve", "case.send", "case.send"]
    assert story.exported(office, MAREK, number)["audit"] is None
    write(office.store, "UPDATE audit SET actor = 'nobody' WHERE id = (SELECT max(id) FROM audit)")
    assert story.exported(office, INGRID, number)["chain"]["holds"] is False


@pytest.mark.parametrize(
    ("account", "says"),
    [
        (Account("insta gram", "a", "https://x.example"), "platform is one word"),
        (Account("instagram", "  ", "https://x.example"), "handle is"),
        (Account("instagram", "a b", "https://x.example"), "handle is"),
        (Account("instagram", "a", "javascript:alert(1)"), "url is"),
        (Account("instagram", "a", "https://x.example", -1), "followers is"),
        (Account("instagram", "a", "https://x.example", 1, "x" * 300), "category has"),
    ],
)
def test_a_wrong_field_is_named(office: Desk, account: Account, says: str) -> None:
    with pytest.raises(Misuse, match=says):
        asking.submit(office, MAREK, account)


def test_many_pending_networks_open_their_cases_with_one_row_of_the_trail(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = "SELECT id FROM connections WHERE account IS NOT NULL AND kind = 'network' AND source_id = (SELECT id FROM sources WHERE name = 'zocial')"  # noqa: E501 (a statement)
    write(office.store, f"UPDATE connections SET status = 'pending' WHERE id IN ({shared} LIMIT 3)")
    told = {}
    for few in (10_000, 1):
        monkeypatch.setattr(asking, "FEW", few)
        write(office.store, "DELETE FROM case_events")
        write(office.store, "DELETE FROM cases")
        sync(office, ["zocial"], Asked(at=NOON + timedelta(minutes=1)))
        told[few] = sorted(cached.opened_cases(office.store), key=lambda opened: str(opened[0]["connection_id"]))
    assert told[10_000] == told[1]
    assert {len(row["evidence"]["sources"]) > 1 for row, _ in told[1]} == {True, False}
    number = opened_for(office, pending(office.store)["id"])
    assert [event.after for event in events(office, number)] == ["requested"]
    (row,) = story.exported(office, INGRID, number)["audit"]
    assert (row["action"], row["actor"]) == ("case.request", "system")
    assert audit.verify(office) is None


def test_a_case_whose_connection_vanished_or_requester_left_can_still_be_decided(office: Desk) -> None:
    row = of_late(office.store)
    number = asking.request(office, MAREK, row["id"]).case
    people.disable(office, SYSTEM, "marek")
    write(office.store, f"UPDATE connections SET vanished_at = last_seen_at WHERE id = '{row['id']}'")
    seen = story.story(office, number)
    assert [each["listed"] for each in seen.evidence["sources"]] == [False]
    outcome = decisions.decline(office, INGRID, number, seen=1, reason="It is gone.", pinned=seen.pinned)
    assert outcome.state is CaseState.DECLINED
    with pytest.raises(Failure, match="no longer lists"):
        asking.request(office, INGRID, row["id"])
