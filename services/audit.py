"""The audit trail: who did what to whom, before and after; each row is chained to the one before it by hash.

The chain shows a row that was edited, removed or moved. That its end was not cut is shown by the highest id that the
database ever handed out, and by an anchor: the newest row's id and hash, sealed with Patchbay's key in a small file
beside the database.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from data import trail
from data.models import AuditRow
from data.store import Session, now
from services.desk import Desk
from services.vault import WrongKey

GENESIS = "0" * 64
LONGEST_VALUE = 4_000  # characters of a before or after value
ANCHOR_ROW = "audit anchor"
_SECRET_WORDS = ("password", "secret", "token", "api_key", "jwt", "service_key", "credential", "cookie", "ticket")
_canonical = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=repr).encode  # bytes were meddled with


class Named(Protocol):
    """Whoever acts: an Actor, or anything else with a user name."""

    @property
    def username(self) -> str:
        """Give the name that stands in the trail."""
        ...


@dataclass(frozen=True)
class BadRow:
    """The first place where the trail is not what was written: the row's id and what is wrong with it."""

    id: int
    why: str


def record(
    session: Session,
    actor: Named,
    action: str,
    subject: str,
    *,
    before: Any = None,
    after: Any = None,
    outcome: str = "done",
    reason: str | None = None,
) -> AuditRow:
    """Append one action inside the caller's transaction, which must hold the write lock (`store.writing()`)."""
    newest = trail.last(session)
    row = AuditRow(
        id=max((newest.id or 0) if newest else 0, trail.highest_ever(session)) + 1,
        at=now(),
        actor=_text(actor.username) or "",
        action=_text(action) or "",
        subject=_text(subject) or "",
        before=_value(before),
        after=_value(after),
        outcome=outcome,
        reason=_text(reason),
        previous=newest.hash if newest else GENESIS,
        hash="",
    )
    row.hash = _hash((row.id, _instant(row.at), *_told(row), row.previous))
    trail.append(session, row)
    return row


def verify(desk: Desk) -> BadRow | None:
    """Check the whole chain and its end; gives the first bad row, or None when all is as it was written."""
    anchor = _read_anchor(desk)
    with desk.store.reading() as session:
        bad, end = _walk(session, anchor)
        highest = trail.highest_ever(session)
    if bad is not None:
        return bad
    if end < highest:
        return BadRow(end + 1, f"rows {end + 1} to {highest} are missing at the end")
    if anchor is not None and end < anchor[0]:
        return BadRow(end + 1, f"rows {end + 1} to {anchor[0]} are missing at the end")
    return None


def anchor(desk: Desk) -> None:
    """Seal the newest row's id and hash beside the database, if the chain up to it holds what was sealed before."""
    path = _anchor_path(desk)
    if path is None:
        return
    with desk.store.reading() as session:
        newest = trail.last(session)
    if newest is None or verify(desk) is not None:
        return
    sealed = desk.vault.seal({"id": str(newest.id), "hash": newest.hash}, row=ANCHOR_ROW)
    draft = path.with_name(path.name + "-new")
    draft.write_bytes(sealed)
    draft.replace(path)


def _walk(session: Session, anchor: tuple[int, str] | None) -> tuple[BadRow | None, int]:
    previous, expected, end = GENESIS, 1, 0
    for row in trail.in_order(session):
        number, told_previous, told_hash = row[0], row[9], row[10]
        if number != expected:
            return BadRow(expected, f"row {expected} is missing"), end
        if told_previous != previous:
            return BadRow(number, "it does not follow the row before it"), end
        at = row[1] if isinstance(row[1], str) else _instant(row[1])
        if _hash((number, at, *row[2:10])) != told_hash:
            return BadRow(number, "it was changed after it was written"), end
        if anchor is not None and number == anchor[0] and told_hash != anchor[1]:
            return BadRow(number, "it is not the row that was sealed under this number"), end
        previous, end, expected = told_hash, number, number + 1
    return None, end


def _hash(values: tuple[Any, ...]) -> str:
    return hashlib.sha256(_canonical(values).encode("ascii")).hexdigest()


def _told(row: AuditRow) -> tuple[Any, ...]:
    return row.actor, row.action, row.subject, row.before, row.after, row.outcome, row.reason


def _instant(value: datetime) -> str:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _text(value: Any) -> str | None:
    """Make text storable on every database: no lone surrogates, no NUL, not endless."""
    if value is None:
        return None
    text = str(value).encode("utf-8", "replace").decode().replace("\x00", "")
    return text[:LONGEST_VALUE]


def _value(value: Any) -> str | None:
    return None if value is None else _text(json.dumps(_hidden(value), sort_keys=True, ensure_ascii=False, default=str))


def _hidden(value: Any) -> Any:
    """Blank whatever is named like a secret: no caller's slip may put one into the trail."""
    if isinstance(value, dict):
        secret = {name for name in value if any(word in str(name).lower() for word in _SECRET_WORDS)}
        return {str(name): "(not kept)" if name in secret else _hidden(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner) for inner in value]
    return value


def _anchor_path(desk: Desk) -> Path | None:
    path = desk.store.path
    return path.with_name(path.name + "-audit") if path else None


def _read_anchor(desk: Desk) -> tuple[int, str] | None:
    path = _anchor_path(desk)
    if path is None or not path.is_file():
        return None
    try:
        told = desk.vault.open(path.read_bytes(), row=ANCHOR_ROW)
    except WrongKey:
        return None
    return int(told["id"]), told["hash"]
