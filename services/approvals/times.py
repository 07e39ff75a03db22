"""Time that passes over cases nobody has decided: a reminder, then a flag, then escalation, each by its rule.

These are marks in the queue and steps in the story of a case. No mail is sent, and nobody is told who does not look.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from data import cases
from data.models import Case
from data.store import Session, now
from data.types import CaseState, Rule
from services.access import SYSTEM
from services.approvals.steps import Step
from services.approvals.steps import tell as told
from services.desk import Desk


class Passed(NamedTuple):
    """How many cases a look at the clock has marked."""

    reminded: int
    flagged: int
    escalated: int


class _Mark(NamedTuple):
    """One mark: its column, its name in the trail, and the agreed times that it is due for."""

    column: str
    action: str
    until: datetime
    after: datetime | None = None
    hours: int = 0


def tell(desk: Desk, at: datetime | None = None) -> Passed:
    """Mark the cases that wait too long at an instant, now unless told; gives how many.

    A case in work is not waiting: one that is held, or that its requester has to change, is left alone.
    """
    moment = at or now()
    with desk.store.reading() as session:
        if not any(_found(session, mark) for mark in _marks(session, moment)):
            return Passed(0, 0, 0)
    with desk.store.writing() as session:
        counts = {mark.column: _take(session, mark, moment) for mark in _marks(session, moment)}
    return Passed(*(counts.get(f"{name}_at", 0) for name in Passed._fields))


def _marks(session: Session, at: datetime) -> list[_Mark]:
    """Give the marks that the rules ask for; a flag needs none."""
    rules, found = cases.rules(session), list[_Mark]()
    if (hours := rules.get(Rule.REMIND_HOURS)) is not None:
        found.append(_Mark("reminded_at", "case.remind", at + timedelta(hours=hours), at, hours))
    found.append(_Mark("flagged_at", "case.flag", at))
    if (hours := rules.get(Rule.ESCALATE_HOURS)) is not None:
        found.append(_Mark("escalated_at", "case.escalate", at - timedelta(hours=hours), None, hours))
    return found


def _found(session: Session, mark: _Mark) -> list[Case]:
    return cases.unmarked(session, mark.column, until=mark.until, after=mark.after)


def _take(session: Session, mark: _Mark, at: datetime) -> int:
    found = _found(session, mark)
    for case in found:
        setattr(case, mark.column, at)
        facts: dict[str, Any] = {"due_at": None if case.due_at is None else case.due_at.isoformat()}
        if mark.hours:
            facts["hours"] = mark.hours
        if mark.column == "escalated_at" and case.assignee is not None:
            facts["taken_from"], case.assignee = case.assignee, None
        told(session, case, Step(mark.action, CaseState(case.state), told=facts, at=at), SYSTEM)
    return len(found)
