"""What the person who asked may do to their own case: take it back, or ask for it again."""

from datetime import datetime

from data import cases
from data.models import Case
from data.store import Session, now
from data.types import CaseState
from services.access import Actor, Permission, requires
from services.approvals import evidence as evidences
from services.approvals import outcomes, rules, steps
from services.approvals.steps import Outcome, Step
from services.desk import Desk
from services.failures import Failure


@requires(Permission.REQUEST_APPROVAL, "case.withdraw", "case {}")
def withdraw(desk: Desk, actor: Actor, case: int, *, seen: int, reason: str = "") -> Outcome:
    """Take one's own request back. Raises Failure, and Forbidden for somebody else's."""
    words = steps.checked_words(reason)
    with desk.store.writing() as session:
        found = _own(session, actor, case, "withdraw", seen)
        steps.take(session, found, Step("case.withdraw", CaseState.WITHDRAWN, words or None), actor)
        return outcomes.told(found)


@requires(Permission.REQUEST_APPROVAL, "case.resubmit", "case {}")
def resubmit(desk: Desk, actor: Actor, case: int, *, seen: int, note: str = "", due: datetime | None = None) -> Outcome:
    """Request one's own declined case again, or one that changes were asked for. Raises Failure or Forbidden."""
    words = steps.checked_words(note)
    with desk.store.writing() as session:
        found = _own(session, actor, case, "resubmit", seen)
        evidences.pin(session, found, evidences.of_case(session, found))
        _refuse_second(session, found)
        found.due_at, found.note = rules.due(session, due, now()), words or found.note
        found.requested_at = now()
        steps.forget_decision(found)
        step = Step("case.resubmit", CaseState.REQUESTED, words or None, found.evidence)
        steps.take(session, found, step, actor)
        return outcomes.told(found)


def _own(session: Session, actor: Actor, number: int, name: str, seen: int) -> Case:
    case = steps.found(session, number)
    steps.refuse_stranger(case, actor)
    steps.refuse_stale(session, case, seen)
    steps.refuse_state(case, name)
    return case


def _refuse_second(session: Session, case: Case) -> None:
    """See that no other case of the account is active. Raises Failure."""
    members = [each["connection"] for each in case.evidence["sources"]] or [case.connection_id or ""]
    found = cases.active(session, members, [case.account_key] if case.account_key else [])
    other = next((each for each in found if each.id != case.id), None)
    if other is not None:
        message = f"Case {other.id} of the same account is {steps.spoken(CaseState(other.state))}."
        raise Failure("second_case", message, f"Go on with case {other.id}.")
