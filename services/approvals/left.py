"""What a server left of a plan of many cases when it ended: which rows were done, and which a new plan may do."""

from datetime import datetime
from typing import Any, NamedTuple

from data import case_plans, cases
from data.models import Case, CasePlan
from data.store import Session
from data.types import CaseState
from services.approvals import outcomes
from services.approvals.asking import Wish
from services.approvals.carrying import Done
from services.approvals.plans import Plan, Row
from services.approvals.steps import Outcome
from services.desk import Desk

_ACTIONS = {"approve": ("case.approve", "case.approve_first")}
_DOUBTED = frozenset({CaseState.UNKNOWN, CaseState.SUBMITTING})


class Left(NamedTuple):
    """A plan that was broken off, since when it was carried out, and what became of its rows."""

    plan: Plan
    begun_at: datetime
    results: tuple[Done, ...]


def keep(desk: Desk, plan: Plan, begun_at: datetime) -> None:
    """Write down what is about to be carried out."""
    with desk.store.writing() as session:
        case_plans.keep(session, plan.actor, begun_at, _written(plan))


def forget(desk: Desk, username: str) -> None:
    """Forget the plan of a person: it is done, or was put away."""
    with desk.store.writing() as session:
        case_plans.forget(session, username)


def left(desk: Desk) -> list[Left]:
    """Give the plans that servers left unfinished, or whose results nobody has put away."""
    with desk.store.reading() as session:
        return [_left(session, kept) for kept in case_plans.broken_off(session)]


def _left(session: Session, kept: CasePlan) -> Left:
    plan = _read(kept)
    numbers = _numbers(session, plan, kept.begun_at)
    found = cases.some(session, numbers.values())
    results = tuple(_done(row, found.get(numbers.get(place, 0))) for place, row in enumerate(plan.rows))
    return Left(plan, kept.begun_at, results)


def _numbers(session: Session, plan: Plan, since: datetime) -> dict[int, int]:
    """Give the case of each row that was done, by the row's place: its story tells."""
    places = [(place, row) for place, row in enumerate(plan.rows) if not row.problem]
    if plan.action == "request":
        opened = case_plans.requested(session, [row.connection or "" for _, row in places], plan.actor, since)
        return {place: opened[row.connection] for place, row in places if row.connection in opened}
    actions = _ACTIONS.get(plan.action, (f"case.{plan.action}",))
    stepped = case_plans.stepped(session, [row.case or 0 for _, row in places], plan.actor, since, actions)
    return {place: row.case for place, row in places if row.case in stepped}


def _done(row: Row, case: Case | None) -> Done:
    if row.problem:
        return Done(row, None, "planned_out", row.problem, row.advice)
    if case is None:
        return Done(row, None, "stopped", "The server ended before this one.", "Make a new plan for the rest.")
    outcome = _stands(case)
    return Done(row, outcome, outcome.kind, outcome.message, outcome.advice)


def _stands(case: Case) -> Outcome:
    """Say how a case stands now of which the plan's step was taken."""
    told, state = outcomes.told(case), CaseState(case.state)
    kind = "unknown" if state in _DOUBTED else "refused" if state is CaseState.REFUSED else told.kind
    return Outcome(told.case, state, told.version, case.answer or told.message, told.advice, kind)


def _written(plan: Plan) -> dict[str, Any]:
    due = plan.wish.due
    told = {"action": plan.action, "reason": plan.reason, "to": plan.to, "note": plan.wish.note}
    return told | {"due": due and due.isoformat(), "rows": [list(row) for row in plan.rows]}


def _read(kept: CasePlan) -> Plan:
    told = kept.plan
    due = None if told["due"] is None else datetime.fromisoformat(told["due"])
    rows = tuple(Row(*row) for row in told["rows"])
    return Plan(told["action"], kept.username, rows, told["reason"], Wish(told["note"], due), told["to"])
