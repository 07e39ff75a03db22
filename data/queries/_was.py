"""Single connections as they were known at an instant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from data.queries import _undone
from data.queries._tables import changes, connections, runs, sources
from data.store import Session
from data.types import RunState


class Was(NamedTuple):
    """A connection as it was known at an instant; None was not told, or is not known of then."""

    id: str
    source: str
    vendor: str
    kind: str
    platform: str
    vendor_id: str
    external_id: str | None
    handle: str | None
    name: str | None
    url: str | None
    status: str
    vendor_status: str | None
    verified: bool | None
    health: str
    followers: int | None
    engagement_rate: float | None
    category: str | None
    connected_at: datetime | None
    last_updated: datetime | None
    last_seen_at: datetime
    vanished_at: datetime | None
    number: int
    account: int | None
    suspect: str | None
    followers_since: datetime | None
    first_seen_at: datetime


_ONLY_IF_OLDER = ("connected_at", "last_updated", "followers_since", "vanished_at")
"""Instants that say of then what they say today, if they were before it."""


def values(session: Session, ids: Sequence[str], at: datetime) -> dict[str, Was]:
    """Give these connections as they were known at an instant, without those that were not known yet."""
    undone, complete = _later(session, ids, at), answered(session, at)
    here = connections.c
    own = [here[name] for name in Was._fields if name not in {"source", "vendor", "followers", "engagement_rate"}]
    figures = [_undone.newest(name, at.date()).label(name) for name in ("followers", "engagement_rate")]
    joined = connections.join(sources, sources.c.id == here.source_id)
    query = select(here.source_id, sources.c.name.label("source"), sources.c.vendor, *own, *figures)
    query = query.select_from(joined).where(here.id.in_(ids), here.first_seen_at <= at)
    rows = session.connection().execute(query).mappings().all()
    gone = _gone(session, [row["id"] for row in rows if undone.get((row["id"], "vanished")) == "vanished"], at)
    return {row["id"]: _was(dict(row), undone, complete.get(row["source_id"]), gone, at) for row in rows}


def _was(
    row: dict[str, Any],
    undone: dict[tuple[str, str], str | None],
    complete: datetime | None,
    gone: dict[str, datetime],
    at: datetime,
) -> Was:
    seen = row["last_seen_at"] if row["last_seen_at"] <= at else row["first_seen_at"]
    row |= {name: None for name in _ONLY_IF_OLDER if row[name] is not None and row[name] > at}
    row |= {field: undone[row["id"], field] for field in _undone.PLAIN if (row["id"], field) in undone}
    if (row["id"], "vanished") in undone:
        row["vanished_at"] = gone.get(row["id"])
    if (row["id"], "account") in undone:
        row["account"] = _integer(undone[row["id"], "account"])
    if isinstance(row["verified"], str):
        row["verified"] = row["verified"] == "1"
    listed = row["vanished_at"] is None
    row["last_seen_at"] = max(seen, complete) if listed and complete else seen
    return Was(**{name: row[name] for name in Was._fields})


def _integer(text: str | None) -> int | None:
    return None if text is None else int(text)


def _later(session: Session, ids: Sequence[str], at: datetime) -> dict[tuple[str, str], str | None]:
    """Give what the later changes of these connections undone leave: the `before` of the first one of each field."""
    here = changes.c
    query = select(here.connection_id, here.field, here.before).where(here.connection_id.in_(ids), here.at > at)
    rows = session.connection().execute(query.order_by(here.id.desc())).all()
    return {(row[0], row[1]): row[2] for row in rows}


def _gone(session: Session, ids: Sequence[str], at: datetime) -> dict[str, datetime]:
    """Tell since when these connections had vanished at an instant."""
    here = changes.c
    lost = (here.connection_id.in_(ids), here.field == "vanished", here.after == "vanished", here.at <= at)
    query = select(here.connection_id, func.max(here.at)).where(*lost).group_by(here.connection_id)
    return {row[0]: row[1] for row in session.connection().execute(query)} if ids else {}


def answered(session: Session, at: datetime) -> dict[int, datetime]:
    """Tell when each source had last answered completely."""
    here = (runs.c.state == RunState.OK.value, runs.c.observed_at <= at)
    query = select(runs.c.source_id, func.max(runs.c.observed_at)).where(*here).group_by(runs.c.source_id)
    return {row[0]: row[1] for row in session.connection().execute(query)}
