"""What a source no longer says: connections that a complete list lost, and those of a source that fails."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Link
from sqlalchemy import and_, case, func, literal, select, update
from sqlmodel import SQLModel

from data import changes
from data.models import Connection
from data.staging import UNREAD, Observation, fill, seen
from data.types import Health

_connections = SQLModel.metadata.tables[Connection.__tablename__]


def still_listed(link: Link, source_id: int) -> int:
    """Count the connections of a source that have not vanished: all less the vanished, each from an index alone."""
    every = select(func.count()).select_from(_connections).where(_connections.c.source_id == source_id)
    gone = every.where(_connections.c.vanished_at.is_not(None))
    return int(link.execute(every).scalar_one()) - int(link.execute(gone).scalar_one())


def remember_seen(link: Link, ids: Iterable[str]) -> None:
    """Load the ids that a run has seen, for `lost` and `mark_vanished`."""
    fill(link, seen, ({"id": value} for value in ids))


def touch_seen(link: Link, observation: Observation) -> None:
    """Note when the seen connections were seen, where no complete run says it for all of them."""
    here = and_(_connections.c.id.in_(select(seen.c.id)), _connections.c.last_seen_at < observation.at)
    link.execute(update(_connections).where(here).values(last_seen_at=observation.at))


def lost(link: Link, source_id: int) -> dict[str, tuple[int, int]]:
    """Count per kind how many connections the list no longer holds, and how many were there before."""
    gone = case((_connections.c.id.not_in(select(seen.c.id)), 1), else_=0)
    query = (
        select(_connections.c.kind, func.sum(gone), func.count())
        .where(_connections.c.source_id == source_id, _connections.c.vanished_at.is_(None))
        .group_by(_connections.c.kind)
    )
    return {kind: (int(missing), int(known)) for kind, missing, known in link.execute(query)}


def mark_vanished(link: Link, observation: Observation, kinds: list[str], last_seen: datetime | None) -> int:
    """Mark the connections of these kinds that the complete list no longer holds; nothing is deleted."""
    gone = and_(
        _connections.c.source_id == observation.source_id,
        _connections.c.vanished_at.is_(None),
        _connections.c.kind.in_(kinds),
        _connections.c.id.not_in(select(seen.c.id)),
    )
    changes.keep_where(link, observation, "vanished", before=literal("listed"), after="vanished", where=gone)
    unknown = Health.UNKNOWN.value
    changes.keep_where(link, observation, "health", before=_connections.c.health, after=unknown, where=gone)
    values: dict[str, Any] = {
        "fingerprint": UNREAD,
        "vanished_at": observation.at,
        "health": unknown,
        "health_reason": "No longer listed by the vendor.",
        "health_since": observation.at,
        "growth": None,
    }
    if last_seen is not None:
        later = case((_connections.c.last_seen_at > last_seen, _connections.c.last_seen_at), else_=last_seen)
        values["last_seen_at"] = later
    return link.execute(update(_connections).where(gone).values(values)).rowcount


def worsen(link: Link, observation: Observation, health: str, reason: str, *, of: list[str]) -> int:
    """Give the unseen connections of a failing source a worse health; only those whose health is one of `of`."""
    hit = and_(
        _connections.c.id.not_in(select(seen.c.id)),
        _connections.c.source_id == observation.source_id,
        _connections.c.vanished_at.is_(None),
        _connections.c.health.in_(of),
    )
    changes.keep_where(link, observation, "health", before=_connections.c.health, after=health, where=hit)
    values = {"health": health, "health_reason": reason, "health_since": observation.at, "fingerprint": UNREAD}
    return link.execute(update(_connections).where(hit).values(values)).rowcount
