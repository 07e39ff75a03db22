"""Requests approvals: of connections of any source, or of an account that was typed in because no source reports it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data import case_openings, cases
from data.case_words import Waiting
from data.models import Case
from data.queries.accounts import Witness
from data.staging import Observation
from data.store import Session, now
from data.types import CaseState, Kind, Status, Vendor
from services import audit
from services.access import SYSTEM, Actor, Permission, requires
from services.approvals import evidence as evidences
from services.approvals import proof, rules, steps
from services.approvals.evidence import Evidence, Known
from services.approvals.steps import Outcome, Step
from services.approvals.typed import Account, checked
from services.audit import Named
from services.desk import Desk
from services.failures import Failure, Misuse
from services.handles import handle_key

FEW = 20
"""Cases opened by one sync that each have a row of their own in the audit trail."""


@dataclass(frozen=True)
class Wish:
    """What goes with a request: words for the reviewer, and until when it should be decided."""

    note: str = ""
    due: datetime | None = None


@requires(Permission.REQUEST_APPROVAL, "case.request", "connection {}")
def request(
    desk: Desk, actor: Actor, connection_id: str, wish: Wish | None = None, *, pinned: str | None = None
) -> Outcome:
    """Request the approval of a connection; gives its new case. Raises Misuse, and Failure when a case is active.

    `pinned` is the fingerprint of the evidence that the person looked at, if that shall be compared.
    """
    asked = wish or Wish()
    words = steps.checked_words(asked.note)
    with desk.store.writing() as session:
        known = evidences.of_connections(session, [connection_id])
        if connection_id not in known:
            raise Misuse(
                f"There is no connection {connection_id[:80]!r}.", "`python -m services connections` names all."
            )
        evidence, members = known[connection_id]
        refuse_gone(connection_id, members)
        if pinned is not None and evidences.fingerprint(evidence) != pinned:
            message = f"What the sources say of {connection_id} changed while you were looking at it."
            raise Failure("conflict", message, "Look at it as it is now, then request again.")
        refuse_active(cases.active(session, [each.id for each in members], keys_of(evidence, members)))
        due = rules.due(session, asked.due, now())
        case = opened(session, new_case(actor, evidence, connection_id, members), actor, Wish(words, due))
        return _told(case)


@requires(Permission.REQUEST_APPROVAL, "case.submit", "{}")
def submit(desk: Desk, actor: Actor, account: Account, wish: Wish | None = None) -> Outcome:
    """Request the approval of an account that no source reports yet. Raises Misuse that names the field.

    Where a source reports that platform and handle after all, the case is about that connection.
    """
    asked, told = wish or Wish(), checked(account)
    words = steps.checked_words(asked.note)
    with desk.store.writing() as session:
        due = rules.due(session, asked.due, now())
        evidence, members, found = known_of(session, told)
        refuse_active(cases.active(session, [each.id for each in members], keys_of(evidence, members)))
        return _told(opened(session, new_case(actor, evidence, found, members), actor, Wish(words, due)))


def known_of(session: Session, told: Account) -> tuple[Evidence, tuple[Witness, ...], str | None]:
    """Give what is known of a typed-in account: of the connection that a source reports after all, else as typed."""
    found = cases.reported(session, told.platform, handle_key(told.handle, told.url) or told.handle)
    if found is None:
        return _typed(told), (), None
    evidence, members = evidences.of_connections(session, [found])[found]
    return evidence, members, found


def opened(session: Session, case: Case, by: Named, wish: Wish, *, at: datetime | None = None) -> Case:
    """Write a new case with its first step, in the caller's transaction."""
    case.requested_at = case.changed_at = at or now()
    case.vendor_word_at = case.requested_at if case.vendor_word is not None else None
    case.note, case.due_at = wish.note, wish.due
    case.source_id = cases.source_of(session, case.connection_id) if case.connection_id else None
    cases.keep(session, case)
    step = Step("case.request", CaseState.REQUESTED, wish.note or None, case.evidence, at=at)
    steps.tell(session, case, step, by)
    return case


def opened_by_itself(
    session: Session, new: Sequence[Waiting], known: Known, observation: Observation, wish: Wish
) -> None:
    """Write the cases that a sync found waiting at its source; of many, one row of the audit trail tells.

    Of many, the database itself copies what is not in `known`, and all first steps: what is written is the same.
    """
    at = observation.at
    if len(new) <= FEW:
        known = known | evidences.of_connections(session, [each.id for each in new if each.id not in known])
        for each in new:
            evidence, members = known[each.id]
            opened(session, new_case(SYSTEM, evidence, each.id, members), SYSTEM, wish, at=at)
        return
    step = Step("case.request", CaseState.REQUESTED, wish.note or None, at=at)
    shared = Case(
        kind="", platform="", state=step.to.value, requested_by=SYSTEM.username
    )  # both differ from each other
    shared.requested_at = shared.changed_at = at
    shared.source_id, shared.note, shared.due_at = observation.source_id, wish.note, wish.due
    copy = [each.number for each in new if each.id not in known]
    made = [_asked_by_itself(each.id, *known[each.id], at) for each in new if each.id in known]
    numbers = case_openings.keep(session, shared, steps.event_of(shared, step, SYSTEM), copy, made)
    after = proof.told_together(session, *numbers, shared)
    audit.record(session, SYSTEM, step.action, cases.subject_of(*numbers), after=after, reason=step.reason)


def _asked_by_itself(
    connection_id: str, evidence: Evidence, members: tuple[Witness, ...], at: datetime
) -> dict[str, Any]:
    told = asked(SYSTEM, evidence, connection_id, members)
    return told | {"vendor_word_at": told["vendor_word"] and at}


def new_case(by: Named, evidence: Evidence, connection_id: str | None, members: tuple[Witness, ...]) -> Case:
    """Make a case that is not written yet, of an account as it is known now."""
    return Case(**asked(by, evidence, connection_id, members))


def asked(by: Named, evidence: Evidence, connection_id: str | None, members: tuple[Witness, ...]) -> dict[str, Any]:
    """Give the columns of a case that is not written yet, of an account as it is known now."""
    listed = next((each for each in members if each.id == connection_id and each.vendor == Vendor.ZOCIAL), None)
    return evidences.columns(evidence) | {
        "state": CaseState.REQUESTED.value,
        "requested_by": by.username,
        "connection_id": connection_id,
        "account_key": cases.account_key(evidence["platform"], evidence["handle_key"]),
        "listed_id": listed and listed.id,
        "vendor_word": listed and listed.status,
    }


def keys_of(evidence: Evidence, members: Iterable[Witness]) -> list[str]:
    """Give platform and handle of an account under every handle that its witnesses tell."""
    found = {cases.account_key(each.platform, each.handle_key) for each in members}
    found.add(cases.account_key(evidence["platform"], evidence["handle_key"]))
    return sorted(key for key in found if key is not None)


def marks_of(evidence: Evidence, members: Iterable[Witness]) -> list[str]:
    """Give what tells an account apart: its connections, and platform and handle under every handle."""
    found = list(members)
    return [*(each.id for each in found), *keys_of(evidence, found)]


def refuse_gone(connection_id: str, members: tuple[Witness, ...]) -> None:
    """See that a connection is still listed and connected. Raises Failure."""
    own = next(each for each in members if each.id == connection_id)
    if own.vanished_at is not None:
        raise Failure("vanished", f"{own.source} no longer lists {connection_id}.", "Connect it again first.")
    if own.status == Status.DISCONNECTED.value:
        raise Failure("disconnected", f"{connection_id} is disconnected at {own.source}.", "Connect it again first.")


def refuse_active(found: list[cases.Brief]) -> None:
    """See that no case of the account is active. Raises Failure that names it."""
    if found:
        state = steps.spoken(CaseState(found[0].state))
        message = f"Case {found[0].id} of this account is {state} already."
        raise Failure("second_case", message, f"Go on with case {found[0].id}: an account has one active case.")


def _typed(told: Account) -> Evidence:
    case = Case(kind=Kind.NETWORK.value, platform=told.platform, state="", requested_by="", handle=told.handle)
    case.url, case.followers, case.category = told.url, told.followers, told.category
    return evidences.typed(case)


def _told(case: Case) -> Outcome:
    number = case.id or 0
    return Outcome(number, CaseState.REQUESTED, case.version, f"Case {number} is requested.")
