"""Approvals: what people do to a case. Every decision names the version its reviewer saw, and nobody decides their own.

Approving pins the evidence and sends the one request to Zocial; what the vendor says of it later is read by the sync.
"""

from typing import NamedTuple

from data import cases, sources
from data.models import Case, Source
from data.store import Session, now
from data.types import CaseState
from services.access import SYSTEM, Actor, Permission, requires
from services.approvals import evidence as evidences
from services.approvals import outcomes, rules, sending, steps
from services.approvals.evidence import Evidence
from services.approvals.steps import STEPS, Outcome, Step
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.sync import sync
from services.vendors.errors import Conflict
from services.vendors.zocial import Zocial


class Looked(NamedTuple):
    """What a reviewer looked at: a case, its version, and the fingerprint of its evidence (None: not compared).

    `to` is the source that an approval was planned to go to, empty for nowhere (None: not compared).
    """

    case: int
    version: int
    pinned: str | None = None
    to: str | None = None


@requires(Permission.DECIDE_CASES, "case.approve", "case {}")
def approve(
    desk: Desk,
    actor: Actor,
    case: int,
    *,
    seen: int,
    pinned: str | None = None,
    to: str | None = None,
    note: str = "",
    settle: bool = True,
) -> Outcome:
    """Approve a case and send it to Zocial; without a Zocial source it ends here, and the outcome says so.

    `seen` is the version that the reviewer looked at, `pinned` the fingerprint of the evidence with it, `to` the
    source that a plan named (empty: none). What is connected already is settled from the list at once, unless a bulk
    does that at its end (`settle`). Raises Failure for a stale view or a wrong state, Forbidden for one's own request.
    """
    words = steps.checked_words(note)
    found, client = _begin_approval(desk, actor, Looked(case, seen, pinned, to), words)
    return outcomes.without_request(found) if client is None else _sent(desk, actor, found, client, settle=settle)


@requires(Permission.DECIDE_CASES, "case.send_now", "case {}")
def send(desk: Desk, actor: Actor, case: int, *, seen: int) -> Outcome:
    """Send a case that was approved while there was no Zocial source, as it was pinned. Raises Failure or Forbidden."""
    with desk.store.writing() as session:
        found = steps.found(session, case)
        steps.refuse_own(found, rules.persons(session, actor.username, now()))
        steps.refuse_stale(session, found, seen)
        steps.refuse_state(found, "send")
        source = sending.chosen(sending.zocial_sources(session), found.source_id, found.evidence)
        if source is None:
            raise Failure("no_source", outcomes.NOT_SENT, "Add a Zocial source first.")
        standing = sending.at_vendor(session, found, source)
        if standing is not None:
            steps.take(session, found, Step("case.vendor", standing, sending.not_again(source, standing)), SYSTEM)
            return outcomes.without_request(found)
        sending.body_of(found.evidence, sending.sent_id(found.evidence, source.name))
        client = sending.client_for(desk, source)
        sending.mark(session, found, source, actor)
    return _sent(desk, actor, found, client, settle=True)


@requires(Permission.DECIDE_CASES, "case.decline", "case {}")
def decline(desk: Desk, actor: Actor, case: int, *, seen: int, reason: str, pinned: str | None = None) -> Outcome:
    """Decline a case; the requester is shown the reason. Raises Failure, and Misuse without a reason."""
    return _decide(desk, actor, Looked(case, seen, pinned), "decline", steps.checked_reason(reason))


@requires(Permission.DECIDE_CASES, "case.changes", "case {}")
def request_changes(
    desk: Desk, actor: Actor, case: int, *, seen: int, reason: str, pinned: str | None = None
) -> Outcome:
    """Ask the requester for changes, and say which. Raises Failure, and Misuse without a reason."""
    return _decide(desk, actor, Looked(case, seen, pinned), "changes", steps.checked_reason(reason))


@requires(Permission.DECIDE_CASES, "case.hold", "case {}")
def hold(desk: Desk, actor: Actor, case: int, *, seen: int, reason: str = "", pinned: str | None = None) -> Outcome:
    """Put a case aside until it is released. Raises Failure."""
    return _decide(desk, actor, Looked(case, seen, pinned), "hold", steps.checked_words(reason))


@requires(Permission.DECIDE_CASES, "case.release", "case {}")
def release(desk: Desk, actor: Actor, case: int, *, seen: int, reason: str = "", pinned: str | None = None) -> Outcome:
    """Put a held case back into the queue. Raises Failure."""
    return _decide(desk, actor, Looked(case, seen, pinned), "release", steps.checked_words(reason))


@requires(Permission.DECIDE_CASES, "case.assign", "case {}")
def assign(desk: Desk, actor: Actor, case: int, to: str | None, *, seen: int) -> Outcome:
    """Give a case to a person who may decide it, or to nobody. Raises Failure, and Misuse for nobody of ours."""
    with desk.store.writing() as session:
        found = steps.found(session, case)
        steps.refuse_stale(session, found, seen)
        refuse_ended(found, case)
        if to is not None:
            rules.refuse_no_decider(session, to)
            steps.refuse_own(found, frozenset({to}))
        found.assignee = to
        steps.take(session, found, Step("case.assign", CaseState(found.state), told={"assignee": to}), actor)
        return outcomes.told(found, f"Case {case} is given to {to or 'nobody in particular'}.")


def settle_from_lists(desk: Desk, source_ids: set[int]) -> None:
    """Read the lists of these sources now, so that what is unknown there is settled; a source that is busy is left."""
    with desk.store.reading() as session:
        names = [each.name for each in sources.active(session) if each.id in source_ids and each.enabled]
    if names:
        sync(desk, names)


def refuse_undecidable(case: Case, name: str, persons: frozenset[str], evidence: Evidence) -> None:
    """See that these persons may take a decision where the case stands. Raises Failure or Forbidden."""
    steps.refuse_own(case, persons)
    steps.refuse_state(case, name)
    first = rules.first_by(case, evidence)
    if name == "approve" and first in persons:
        standing_in = f", and not of who stands in for {first}" if len(persons) > 1 else ""
        message = f"{first} approved case {case.id} first: the second approval is another person's{standing_in}."
        raise Forbidden(message, "Ask another person who may decide cases.")


def refuse_ended(case: Case | None, number: int) -> None:
    """See that there is such a case, and that it is not at its end. Raises Misuse or Failure."""
    if case is None:
        raise Misuse(f"There is no case {number}.")
    if not steps.is_active(case):
        raise Failure("state", f"Case {number} is at its end: nobody has to decide it.")


def _begin_approval(desk: Desk, actor: Actor, looked: Looked, note: str) -> tuple[Case, Zocial | None]:
    """Check and write down the decision, and that its request leaves now, in one transaction."""
    with desk.store.writing() as session:
        case, evidence = _decidable(session, actor, looked, "approve")
        second = case.first_by is not None or not rules.needs_two(cases.rules(session), evidence)
        source = sending.chosen(sending.zocial_sources(session), case.source_id, evidence) if second else None
        standing = sending.at_vendor(session, case, source)
        _refuse_elsewhere(looked, None if standing else source)
        evidences.pin(session, case, evidence)
        if not second:
            case.first_by = actor.username
            steps.take(session, case, Step("case.approve_first", CaseState.REQUESTED, note or None, evidence), actor)
            return case, None
        if source is not None and standing is not None:
            return _stands(session, actor, case, note, (standing, sending.not_again(source, standing))), None
        if source is not None:
            sending.body_of(evidence, sending.sent_id(evidence, source.name))
        client = None if source is None else sending.client_for(desk, source)
        _decided(case, actor, "approved", note)
        unsent = None if source else {"sent": False, "why": outcomes.NOT_SENT}
        steps.take(session, case, Step("case.approve", CaseState.APPROVED, note or None, evidence, unsent), actor)
        if source is not None:
            sending.mark(session, case, source, actor)
    return case, client


def _stands(session: Session, actor: Actor, case: Case, note: str, told: tuple[CaseState, str]) -> Case:
    """Approve a case whose request is at the vendor already: it goes on from where the list has it."""
    to, why = told
    _decided(case, actor, "approved", note)
    unsent = {"sent": False, "why": why}
    steps.take(session, case, Step("case.approve", CaseState.APPROVED, note or None, case.evidence, unsent), actor)
    steps.take(session, case, Step("case.vendor", to, why), SYSTEM)
    return case


def _refuse_elsewhere(looked: Looked, source: Source | None) -> None:
    """See that an approval goes where its plan said. Raises Failure."""
    goes = "" if source is None else source.name
    if looked.to is None or looked.to == goes:
        return
    told = [f"to {name}" if name else "nowhere" for name in (looked.to, goes)]
    message = f"Case {looked.case} was planned to be sent {told[0]}, and would be sent {told[1]} now."
    raise Failure("conflict", message, "A source or a rule changed: look at it anew, then decide.")


def _sent(desk: Desk, actor: Actor, case: Case, client: Zocial, *, settle: bool) -> Outcome:
    """Let the request of a marked case leave, and say how that ended."""
    try:
        error = sending.send(desk, case, client, actor)
    finally:
        client.close()
    if isinstance(error, Conflict) and settle:
        settle_from_lists(desk, {case.sent_source_id or 0})
    return outcomes.afterwards(desk, case.id or 0, error)


def _decide(desk: Desk, actor: Actor, looked: Looked, name: str, reason: str) -> Outcome:
    with desk.store.writing() as session:
        case, evidence = _decidable(session, actor, looked, name)
        evidences.pin(session, case, evidence)
        if name == "decline":
            _decided(case, actor, "declined", reason)
        elif reason:
            case.reason = reason
        step = Step(f"case.{name}", STEPS[name][1], reason or None, evidence)
        steps.take(session, case, step, actor)
        return outcomes.told(case, f"Case {case.id} is back in the queue." if name == "release" else "")


def _decided(case: Case, actor: Actor, word: str, reason: str) -> None:
    case.decision, case.decided_by, case.decided_at, case.reason = word, actor.username, now(), reason or None
    case.difference = None


def _decidable(session: Session, actor: Actor, looked: Looked, name: str) -> tuple[Case, Evidence]:
    """Find a case that this person may decide as they saw it, with the evidence as it is now."""
    number = looked.case
    case = steps.found(session, number)
    persons = rules.persons(session, actor.username, now())
    steps.refuse_own(case, persons)
    steps.refuse_stale(session, case, looked.version)
    evidence = evidences.of_case(session, case)
    refuse_undecidable(case, name, persons, evidence)
    case.first_by = rules.first_by(case, evidence)
    if looked.pinned is not None and evidences.fingerprint(evidence) != looked.pinned:
        message = f"What the sources say of case {number} changed while you were looking at it."
        raise Failure("conflict", message, "Look at it as it is now, then decide again.")
    return case, evidence
