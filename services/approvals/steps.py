"""The steps that a case may take (DESIGN.md section 6): checked, written into its story and into the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from data import cases
from data.models import Case, CaseEvent
from data.store import Session, now
from data.types import ACTIVE, CaseState
from services import audit
from services.access import Actor
from services.approvals.evidence import Evidence
from services.approvals.proof import PROOF, STOOD, digest, digest_of
from services.failures import Failure, Forbidden, Misuse

_S = CaseState
UNDECIDED = frozenset({_S.REQUESTED, _S.CHANGES_REQUESTED, _S.HELD})
REOPENS = frozenset({_S.APPROVED, _S.SUBMITTED, _S.ACCEPTED, _S.UNKNOWN})
VENDORS = frozenset({_S.ACCEPTED, _S.REJECTED, _S.SUSPENDED})
"""The states that are the vendor's word."""
STEPS: Mapping[str, tuple[frozenset[CaseState], CaseState]] = {
    "approve": (frozenset({_S.REQUESTED}), _S.APPROVED),
    "decline": (frozenset({_S.REQUESTED}), _S.DECLINED),
    "changes": (frozenset({_S.REQUESTED}), _S.CHANGES_REQUESTED),
    "hold": (frozenset({_S.REQUESTED}), _S.HELD),
    "release": (frozenset({_S.HELD}), _S.REQUESTED),
    "withdraw": (frozenset({_S.REQUESTED}), _S.WITHDRAWN),
    "resubmit": (frozenset({_S.DECLINED, _S.CHANGES_REQUESTED}), _S.REQUESTED),
    "send": (frozenset({_S.APPROVED}), _S.SUBMITTING),
}
"""What a person may do to a case: from which states, and where it leads."""
_ALLOWED: Mapping[CaseState, frozenset[CaseState]] = {
    _S.REQUESTED: VENDORS | {_S.APPROVED, _S.DECLINED, _S.CHANGES_REQUESTED, _S.HELD, _S.WITHDRAWN, _S.SUBMITTED},
    _S.CHANGES_REQUESTED: frozenset({_S.REQUESTED}),
    _S.HELD: frozenset({_S.REQUESTED}),
    _S.DECLINED: frozenset({_S.REQUESTED}),
    _S.APPROVED: frozenset({_S.SUBMITTING, _S.REQUESTED, _S.SUBMITTED, _S.ACCEPTED}),
    _S.SUBMITTING: frozenset({_S.SUBMITTED, _S.REFUSED, _S.UNKNOWN}),
    _S.SUBMITTED: VENDORS | {_S.REQUESTED},
    _S.UNKNOWN: VENDORS | {_S.SUBMITTED, _S.REQUESTED},
    _S.ACCEPTED: VENDORS | {_S.REQUESTED},
    _S.REJECTED: VENDORS,
    _S.SUSPENDED: VENDORS,
}
"""Every step there is; among its own three words the vendor may change its mind.

What was sent before and shows in the list late goes on from where it is, without a second request.
"""
_DID: Mapping[str, str] = {
    "case.approve": "approved it",
    "case.approve_first": "approved it first",
    "case.decline": "declined it",
    "case.changes": "asked for changes",
    "case.hold": "put it on hold",
    "case.release": "released it",
    "case.withdraw": "withdrew it",
    "case.resubmit": "asked for it again",
    "case.assign": "said who decides it",
    "case.send": "sent it",
    "case.vendor": "heard of the vendor's word",
    "case.reopen": "brought it back",
}
"""What somebody did, for who comes too late."""
LONGEST_WORDS = 1_000  # characters of a reason or a note


class Step(NamedTuple):
    """One step to take: its name in the audit trail, where it leads, and what is told with it."""

    action: str
    to: CaseState
    reason: str | None = None
    evidence: Evidence | None = None
    told: dict[str, Any] | None = None
    outcome: str = "done"
    at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a case: its state and version now, in words, and what to do when it is not what was asked for."""

    case: int
    state: CaseState
    version: int
    message: str
    advice: str = ""
    kind: str = "done"
    code: str = ""
    """What kind of error the vendor's refusal was."""

    @property
    def ok(self) -> bool:
        """Tell whether it went as asked for: the vendor neither refused it nor left it open."""
        return self.kind == "done"


def take(session: Session, case: Case, step: Step, by: audit.Named) -> None:
    """Move a case, and write that into its story and the audit trail, in the caller's transaction."""
    before = CaseState(case.state)
    if step.to is not before and step.to not in _ALLOWED.get(before, frozenset()):
        raise Failure("state", f"Case {case.id} is {spoken(before)}: it can't become {spoken(step.to)}.")
    old = _standing(case)
    case.state, case.version, case.changed_at = step.to.value, case.version + 1, step.at or now()
    tell(session, case, step, by, before=before.value, standing=old)


def tell(
    session: Session,
    case: Case,
    step: Step,
    by: audit.Named,
    *,
    before: str | None = None,
    standing: dict[str, Any] | None = None,
) -> None:
    """Write what happened to a case into its story and the audit trail."""
    event = event_of(case, step, by, before)
    cases.keep(session, case, event)
    after = _standing(case) | (step.told or {}) | {PROOF: digest(event), STOOD: digest_of(case)}
    subject = cases.subject_of(case.id or 0)
    audit.record(
        session, by, step.action, subject, before=standing, after=after, outcome=step.outcome, reason=step.reason
    )


def event_of(case: Case, step: Step, by: audit.Named, before: str | None = None) -> CaseEvent:
    """Make the row that tells a step in a case's story; `before` is the state that it left."""
    return CaseEvent(
        case_id=case.id or 0,
        at=step.at or now(),
        actor=by.username,
        action=step.action,
        before=before,
        after=case.state,
        version=case.version,
        reason=step.reason,
        evidence=step.evidence,
        told=step.told,
    )


def found(session: Session, number: int) -> Case:
    """Find a case. Raises Misuse for an unknown number."""
    case = cases.by_id(session, number)
    if case is None:
        raise Misuse(f"There is no case {number}.", "`python -m services cases list` names all.")
    return case


def refuse_stale(session: Session, case: Case, seen: int) -> None:
    """See that a person looked at the case as it is now. Raises Failure that says who did what meanwhile."""
    if case.version == seen:
        return
    last = cases.latest_event(session, case.id or 0)
    did = "it moved"
    if last is not None:
        verb = _DID.get(last.action, "changed it")
        did = f"{last.actor} {verb} at {last.at:%H:%M:%S} UTC on {last.at:%d %B}"
    why = f", because: {last.reason}" if last and last.reason else ""
    message = f"Case {case.id} is no longer what you saw: {did}{why}; it is {spoken(CaseState(case.state))} now."
    raise Failure("conflict", message, "Look at it as it is now, then decide again.")


def refuse_state(case: Case, name: str) -> None:
    """See that a step may be taken from where the case stands. Raises Failure."""
    state = CaseState(case.state)
    allowed, _ = STEPS[name]
    if state not in allowed:
        may = " or ".join(sorted(spoken(each) for each in allowed))
        by = f"; {case.decided_by} {case.decision} it" if case.decided_by and case.decision else ""
        raise Failure(
            "state", f"Case {case.id} is {spoken(state)}{by}.", f"Only a case that is {may} can take this step."
        )


def refuse_own(case: Case, persons: frozenset[str]) -> None:
    """See that nobody decides on their own request, nor on that of the person they stand in for. Raises Forbidden."""
    if case.requested_by in persons:
        message = f"{case.requested_by} requested case {case.id}: nobody decides on their own request."
        raise Forbidden(message, "Ask another person who may decide cases.")


def refuse_stranger(case: Case, by: Actor) -> None:
    """See that a case is the actor's own; the system acts for any of them. Raises Forbidden."""
    if by.role is not None and by.username != case.requested_by:
        raise Forbidden(f"{case.requested_by} requested case {case.id}.", f"Only {case.requested_by} can do this.")


def forget_decision(case: Case) -> None:
    """Take the decision and the marks of time from a case that has to be decided anew; its story keeps them."""
    case.decision = case.decided_by = case.decided_at = case.reason = case.first_by = None
    case.reminded_at = case.flagged_at = case.escalated_at = case.difference = None


def is_active(case: Case) -> bool:
    """Tell whether a case is not at its end."""
    return CaseState(case.state) in ACTIVE


def checked_reason(reason: str) -> str:
    """Give a reason. Raises Misuse for none, and for one without end."""
    told = checked_words(reason, "A reason")
    if not told:
        raise Misuse("A reason is required: the requester reads it.", "Say what stands against it.")
    return told


def checked_words(words: str, what: str = "A note") -> str:
    """Give words of a person without blanks around them. Raises Misuse when they have no end."""
    told = words.strip()
    if len(told) > LONGEST_WORDS:
        raise Misuse(f"{what} has at most {LONGEST_WORDS:,} characters.", "Say it shorter.")
    return told


def spoken(state: CaseState) -> str:
    """Give a state in words."""
    return "sent back for changes" if state is CaseState.CHANGES_REQUESTED else state.value


def _standing(case: Case) -> dict[str, Any]:
    names = ("state", "version", "decision", "vendor_word", "approval_id", "code", "assignee")
    return {name: value for name in names if (value := getattr(case, name)) is not None}
