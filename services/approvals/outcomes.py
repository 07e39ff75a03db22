"""Says how a case stands after a step, in words: as it was asked for, refused, unknown, or come back."""

from data import cases
from data.models import Case
from data.types import CaseState
from services.approvals import steps
from services.approvals.sending import advised
from services.approvals.steps import Outcome
from services.desk import Desk
from services.failures import Misuse
from services.vendors.errors import VendorError

WAITS = (
    "It is not sent again. Sync the source: its list tells; that nothing came of it, after two minutes at the soonest."
)
AT_ITS_END = "A refused case is at its end: request the account anew."
NOT_SENT = "Nothing was sent: there is no Zocial source."


def afterwards(desk: Desk, number: int, error: VendorError | None) -> Outcome:
    """Say how a case stands after its request left; `error` is how that ended."""
    with desk.store.reading() as session:
        case = cases.by_id(session, number)
    if case is None:
        raise Misuse(f"There is no case {number}.")
    state = CaseState(case.state)
    if error is not None and state is CaseState.REQUESTED:
        return came_back(case, str(error))
    if error is None or state not in {CaseState.REFUSED, CaseState.UNKNOWN}:
        return told(case)
    if state is CaseState.UNKNOWN:
        return Outcome(number, state, case.version, str(error), WAITS, state.value, error.kind)
    named = f"{str(error).rstrip('.')}. It names the field {error.field}." if error.field else str(error)
    return Outcome(number, state, case.version, named, f"{advised(error)} {AT_ITS_END}", state.value, error.kind)


def came_back(case: Case, said: str) -> Outcome:
    """Say that the list which was read at once shows no effect of a request; `said` is how that had ended."""
    message = f"{said.rstrip('.')}. Its list shows no effect of the request: case {case.id} came back."
    advice = "Look at it as it is now, then decide again."
    return Outcome(case.id or 0, CaseState.REQUESTED, case.version, message, advice, "came_back")


def without_request(case: Case) -> Outcome:
    """Say how an approved case stands for which nothing left."""
    state = CaseState(case.state)
    if state in {CaseState.SUBMITTED, CaseState.ACCEPTED}:
        message = f"Case {case.id} is {state.value} by the request that was sent before. Nothing was sent again."
        return told(case, message)
    return told(case)


def told(case: Case, sentence: str = "") -> Outcome:
    """Say how a case stands that went as it was asked for; `sentence` says it where the state alone does not."""
    state, number = CaseState(case.state), case.id or 0
    if sentence:
        return Outcome(number, state, case.version, sentence)
    if state is CaseState.APPROVED:
        return Outcome(
            number, state, case.version, f"Case {number} is approved. {NOT_SENT}", "Add a Zocial source, then send it."
        )
    if case.first_by is not None and state is CaseState.REQUESTED:
        message = f"{case.first_by} approved case {number}; so many followers ask for a second approval."
        return Outcome(number, state, case.version, message, "Another person who may decide has to approve it too.")
    sent = f", as {case.approval_id} at Zocial" if case.approval_id and state is CaseState.SUBMITTED else ""
    return Outcome(number, state, case.version, f"Case {number} is {steps.spoken(state)}{sent}.")
