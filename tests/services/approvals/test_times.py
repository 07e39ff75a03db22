"""Time that passes over undecided cases: a reminder, a flag, escalation, as the rules say, and each once."""

from datetime import timedelta

import pytest

from data.store import now
from data.types import Rule
from services.approvals import asking, decisions, own, rules, times
from services.approvals.asking import Wish
from services.approvals.times import Passed
from services.desk import Desk
from services.failures import Misuse
from tests.services.approvals.approving import INGRID, MAREK, NOVA, approved, asked, case, events, write


def _due(desk: Desk, hours: int) -> int:
    """Request an account that is due in so many hours."""
    return asking.submit(desk, MAREK, NOVA, Wish(due=now() + timedelta(hours=hours))).case


def _after(desk: Desk, hours: float) -> Passed:
    return times.tell(desk, now() + timedelta(hours=hours))


def test_a_waiting_case_is_reminded_flagged_and_escalated_once_each(office: Desk) -> None:
    rules.set_rule(office, INGRID, Rule.REMIND_HOURS, 4)
    rules.set_rule(office, INGRID, Rule.ESCALATE_HOURS, 2)
    number = _due(office, 10)
    given = decisions.assign(office, INGRID, number, "ingrid", seen=1).version

    marked = [_after(office, hours) for hours in (5, 7, 7, 11, 11, 13, 13)]

    assert marked == [(0, 0, 0), (1, 0, 0), (0, 0, 0), (0, 1, 0), (0, 0, 0), (0, 0, 1), (0, 0, 0)]
    found = case(office, number)
    assert None not in {found.reminded_at, found.flagged_at, found.escalated_at}
    assert (found.state, found.assignee, found.version) == ("requested", None, given)
    told = [(event.actor, event.action) for event in events(office, number)[2:]]
    assert told == [("system", "case.remind"), ("system", "case.flag"), ("system", "case.escalate")]
    assert (events(office, number)[-1].told or {})["taken_from"] == "ingrid"
    assert approved(office, number).ok  # the clock refuses nobody who is deciding


def test_without_rules_a_case_is_only_flagged(office: Desk) -> None:
    _due(office, 1)
    asked(office, asking.Account("instagram", "no.hurry", "https://instagram.com/no.hurry"))
    assert [_after(office, hours) for hours in (0.9, 2, 9_000)] == [(0, 0, 0), (0, 1, 0), (0, 0, 0)]


def test_a_held_case_does_not_wait_and_a_resubmitted_one_waits_anew(office: Desk) -> None:
    rules.set_rule(office, INGRID, Rule.DUE_HOURS, 8)
    number = asked(office)
    held = decisions.hold(office, INGRID, number, seen=1)
    assert _after(office, 9) == (0, 0, 0)
    back = decisions.release(office, INGRID, number, seen=held.version)
    assert _after(office, 9) == (0, 1, 0)
    declined = decisions.decline(office, INGRID, number, seen=back.version, reason="No contract.")
    assert _after(office, 99) == (0, 0, 0)
    own.resubmit(office, MAREK, number, seen=declined.version)
    assert case(office, number).flagged_at is None
    assert [_after(office, hours) for hours in (7, 9)] == [(0, 0, 0), (0, 1, 0)]


def test_rules_of_time_are_tried_on_what_was_decided_before_they_are_in_force(office: Desk) -> None:
    number = asked(office)
    approved(office, number)
    write(
        office.store,
        f"UPDATE cases SET requested_at = datetime(decided_at, '-5 hours') || '.000000' WHERE id = {number}",
    )
    assert rules.pace(office, 6, remind=2, escalate=1) == (1, 1, 0, 0)
    assert rules.pace(office, 4, escalate=0) == (1, 0, 1, 1)
    assert rules.pace(office, 24, remind=2) == (1, 0, 0, 0)
    with pytest.raises(Misuse, match="from 1 to 8,760"):
        rules.set_rule(office, INGRID, Rule.DUE_HOURS, 0)
