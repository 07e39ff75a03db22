"""What a source no longer says: connections that a complete list lost, and those of a source that fails."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select, update
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data import changes, reasons
from data.models import Connection, Disconnect
from data.staging import UNREAD, Observation, fill, seen
from data.types import DisconnectState, Health

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_disconnects = SQLModel.metadata.tables[Disconnect.__tablename__]


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
    return _mark(link, observation, gone, last_seen)


def mark_one(link: Link, observation: Observation, connection_id: str) -> int:
    """Mark one connection as gone that its vendor confirmed to have deleted, where no list could show it."""
    return _mark(link, observation, (_connections.c.id == connection_id) & _connections.c.vanished_at.is_(None), None)


def _mark(link: Link, observation: Observation, gone: ColumnElement[bool], last_seen: datetime | None) -> int:
    changes.keep_where(link, observation, "vanished", before=literal("listed"), after="vanished", where=gone)
    unknown, why = Health.UNKNOWN.value, "No longer listed by the vendor."
    changes.keep_where(link, observation, "health", before=_connections.c.health, after=unknown, where=gone)
    reasons.keep(link, observation, why, where=gone)
    values: dict[str, Any] = {
        "fingerprint": UNREAD,
        "vanished_at": observation.at,
        "health": unknown,
        "health_reason": why,
        "health_since": observation.at,
        "growth": None,
    }
    if last_seen is not None:
        later = case((_connections.c.last_seen_at > last_seen, _connections.c.last_seen_at), else_=last_seen)
        values["last_seen_at"] = later
    return link.execute(update(_connections).where(gone).values(values)).rowcount


def asked_for(link: Link, source_id: int) -> Counter[str]:
    """Count per kind what a list no longer holds because we had it disconnected there: that is no loss."""
    query = (
        select(_connections.c.kind, func.count(_connections.c.id.distinct()))
        .join(_disconnects, _disconnects.c.connection_id == _connections.c.id)
        .where(
            _connections.c.source_id == source_id,
            _connections.c.vanished_at.is_(None),
            _connections.c.id.not_in(select(seen.c.id)),
            _disconnects.c.state != DisconnectState.REFUSED.value,
        )
        .group_by(_connections.c.kind)
    )
    return Counter({kind: int(number) for kind, number in link.execute(query)})


def worsen(link: Link, observation: Observation, health: str, reason: str, *, of: list[str]) -> int:
    """Give the unseen connections of a failing source a worse health; only those whose health is one of `of`."""
    hit = and_(
        _connections.c.id.not_in(select(seen.c.id)),
        _connections.c.source_id == observation.source_id,
        _connections.c.vanished_at.is_(None),
        _connections.c.health.in_(of),
    )
    changes.keep_where(link, observation, "health", before=_connections.c.health, after=health, where=hit)
    reasons.keep(link, observation, reason, where=hit)
    values = {"health": health, "health_reason": reason, "health_since": observation.at, "fingerprint": UNREAD}
    return link.execute(update(_connections).where(hit).values(values)).rowcount
