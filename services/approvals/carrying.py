"""Carries a plan of requests or decisions out, consuming that very plan.

Each row is done by itself: one that no longer is what the plan saw is refused and says so, the others go on. A plan can
be stopped between two rows.
"""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from data import cases
from data.models import Case
from data.types import CaseState
from services.access import Actor, Permission, requires
from services.approvals import asking, decisions, outcomes, sending
from services.approvals.plans import DECISIONS, Plan, Row
from services.approvals.steps import Outcome
from services.desk import Desk
from services.failures import Failure, Misuse


class Done(NamedTuple):
    """What became of one row of a plan: its outcome, or why it was refused."""

    row: Row
    outcome: Outcome | None = None
    kind: str = "done"
    message: str = ""
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether it was done as planned."""
        return self.kind == "done"


@requires(Permission.REQUEST_APPROVAL, "case.request_planned", otherwise="a plan")
def request_planned(
    desk: Desk,
    actor: Actor,
    plan: Plan,
    *,
    stop: threading.Event | None = None,
    told: Callable[[Done], None] | None = None,
) -> tuple[Done, ...]:
    """Do what a plan of requests said, each row by itself; gives a result per row. Raises Misuse for another's plan."""
    _refuse_foreign(actor.username, plan, ("request",))

    def one(row: Row) -> Outcome:
        return asking.request(desk, actor, row.connection or "", plan.wish, pinned=row.pinned)

    return _each(plan, one, stop, told)


@requires(Permission.DECIDE_CASES, "case.decide_planned", otherwise="a plan")
def decide_planned(
    desk: Desk,
    actor: Actor,
    plan: Plan,
    *,
    stop: threading.Event | None = None,
    told: Callable[[Done], None] | None = None,
) -> tuple[Done, ...]:
    """Do what a plan of decisions said, each row by itself, paced by the source; gives a result per row.

    When the source can't be reached, is full or refuses our credential, the rest is left as it was. Raises Misuse.
    """
    _refuse_foreign(actor.username, plan, DECISIONS)
    decide: dict[str, Callable[..., Outcome]] = {
        "decline": decisions.decline,
        "changes": decisions.request_changes,
        "hold": decisions.hold,
        "release": decisions.release,
    }

    def one(row: Row) -> Outcome:
        number, seen = row.case or 0, row.version
        if plan.action == "assign":
            return decisions.assign(desk, actor, number, plan.to, seen=seen)
        if plan.action == "approve":
            told = {"pinned": row.pinned, "to": row.source or "", "note": plan.reason}
            return decisions.approve(desk, actor, number, seen=seen, settle=False, **told)
        return decide[plan.action](desk, actor, number, seen=seen, reason=plan.reason, pinned=row.pinned)

    return _settled(desk, _each(plan, one, stop, told))


def _each(
    plan: Plan,
    one: Callable[[Row], Outcome],
    stop: threading.Event | None,
    told: Callable[[Done], None] | None,
) -> tuple[Done, ...]:
    results: list[Done] = []
    halted = ""
    for row in plan.rows:
        if row.problem:
            done = Done(row, None, "planned_out", row.problem, row.advice)
        elif halted or (stop is not None and stop.is_set()):
            done = Done(
                row, None, "stopped", halted or "It was stopped before this one.", "Make a new plan for the rest."
            )
        else:
            done = _tried(row, one)
            if done.outcome is not None and done.outcome.code in sending.STOPS:
                halted = f"Left as it was: {done.message}"
        results.append(done)
        if told is not None:
            told(done)
    return tuple(results)


def _tried(row: Row, one: Callable[[Row], Outcome]) -> Done:
    try:
        outcome = one(row)
    except Failure as failure:
        return Done(row, None, failure.kind, failure.message, failure.advice)
    return Done(row, outcome, outcome.kind, outcome.message, outcome.advice)


def _settled(desk: Desk, results: tuple[Done, ...]) -> tuple[Done, ...]:
    """Read the lists once where accounts are connected already, and tell what that settled."""
    doubted = [done.outcome.case for done in results if done.outcome and done.outcome.state is CaseState.UNKNOWN]
    if not doubted:
        return results
    with desk.store.reading() as session:
        connected = [case for case in cases.some(session, doubted).values() if case.code in sending.CONNECTED]
    decisions.settle_from_lists(desk, {case.sent_source_id or 0 for case in connected})
    with desk.store.reading() as session:
        after = {number: case for number, case in cases.some(session, doubted).items() if _is_settled(case)}
    return tuple(
        _now(done, after[done.outcome.case]) if done.outcome and done.outcome.case in after else done
        for done in results
    )


def _is_settled(case: Case) -> bool:
    return case.state != CaseState.UNKNOWN


def _now(done: Done, case: Case) -> Done:
    back = case.state == CaseState.REQUESTED
    outcome = outcomes.came_back(case, done.message) if back else outcomes.told(case)
    return Done(done.row, outcome, outcome.kind, outcome.message, outcome.advice)


def _refuse_foreign(username: str, plan: Plan, actions: Sequence[str]) -> None:
    """See that a plan is the actor's own, and of this kind. Raises Misuse."""
    if plan.actor != username or plan.action not in actions:
        raise Misuse(f"This plan to {plan.action} is {plan.actor}'s.", "Make a plan of your own.")
