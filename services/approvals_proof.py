"""Proves that the stories of cases are what was written: each step's digest stands in its row of the audit trail.

The trail is a chain, so whoever changes, adds or removes a step has to break that. Many cases that one sync opened
together share one row, which tells who opened them, when and why; the evidence of that first step is not in the chain.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from data import case_proofs, trail
from data.case_proofs import Opened, Proof
from data.models import Case, CaseEvent
from data.store import Session
from services.audit import BadRow
from services.desk import Desk

PROOF, STOOD = "_step", "_stood"
"""The names of the digests of a step and of its case in their row; none is sorted before, so they are never cut off."""
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode


def digest(event: CaseEvent) -> str:
    """Give a short text that differs as soon as anything of a step does."""
    return _digest(_told(event, case_proofs.EVENT))


def digest_of(case: Case) -> str:
    """Give a short text that differs as soon as anything differs that a case tells as it stands."""
    return _digest(_told(case, case_proofs.STANDING))


def verify(desk: Desk, number: int | None = None) -> BadRow | None:
    """Compare the stories of all cases, or of one, with the trail; gives the first row whose step is not as written."""
    with desk.store.reading() as session, trail.any_bytes(session):
        told = case_proofs.proofs(session, number)
        proofs = {proof.digest: proof for proof in told}
        strange = _unproved(session, number, proofs, case_proofs.openings(session))
        if strange is not None:
            about = [proof.row for proof in proofs.values() if proof.case == strange]
            row = min(about, default=None) or case_proofs.latest_row(session, strange)
            return BadRow(row, f"a step of case {strange} is not what was written")
        if proofs:
            missing = min(proofs.values(), key=lambda proof: proof.row)
            return BadRow(missing.row, f"a step of case {missing.case} is missing from its story")
        moved = case_proofs.out_of_step(session, number) or _meddled(session, number, told)
    return None if moved is None else BadRow(moved[1], f"case {moved[0]} is not what its last step made of it")


def _unproved(session: Session, number: int | None, proofs: dict[str, Any], opened: Iterable[Opened]) -> int | None:
    """Find the case of the first step that no row proves, and take the proofs of all others away."""
    together = list(opened)
    for written in case_proofs.every_event(session, number):
        event = _read(written)
        proved = event is not None and proofs.pop(_digest(event), None) is not None
        if event is None or not (proved or any(_opens(each, event) for each in together)):
            return int(written["case_id"])
    return None


def _meddled(session: Session, number: int | None, told: Iterable[Proof]) -> tuple[int, int] | None:
    """Find the first case that does not tell what it told after its last step, with the row that proves that."""
    last = {proof.case: proof for proof in told}
    for written in case_proofs.every_case(session, number):
        proof, case = last.get(written["id"]), _read(written)
        if proof is not None and proof.stood and (case is None or _digest(case) != proof.stood):
            return written["id"], proof.row
    return None


def _told(row: Case | CaseEvent, names: Iterable[str]) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in names}
    return {name: _instant(value) if isinstance(value, datetime) else value for name, value in told.items()}


def _read(written: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read a step or a case as the database keeps it; None where that can't be what was written."""
    told = {name: value for name, value in written.items() if value is not None}
    try:
        told |= {name: json.loads(told[name]) for name in case_proofs.DOCUMENTS & told.keys()}
        told |= {name: _instant(datetime.fromisoformat(told[name])) for name in case_proofs.INSTANTS & told.keys()}
    except (ValueError, TypeError):
        return None
    return dict(written) | told


def _instant(at: datetime) -> str:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _digest(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(told).encode()).hexdigest()[: case_proofs.DIGEST]


def _opens(opened: Opened, event: Mapping[str, Any]) -> bool:
    """Tell whether a step is the first one of a case that was opened together with others."""
    names = ("actor", "action", "reason", "before", "after", "version", "told")
    told = tuple(event[name] for name in names)
    first = opened.first <= event["case_id"] <= opened.last
    return first and told == (opened.actor, opened.action, opened.reason, None, "requested", 1, None)
