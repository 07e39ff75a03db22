"""One case as a reviewer reads it, and as one document with its rows of the audit trail."""

from dataclasses import dataclass
from typing import Any

from data import cases
from data.models import AuditRow
from data.queries import cases as queue
from data.queries.cases import CaseRow, Happened
from data.store import Session, now
from services import audit
from services.access import Actor, Permission, requires
from services.approvals import evidence as evidences
from services.approvals import proof, rules, steps
from services.approvals.evidence import Evidence
from services.desk import Desk

EXPORTED = ("at", "actor", "action", "before", "after", "outcome", "reason", "previous", "hash")


@dataclass(frozen=True)
class Story:
    """A case with all that a decision on it needs; `pinned` goes along with the decision, like the row's version.

    `evidence` is what is known now of a case that is undecided, else what was pinned with the last decision;
    `difference` what is known otherwise now than was pinned before.
    """

    case: CaseRow
    evidence: Evidence
    pinned: str
    difference: dict[str, Any]
    steps: tuple[Happened, ...]
    earlier: tuple[CaseRow, ...]
    needs_two: bool


def story(desk: Desk, number: int) -> Story:
    """Give a case as it stands. Raises Misuse for an unknown number."""
    with desk.store.reading() as session:
        return told(session, number)


def told(session: Session, number: int) -> Story:
    """Give a case as it stands, within a session. Raises Misuse for an unknown number."""
    found = steps.found(session, number)
    (row,) = queue.some(session, [number]).values()
    live = evidences.of_case(session, found)
    open_still = found.state in steps.UNDECIDED
    evidence = live if open_still else found.evidence
    return Story(
        row,
        evidence,
        evidences.fingerprint(live),
        found.difference or evidences.difference(found.evidence, live),
        queue.story(session, number),
        queue.earlier(session, number),
        rules.needs_two(cases.rules(session), live),
    )


@requires(Permission.LOOK, "case.export", "case {}")
def exported(desk: Desk, actor: Actor, number: int) -> dict[str, Any]:
    """Give a case as one document: its story and its evidence.

    For who may read the audit trail, its rows there too, and whether the chain holds; None for others. No secret is
    in it: none is kept in a case, and the trail blanks whatever is named like one.
    """
    reads = actor.may(Permission.READ_AUDIT)
    with desk.store.reading() as session:
        found = told(session, number)
        rows = [_exported(row) for row in cases.audit_rows(session, number)] if reads else None
    chain = _chain(desk, number) if reads else None
    with desk.store.writing() as session:
        audit.record(session, actor, "case.export", cases.subject_of(number), outcome="done")
    return {
        "exported_at": now(),
        "exported_by": actor.username,
        "case": found.case._asdict() | {"disagrees": found.case.disagrees},
        "evidence": found.evidence,
        "difference": found.difference,
        "steps": [step._asdict() for step in found.steps],
        "earlier_cases": [row.id for row in found.earlier],
        "audit": rows,
        "chain": chain,
    }


def _chain(desk: Desk, number: int) -> dict[str, Any]:
    bad = audit.verify(desk) or proof.verify(desk, number)
    return {"holds": bad is None, "first_bad_row": bad.id if bad else None, "why": bad.why if bad else None}


def _exported(row: AuditRow) -> dict[str, Any]:
    return {"id": row.id} | {name: getattr(row, name) for name in EXPORTED}
