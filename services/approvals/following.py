"""What the end of a sync means for cases: the vendor's word, evidence that moved, and accounts that wait for us."""

from collections.abc import Collection
from typing import Any

from data import case_words, cases
from data.case_words import HALVED, Other, Waiting, Word
from data.models import Case, CaseEvent
from data.staging import CHUNK, Observation
from data.store import Session, now
from data.types import CaseState, Status
from services.access import SYSTEM
from services.approvals import evidence as evidences
from services.approvals import rules, steps
from services.approvals.asking import Wish, marks_of, opened_by_itself
from services.approvals.sending import CONNECTED, abandon
from services.approvals.steps import REOPENS, VENDORS, Step
from services.patience import too_early

VENDOR, REOPEN = "case.vendor", "case.reopen"
PENDING_NOTE = "The vendor lists it as pending."
AT_ONCE = CHUNK
"""Cases that are opened in one transaction: other writers wait no longer than for a stretch of a list."""
_STATES = {
    Status.ACCEPTED.value: CaseState.ACCEPTED,
    Status.REJECTED.value: CaseState.REJECTED,
    Status.SUSPENDED.value: CaseState.SUSPENDED,
}
_WAITING = frozenset({CaseState.SUBMITTED, CaseState.UNKNOWN})
_ENDED = frozenset({CaseState.APPROVED, CaseState.ACCEPTED})


def follow(link: Any, observation: Observation, *, seen: Collection[str], complete: Collection[str]) -> int | None:
    """Let cases follow what a run has read, in its last transactions; rows that it did not read say nothing.

    `seen` are the connections it read, `complete` the kinds whose list it read to the end. Where more wait for a case
    than are opened in one transaction, gives the connection's number after which `open_next` goes on.
    """
    with cases.session_on(link) as session:
        if case_words.known(session):
            _follow(session, observation, seen, complete)
        return _open(session, observation, seen)


def open_next(link: Any, observation: Observation, after: int, *, seen: Collection[str]) -> int | None:
    """Open the cases of the next stretch, in a transaction of its own; gives its last number, None at the end."""
    with cases.session_on(link) as session:
        return _open(session, observation, seen, after)


def _follow(session: Session, observation: Observation, seen: Collection[str], complete: Collection[str]) -> None:
    for case in cases.abandoned(session):
        abandon(session, case)
    _link(session, observation, seen)
    _listen(session, observation, seen)
    _miss(session, observation, frozenset(complete))
    _compare(session, observation, seen)


def _link(session: Session, observation: Observation, seen: Collection[str]) -> None:
    """Let rows with the platform and handle of a case that was sent belong to it."""
    found = {number: listed for number, listed in case_words.unlinked(session, observation.source_id) if listed in seen}
    known = evidences.of_connections(session, sorted(set(found.values())))
    for number, case in cases.some(session, found).items():
        row = known[found[number]][0]
        told = _anchor(found[number], row["followers"], row["handle"], row["owner"], row["status"])
        case.listed_id = found[number]
        if case.connection_id is None and not cases.active(session, [found[number]], []):
            case.connection_id = told["connection_id"] = found[number]
            case.source_id = observation.source_id
            case.owner = case.owner or known[found[number]][0]["owner"]  # the first that is told is watched from now on
        steps.tell(session, case, Step("case.listed", CaseState(case.state), told=told, at=observation.at), SYSTEM)


def _listen(session: Session, observation: Observation, seen: Collection[str]) -> None:
    """Take over the vendor's word, where it was read after we sent what it is about."""
    told = {word.case: word for word in case_words.words(session, observation.source_id) if word.connection_id in seen}
    for number, case in cases.some(session, told).items():
        if case.state == CaseState.SUBMITTING or (case.waits_after or 0) >= observation.run_id:
            continue
        _hear(session, observation, case, told[number])


def _hear(session: Session, observation: Observation, case: Case, word: Word) -> None:
    state, before = CaseState(case.state), case.vendor_word
    approval = _in_vain(session, case)
    if state not in _WAITING and approval is None and before == word.status:
        return
    told = {"vendor_word": word.status, "vendor_word_before": before}
    to = _goes(case, word.status, observation, again=approval is not None)
    if before != word.status or to in VENDORS:  # else no step follows, which would prove it
        case.vendor_word, case.vendor_word_at = word.status, observation.at
    if to is CaseState.REQUESTED:
        differs = {"status": [before, word.status]}
        if (
            not reopen(session, case, differs, "Zocial's list shows no effect of the request.")
            and before != word.status
        ):
            steps.tell(session, case, Step(VENDOR, state, told=told, at=observation.at), SYSTEM)
    elif to is not None:
        reason = _taken_up(session, case, approval)
        steps.take(session, case, Step(VENDOR, to, reason, told=told, at=observation.at), SYSTEM)
    elif state is CaseState.ACCEPTED and word.status == Status.SUSPENDED and case.connection_id != case.listed_id:
        steps.tell(session, case, Step(VENDOR, state, told=told, at=observation.at), SYSTEM)
        reopen(session, case, {"status": [before, word.status]}, "Zocial suspended what it had accepted.")
    elif before == Status.PENDING.value and state is CaseState.REQUESTED and _untouched(case):
        reason = f"The vendor said {word.status} before anybody decided."
        steps.take(
            session, case, Step("case.withdraw", CaseState.WITHDRAWN, reason, told=told, at=observation.at), SYSTEM
        )
    elif before != word.status:
        case.version += 1
        steps.tell(session, case, Step(VENDOR, state, told=told, at=observation.at), SYSTEM)


def _untouched(case: Case) -> bool:
    """Tell whether a case was opened by itself, and stands as it was opened."""
    return case.requested_by == SYSTEM.username and case.difference is None and case.first_by is None


def _goes(case: Case, word: str, observation: Observation, *, again: bool) -> CaseState | None:
    """Give where a word leads now; `again` asks it of a case that came back as its request showed no effect."""
    to = _shown(case, word) if again else _led(case, word)
    return None if to is CaseState.REQUESTED and _may_come(case, observation) else to


def _led(case: Case, word: str) -> CaseState | None:
    """Give where the vendor's word leads a case, or None where it leads nowhere."""
    state, to = CaseState(case.state), _STATES.get(word)
    if state is CaseState.UNKNOWN:
        nothing = word == Status.DISCONNECTED.value or _unmoved(case, word)
        return CaseState.REQUESTED if nothing else _shown(case, word)
    if state is CaseState.SUBMITTED:
        return to
    if state in VENDORS and to is not state and not (state is CaseState.ACCEPTED and to is CaseState.SUSPENDED):
        return to
    return None


def _shown(case: Case, word: str) -> CaseState | None:
    """Give where a word leads that shows the effect of a request, None for one that shows none."""
    if word == Status.PENDING.value:
        return CaseState.SUBMITTED
    return None if _unmoved(case, word) else _STATES.get(word)


def _unmoved(case: Case, word: str) -> bool:
    """Tell whether a word that shows no request is the one that stood there before anything was sent."""
    shows = word in {Status.PENDING.value, Status.ACCEPTED.value}
    return not shows and case.connection_id == case.listed_id and case.evidence.get("status") == word


def _may_come(case: Case, observation: Observation) -> bool:
    """Tell whether a request without an answer may still show in a list: it left a moment ago."""
    return case.sent_at is not None and case.code not in CONNECTED and too_early(case.sent_at, observation.at)


def _in_vain(session: Session, case: Case) -> CaseEvent | None:
    """Give the approval of a case that came back as no list showed its request, and that nobody decided since."""
    if case.state != CaseState.REQUESTED or case.sent_at is None or case.difference is None:
        return None
    story = cases.events(session, case.id or 0)
    back = next((each for each in reversed(story) if each.action == REOPEN), None)
    if back is None or back.before != CaseState.UNKNOWN:
        return None
    return next((each for each in reversed(story) if each.action == "case.approve"), None)


def _taken_up(session: Session, case: Case, approval: CaseEvent | None) -> str | None:
    """Let an approval count again as it was given, and say why: what was pinned with it is what is watched."""
    if approval is None:
        return None
    steps.forget_decision(case)
    case.decision, case.decided_by, case.decided_at = "approved", approval.actor, approval.at
    case.reason = approval.reason
    if approval.evidence is not None:
        evidences.pin(session, case, approval.evidence)
    return "The request that was sent before took effect after all."


def _miss(session: Session, observation: Observation, complete: frozenset[str]) -> None:
    """Bring back what whole lists read later do not show, also what the vendor said is connected already."""
    missed = case_words.unlisted(session, observation.source_id, observation.run_id, complete)
    for case in cases.some(session, missed).values():
        if _may_come(case, observation):
            continue
        said = case.code in CONNECTED
        why = "though it says that it is connected already." if said else "the request had no effect."
        reopen(session, case, {"listed": [None, False]}, f"Zocial's list does not show it{',' if said else ':'} {why}")


def _compare(session: Session, observation: Observation, seen: Collection[str]) -> None:
    """Bring cases back whose evidence moved since it was pinned, with the difference."""
    found = {number: key for number, key in case_words.moved(session, observation.source_id) if key in seen}
    known = evidences.of_connections(session, sorted(found.values()))
    for number, case in cases.some(session, found).items():
        evidence, _ = known[found[number]]
        if CaseState(case.state) in REOPENS:
            was = case.evidence | {"owner": case.owner}
            reopen(session, case, evidences.difference(was, evidence), "What was approved changed.")
    source = observation.source_id
    for other in (*case_words.listed(session, source), *case_words.others(session, source)):
        differs = _differs(session, other) if other.connection_id in seen and other.case not in found else {}
        if differs:
            found[other.case] = other.connection_id
            case = cases.some(session, [other.case])[other.case]
            now_told = _anchor(other.connection_id, other.followers, other.handle, other.owner, other.status)
            why = f"What was approved changed, as {other.source} tells."
            reopen(session, case, differs, why, now_told if other.first else {})


def _anchor(listed: str, followers: int | None, handle: str | None, owner: str | None, status: str) -> dict[str, Any]:
    """Give what a step tells of the row that the vendor lists for a case, which later ones are compared with."""
    return {
        "listed_id": listed,
        "first": {"followers": followers, "handle": handle, "owner": owner, "status": status},
    }


def _differs(session: Session, other: Other) -> dict[str, Any]:
    """Say what a further witness tells otherwise than was pinned, of what brings a case back.

    What was not pinned is compared with what it told when it was found in the list, or with what was pinned where it
    takes the place of the connection that vanished. Else its followers alone count, once it told what the account was
    pinned with: a figure that differed from the first is a disagreement.
    """
    told = next((each for each in other.evidence["sources"] if each["connection"] == other.connection_id), None)
    pinned = told or other.first or (other.evidence if other.gone else None)
    followers, was = other.followers, (pinned or other.evidence)["followers"]
    halved = bool(was) and followers is not None and followers * HALVED <= was and not other.doubted
    if pinned is None:
        collapsed = halved and case_words.has_agreed(session, other.connection_id, was)
        return {"followers": [was, followers]} if collapsed else {}
    handles = [each and each.casefold() for each in (pinned["handle"], other.handle)]
    suspended = other.status == Status.SUSPENDED and CaseState(other.state) in _ENDED
    changed = {
        "followers": halved,
        "handle": None not in handles and handles[0] != handles[1],
        "owner": None not in {pinned["owner"], other.owner} and pinned["owner"] != other.owner,
        "status": suspended and pinned["status"] != Status.SUSPENDED,
    }
    return {name: [pinned[name], getattr(other, name)] for name, moved in changed.items() if moved}


def reopen(
    session: Session, case: Case, difference: dict[str, Any], reason: str, also: dict[str, Any] | None = None
) -> bool:
    """Bring a case back to be decided anew, with what differs; not while another one of the account is active."""
    evidence = evidences.of_case(session, case)
    members = [each["connection"] for each in evidence["sources"]] + [case.connection_id or ""]
    key = [case.account_key] if case.account_key else []
    if any(other.id != case.id for other in cases.active(session, members, key)):
        return False
    told = {"difference": difference, "decision": case.decision, "decided_by": case.decided_by} | (also or {})
    steps.forget_decision(case)
    case.due_at = rules.due(session, None, now())
    evidences.pin(session, case, evidence)
    case.difference = difference
    steps.take(session, case, Step(REOPEN, CaseState.REQUESTED, reason, evidence, told), SYSTEM)
    return True


def _open(session: Session, observation: Observation, seen: Collection[str], after: int = 0) -> int | None:
    """Open a case for each connection of a stretch that is pending at the vendor and that nobody submitted."""
    found = [each for each in case_words.pending(session, observation, after) if each.id in seen]
    if not found:
        return None
    waiting = found[:AT_ONCE]
    known = evidences.of_connections(session, [each.id for each in waiting if not each.copied])
    marks = {each.id: each.marks if each.copied else marks_of(*known[each.id]) for each in waiting}
    every = sorted({mark for told in marks.values() for mark in told})
    taken = {mark for brief in cases.active(session, every, every) for mark in (brief.connection_id, brief.account_key)}
    new = list[Waiting]()
    for each in waiting:
        if taken.isdisjoint(marks[each.id]):
            taken.update(marks[each.id])
            new.append(each)
    opened_by_itself(session, new, known, observation, Wish(PENDING_NOTE, rules.due(session, None, observation.at)))
    return found[AT_ONCE - 1].number if len(found) > AT_ONCE else None
