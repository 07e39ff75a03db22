"""Proves that the stories of cases are what was written: each step's digest stands in its row of the audit trail.

The trail is a chain, so whoever changes, adds or removes a step has to break that. Many cases that one sync opened
together share one row, which tells who opened them, when and why; the evidence of that first step is not in the chain.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from data import cases
from data.cases import Opened
from data.models import CaseEvent
from data.store import Session
from services.audit import BadRow
from services.desk import Desk

PROOF = "_step"
"""The name of a step's digest in its row; no other name is sorted before it, so that it is never cut off."""
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode


def digest(event: CaseEvent) -> str:
    """Give a short text that differs as soon as anything of a step does."""
    told = {name: getattr(event, name) for name in cases.EVENT}
    at = event.at.astimezone(UTC).isoformat()
    return hashlib.sha256(_canonical(told | {"at": at}).encode()).hexdigest()[: cases.DIGEST]


def verify(desk: Desk, number: int | None = None) -> BadRow | None:
    """Compare the stories of all cases, or of one, with the trail; gives the first row whose step is not as written."""
    with desk.store.reading() as session:
        proofs = {proof.digest: proof for proof in cases.proofs(session, number)}
        openings = cases.openings(session)
        strange = _unproved(session, number, proofs, openings)
        if strange is not None:
            about = [proof.row for proof in proofs.values() if proof.case == strange.case_id]
            row = min(about, default=None) or cases.latest_row(session, strange.case_id)
            return BadRow(row, f"a step of case {strange.case_id} is not what was written")
        if proofs:
            missing = min(proofs.values(), key=lambda proof: proof.row)
            return BadRow(missing.row, f"a step of case {missing.case} is missing from its story")
        moved = cases.out_of_step(session, number)
    return None if moved is None else BadRow(moved[1], f"case {moved[0]} does not stand where its last step led")


def _unproved(
    session: Session, number: int | None, proofs: dict[str, Any], openings: Iterable[Opened]
) -> CaseEvent | None:
    """Find the first step that no row proves, and take the proofs of all others away."""
    together = list(openings)
    for event in cases.every_event(session, number):
        if proofs.pop(digest(event), None) is None and not any(_opens(each, event) for each in together):
            return event
    return None


def _opens(opened: Opened, event: CaseEvent) -> bool:
    """Tell whether a step is the first one of a case that was opened together with others."""
    told = (event.actor, event.action, event.reason, event.before, event.after, event.version, event.told)
    first = opened.first <= event.case_id <= opened.last
    return first and told == (opened.actor, opened.action, opened.reason, None, "requested", 1, None)
