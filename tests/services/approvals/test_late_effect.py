"""A submit that was cut off and that Zocial lists late: the case waits, hears of it, and nothing is sent twice."""

from typing import Any

import pytest

from data.types import CaseState
from services import audit
from services.approvals import decisions, own, plans, proof
from services.desk import Desk
from services.sandbox import Sandbox
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
    sent,
    without,
)

CUT = {"kind": "reset", "after_effect": True}


def _came_back(desk: Desk, vendors: Sandbox) -> int:
    """Give a case whose request arrived, and which came back as no list showed that within two minutes."""
    number = asked(desk)
    vendors.faults.plan("zocial", "approval", **CUT)
    assert approved(desk, number).state is CaseState.UNKNOWN
    vendors.faults.plan("zocial", "networks", **without(NOVA.handle))
    later(desk, vendors, minutes=3, there=0)
    assert case(desk, number).state == "requested"
    return number


def test_a_list_that_does_not_show_it_a_second_later_says_nothing_yet(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    vendors.faults.plan("zocial", "approval", **CUT)
    approved(office, number)
    vendors.faults.plan("zocial", "networks", **without(NOVA.handle))
    later(office, vendors, minutes=0)
    assert case(office, number).state == "unknown"
    later(office, vendors, minutes=1, there=0)
    found = case(office, number)
    assert (found.state, found.decided_by, len(sent(vendors))) == ("submitted", "ingrid", 1)


def test_what_came_back_and_is_listed_after_all_goes_on_as_the_same_approval(office: Desk, vendors: Sandbox) -> None:
    number = _came_back(office, vendors)
    later(office, vendors, minutes=4, there=0)
    found = case(office, number)
    assert (found.state, found.decision, found.decided_by, found.difference) == (
        *("submitted", "approved", "ingrid"),
        None,
    )
    assert "took effect after all" in (events(office, number)[-1].reason or "")
    later(office, vendors)
    assert (case(office, number).state, len(sent(vendors))) == ("accepted", 1)
    assert (audit.verify(office), proof.verify(office)) == (None, None)


@pytest.mark.parametrize("word", ["accepted", "rejected"])
def test_what_came_back_and_is_decided_by_the_vendor_ends(office: Desk, vendors: Sandbox, word: str) -> None:
    def worded(told: dict[str, Any]) -> dict[str, Any]:
        rows = [row | {"status": word} if row["network_id"] == NOVA.handle else row for row in told["networks"]]
        return {"networks": rows}

    number = _came_back(office, vendors)
    vendors.faults.plan("zocial", "networks", kind="transform", change=worded)
    later(office, vendors, minutes=4, there=0)
    assert (case(office, number).state, case(office, number).decision) == (word, "approved")


def _released(desk: Desk, number: int) -> None:
    """Release a held case."""
    decisions.release(desk, OLGA, number, seen=case(desk, number).version)


def _asked_again(desk: Desk, number: int) -> None:
    """Ask again for a case that was sent back for changes."""
    own.resubmit(desk, MAREK, number, seen=case(desk, number).version)


@pytest.mark.parametrize(
    ("aside", "back"), [(decisions.hold, _released), (decisions.request_changes, _asked_again)], ids=["held", "changed"]
)
def test_an_approval_of_what_the_list_has_since_sends_nothing_and_says_so(
    office: Desk, vendors: Sandbox, aside: Any, back: Any
) -> None:
    number = _came_back(office, vendors)
    aside(office, OLGA, number, seen=case(office, number).version, reason="Let us wait.")
    later(office, vendors, minutes=4, there=0)
    back(office, number)

    (row,) = plans.plan_decisions(office, INGRID, "approve", [number]).rows
    assert (row.source, "lists the account as pending" in row.what) == (None, True)
    outcome = decisions.approve(office, INGRID, number, seen=row.version, pinned=row.pinned, to=row.source or "")

    assert (outcome.state, "Nothing was sent again" in outcome.message) == (CaseState.SUBMITTED, True)
    assert len(sent(vendors)) == 1
    assert (audit.verify(office), proof.verify(office)) == (None, None)


def test_evidence_that_moves_brings_an_unknown_outcome_back_only_once_it_is_settled(
    office: Desk, vendors: Sandbox
) -> None:
    number = asked(office)
    vendors.faults.plan("zocial", "approval", **CUT)
    approved(office, number)
    vendors.faults.plan("zocial", "networks", **without(NOVA.handle))
    later(office, vendors, minutes=0)
    later(office, vendors, minutes=1, there=0, source="late")
    assert (case(office, number).state, len(sent(vendors))) == ("unknown", 1)
