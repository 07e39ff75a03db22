"""How cases look and what is said of them everywhere: the state, the age against the agreed time, who acted."""

from datetime import datetime, timedelta

from data.queries import people
from data.queries.cases import CaseRow
from data.types import CaseState
from pages.ui import formats, resources
from pages.ui.formats import Look
from pages.ui.text import plain
from services import handles
from services.access import SYSTEM
from services.approvals.steps import UNDECIDED

SOON = timedelta(hours=2)
"""How long before the agreed time a case is shown as due soon, whatever the rule for reminders says."""
STATES = {
    CaseState.REQUESTED: Look("Requested", "orange", "schedule"),
    CaseState.CHANGES_REQUESTED: Look("Changes asked for", "yellow", "rate_review"),
    CaseState.HELD: Look("On hold", "gray", "front_hand"),
    CaseState.APPROVED: Look("Approved, not sent", "blue", "check"),
    CaseState.SUBMITTING: Look("On its way", "blue", "outgoing_mail"),
    CaseState.SUBMITTED: Look("Waiting for Zocial", "blue", "hourglass_top"),
    CaseState.UNKNOWN: Look("Outcome unknown", None, "help"),
    CaseState.ACCEPTED: Look("Accepted", "green", "check_circle"),
    CaseState.REJECTED: Look("Rejected", "red", "cancel"),
    CaseState.SUSPENDED: Look("Suspended", "violet", "pause_circle"),
    CaseState.REFUSED: Look("Refused", "red", "error"),
    CaseState.DECLINED: Look("Declined", "red", "do_not_disturb_on"),
    CaseState.WITHDRAWN: Look("Withdrawn", "gray", "undo"),
}
_NEW = Look("Unknown state", None, "help")


def state(word: str) -> Look:
    """Give the look of a case's state; one that is new is shown as such."""
    return STATES[CaseState(word)] if word in set(CaseState) else _NEW


def age(case: CaseRow, at: datetime) -> Look | None:
    """Give how long an undecided case has waited: red past the agreed time, orange from its reminder on."""
    if case.state not in UNDECIDED:
        return None
    waited = f"waits {formats.span(at - case.requested_at)}"
    if case.due_at is None:
        return Look(waited, None, "timer")
    if case.due_at <= at:
        return Look(f"{waited}, {formats.span(at - case.due_at)} over", "red", "timer")
    soon = case.reminded_at is not None or case.due_at - at <= SOON
    return Look(f"due in {formats.span(case.due_at - at)}", "orange" if soon else None, "timer")


def who(username: str | None, me: str = "") -> str:
    """Name who acted, escaped: oneself as you, the system as Patchbay, anybody else with the user name in brackets."""
    if username is None:
        return "nobody"
    return "you" if username == me else "Patchbay" if username == SYSTEM.username else plain(person(username))


def person(username: str) -> str:
    """Give the name of a person with the user name in brackets, not escaped."""
    name = resources.kept(people.names).get(username)
    return username if name is None else f"{name} ({username})"


def title(case: CaseRow) -> str:
    """Give the name of the account of a case as it stands in lists, not escaped."""
    return case.name or handles.shown(case.handle) or "(no name given)"
