"""Extra data of one connection: what is held, the mark of an edit on its way, and how a confirmed one is taken over."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, func, insert, select, update
from sqlmodel import SQLModel

from data.models import Change, Connection, Source, SyncRun
from data.staging import UNREAD
from data.store import Session
from data.types import RunState

MARK = "unconfirmed"
"""The field of a change row that stands while nobody knows whether an edit happened."""
Values = Mapping[str, str | None]
_connections = SQLModel.metadata.tables[Connection.__tablename__]
_changes = SQLModel.metadata.tables[Change.__tablename__]
_runs = SQLModel.metadata.tables[SyncRun.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]


class Held(NamedTuple):
    """What the cache holds of a connection whose extra data is to be edited."""

    id: str
    source_id: int
    kind: str
    vendor_id: str
    extra: dict[str, Any] | None
    category: str | None
    engagement_rate: float | None
    vanished_at: datetime | None
    last_seen_at: datetime
    last_complete_at: datetime | None


def held(session: Session, connection_id: str) -> Held | None:
    """Give what is held of a connection; None for an unknown one."""
    shown = [_sources.c[name] if name == "last_complete_at" else _connections.c[name] for name in Held._fields]
    joined = _connections.join(_sources, _sources.c.id == _connections.c.source_id)
    query = select(*shown).select_from(joined).where(_connections.c.id == connection_id)
    row = session.connection().execute(query).first()
    return None if row is None else Held._make(row)


def unconfirmed(session: Session, connection_id: str) -> datetime | None:
    """Tell when an edit was sent whose outcome nobody knows, unless the connection was read by a sync begun later."""
    here = (_changes.c.connection_id == connection_id) & (_changes.c.field == MARK)
    newest = select(_changes.c.at, _changes.c.run_id).where(here).order_by(_changes.c.id.desc()).limit(1)
    sent = session.connection().execute(newest).first()
    found = held(session, connection_id)
    if sent is None or found is None:
        return None
    read = max(found.last_seen_at, found.last_complete_at or found.last_seen_at)
    later = and_(_runs.c.source_id == found.source_id, _runs.c.id > (sent.run_id or 0), _runs.c.observed_at <= read)
    ended = _runs.c.state.in_((RunState.OK.value, RunState.PARTIAL.value))
    settled = session.connection().execute(select(_runs.c.id).where(later, ended).limit(1)).first()
    at: datetime = sent.at
    return None if settled else at


def mark(session: Session, connection_id: str, at: datetime, *, before: Values, after: Values) -> int:
    """Keep that an edit is on its way, with what it replaces; gives the mark's number.

    Its run is the latest one that had begun: only a later one can have read what the edit did.
    """
    link = session.connection()
    told = [json.dumps(dict(values), ensure_ascii=False) for values in (before, after)]
    row: dict[str, Any] = {"connection_id": connection_id, "at": at, "field": MARK, "before": told[0], "after": told[1]}
    row["run_id"] = link.execute(select(func.max(_runs.c.id))).scalar_one()
    return int(link.execute(insert(_changes).values(row).returning(_changes.c.id)).scalar_one())


def unmark(session: Session, number: int) -> None:
    """Take a mark away: the outcome of its edit is known."""
    session.connection().execute(delete(_changes).where(_changes.c.id == number, _changes.c.field == MARK))


def take(
    session: Session, connection_id: str, at: datetime, values: Mapping[str, Any], columns: dict[str, Any]
) -> None:
    """Take confirmed values over, each old one kept as a change; the next list is compared afresh whatever it says."""
    found = held(session, connection_id)
    if found is None:
        return
    known = dict((found.extra or {}).get("extra_data") or {})
    rows = [(f"extra.{key}", known.get(key), value) for key, value in values.items()]
    if "category" in columns:
        rows.append(("category", found.category, columns["category"]))
    same = {"connection_id": connection_id, "at": at}
    told = [
        same | {"field": field, "before": _text(before), "after": _text(after)}
        for field, before, after in rows
        if before != after
    ]
    link = session.connection()
    if told:
        link.execute(insert(_changes), told)
    kept = (found.extra or {}) | {"extra_data": known | dict(values)}
    here = _connections.c.id == connection_id
    link.execute(update(_connections).where(here).values(columns | {"extra": kept, "fingerprint": UNREAD}))


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
