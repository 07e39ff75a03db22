"""Proves that cases and their stories are what was written: each step's digest stands in its row of the audit trail.

The trail is a chain, so whoever changes, adds or removes a step has to break that. Many cases that one sync opened
together share one row, with one digest of all their first steps as the database holds them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from data import case_proofs, cases, trail
from data.case_proofs import Opened, Proof
from data.models import Case, CaseEvent
from data.store import Session
from data.types import CaseState
from services.approvals import evidence as evidences
from services.audit import BadRow
from services.desk import Desk

PROOF, STOOD = "_step", "_stood"
"""The names of the digests of a step and of its case in their row; none is sorted before, so they are never cut off."""
_KEPT = "%Y-%m-%d %H:%M:%S.%f"
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode


class _Meddled(NamedTuple):
    """A case that is not what was written, and the row of the trail that proves it."""

    case: int
    row: int


def digest(event: CaseEvent) -> str:
    """Give a short text that differs as soon as anything of a step does."""
    return _digest(_told(event, case_proofs.EVENT))


def digest_of(case: Case) -> str:
    """Give a short text that differs as soon as anything differs that a case tells as it stands."""
    return _digest(_told(case, case_proofs.STANDING))


def told_together(session: Session, first: int, last: int, opened: Case) -> dict[str, Any]:
    """Give what the row of cases that were opened together tells of them, so that each is proved by it."""
    alike: dict[str, Any] = {"source_id": opened.source_id, "at": _instant(opened.requested_at)}
    due = None if opened.due_at is None else _instant(opened.due_at)
    return (
        alike
        | {"due_at": due}
        | {"state": opened.state, "count": last - first + 1, "digest": _seal(session, first, last)}
    )


def verify(desk: Desk, number: int | None = None) -> BadRow | None:
    """Compare all cases, or one, and their stories with the trail; gives the first row that tells something else."""
    with desk.store.reading() as session, trail.any_bytes(session):
        told, together = case_proofs.proofs(session, number), case_proofs.openings(session, number)
        broken = next((each for each in together if not _holds(session, each)), None)
        if broken is not None:
            return BadRow(broken.row, f"a first step of cases {broken.first} to {broken.last} is not what was written")
        proofs = {proof.digest: proof for proof in told}
        strange = _unproved(session, number, proofs, together)
        if strange is not None:
            about = [proof.row for proof in proofs.values() if proof.case == strange]
            row = min(about, default=None) or case_proofs.latest_row(session, strange)
            return BadRow(row, f"a step of case {strange} is not what was written")
        if proofs:
            missing = min(proofs.values(), key=lambda proof: proof.row)
            return BadRow(missing.row, f"a step of case {missing.case} is missing from its story")
        moved = case_proofs.out_of_step(session, number) or _meddled(session, number, told, together)
    return None if moved is None else BadRow(moved[1], f"case {moved[0]} is not what its last step made of it")


def _seal(session: Session, first: int, last: int) -> str:
    """Give one digest of what the database holds of the first steps of cases that were opened together."""
    seal = hashlib.sha256()
    for line in case_proofs.as_opened(session, first, last):
        seal.update(line.encode("utf-8", "surrogateescape") + b"\n")
    return seal.hexdigest()


def _holds(session: Session, opened: Opened) -> bool:
    """Tell whether the first steps of cases that were opened together are as written, where their row proves it."""
    return "digest" not in opened.told or _seal(session, opened.first, opened.last) == opened.told["digest"]


def _unproved(session: Session, number: int | None, proofs: dict[str, Proof], together: Iterable[Opened]) -> int | None:
    """Find the case of the first step that no row proves, and take the proofs of all others away."""
    for written in case_proofs.every_event(session, number):
        event = _read(written)
        proved = event is not None and _is_canonical(written) and proofs.pop(_digest(event), None) is not None
        if event is None or not (proved or any(_opens(each, event) for each in together)):
            return int(written["case_id"])
    return None


def _meddled(
    session: Session, number: int | None, told: Iterable[Proof], together: Iterable[Opened]
) -> _Meddled | None:
    """Find the first case that is not what it was after its last step, or that is gone, with the row that proves it."""
    last = {proof.case: proof for proof in told}
    for written in case_proofs.every_case(session, number):
        key, as_asked = written["id"], written.pop("as_asked")
        proof, case = last.pop(key, None), _read(written)
        if case is None or not (as_asked or _is_canonical(written)):
            return _Meddled(key, proof.row if proof else case_proofs.latest_row(session, key))
        if proof is not None and proof.stood and not _stands(case, proof.stood):
            return _Meddled(key, proof.row)
        opened = next((each for each in together if each.first <= key <= each.last and "at" in each.told), None)
        if proof is None and opened is not None and case != _as_opened(case, opened):
            return _Meddled(key, opened.row)
    return next((_Meddled(key, proof.row) for key, proof in last.items()), None)


def _stands(case: Mapping[str, Any], stood: str) -> bool:
    """Tell whether a case is what its proof says; earlier versions proved less of it."""
    return stood in {_digest(case), _digest({name: case[name] for name in case_proofs.STOOD_ONCE})}


def _as_opened(case: Mapping[str, Any], opened: Opened) -> dict[str, Any]:
    """Give what a case tells that nothing happened to since it was opened together with others.

    The seal of its first step holds its evidence, connection and source; all else follows from these.
    """
    evidence, told = case["evidence"], opened.told
    listed = case["listed_id"] is not None
    fresh = {name: field.get_default() for name, field in Case.model_fields.items() if name in case_proofs.STANDING}
    fresh |= {name: case[name] for name in ("id", "connection_id")} | evidences.columns(evidence)
    fresh |= {"account_key": cases.account_key(evidence["platform"], evidence["handle_key"])}
    fresh |= {"source_id": told["source_id"], "due_at": told["due_at"], "note": opened.reason or ""}
    fresh |= {"state": CaseState.REQUESTED.value, "requested_by": opened.actor}
    fresh |= dict.fromkeys(("requested_at", "changed_at"), told["at"])
    if listed:
        fresh |= {"listed_id": case["connection_id"], "vendor_word": evidence["status"], "vendor_word_at": told["at"]}
    return fresh


def _told(row: Case | CaseEvent, names: Iterable[str]) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in names}
    return {name: _instant(value) if isinstance(value, datetime) else value for name, value in told.items()}


def _read(written: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read a step or a case as the database keeps it; None where that can't be what was written."""
    told = {name: value for name, value in written.items() if value is not None}
    try:
        told |= {name: json.loads(told[name]) for name in case_proofs.DOCUMENTS & told.keys()}
        told |= {name: _instant(_kept(told[name])) for name in case_proofs.INSTANTS & told.keys()}
    except (ValueError, TypeError):
        return None
    return dict(written) | told


def _is_canonical(written: Mapping[str, Any]) -> bool:
    """Tell whether the documents of a row are written as we write them: a blank more would say the same."""
    texts = (written[name] for name in case_proofs.DOCUMENTS & written.keys())
    return all(text is None or json.dumps(json.loads(text)) == text for text in texts)


def _kept(text: str) -> datetime:
    """Read an instant as the database keeps it. Raises ValueError for any other way to write the same."""
    at = datetime.fromisoformat(text)
    if not (text.endswith("+00") if at.tzinfo else at.strftime(_KEPT) == text):
        raise ValueError(text)
    return at


def _instant(at: datetime) -> str:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _digest(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(told).encode()).hexdigest()[: case_proofs.DIGEST]


def _opens(opened: Opened, event: Mapping[str, Any]) -> bool:
    """Tell whether a step is the first one of a case that was opened together with others."""
    names = ("actor", "action", "reason", "before", "after", "version", "told")
    told = tuple(event[name] for name in names)
    first = opened.first <= event["case_id"] <= opened.last and event["at"] == opened.told.get("at", event["at"])
    return first and told == (opened.actor, opened.action, opened.reason, None, "requested", 1, None)
