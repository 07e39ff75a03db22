"""Connections that someone must reconnect, by their vendor's own word, and which incident tells of each."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, select
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data.incidents import slot_of
from data.models import Incident
from data.types import Cause, Health, Status

_connections = SQLModel.metadata.tables["connections"]
_incidents = SQLModel.metadata.tables[Incident.__tablename__]
_here, _told = _connections.c, _incidents.c
_REFUSED = and_(
    _here.health == Health.BROKEN.value,
    _here.vanished_at.is_(None),
    _here.status != Status.DISCONNECTED.value,
)
"""What someone wants to work and does not: one that was disconnected is left in peace."""


class Broken(NamedTuple):
    """A connection that must be reconnected, why, and since when."""

    id: str
    name: str | None
    handle: str | None
    platform: str
    reason: str | None
    since: datetime | None


def untold(link: Link, source_id: int, *, since: datetime | None, limit: int) -> list[Broken]:
    """Give those of a source that no incident of their own tells of, broken since an instant, the first ones only."""
    columns = (_here.id, _here.name, _here.handle, _here.platform, _here.health_reason, _here.health_since)
    query = select(*columns).where(*_without_own(source_id))
    if since is not None:
        query = query.where(_here.health_since > since)
    return [Broken(*row) for row in link.execute(query.order_by(_here.number).limit(limit))]


def number_untold(link: Link, source_id: int) -> int:
    """Count those of a source that no incident of their own tells of."""
    query = select(func.count()).select_from(_connections).where(*_without_own(source_id))
    return int(link.execute(query).scalar_one())


def together(link: Link, source_id: int) -> datetime | None:
    """Tell when the incident that tells of many of a source at once was noticed; None when none is open."""
    slot = slot_of(Cause.RECONNECT, source_id, None)
    found: datetime | None = link.execute(
        select(_told.noted_at).where(_told.slot == slot, _told.ended_at.is_(None))
    ).scalar_one_or_none()
    return found


def mended(link: Link, source_id: int) -> list[tuple[str, str]]:
    """Give the connections with an incident of their own that need nobody any more, each with why."""
    why = case(
        (_here.vanished_at.is_not(None), "The vendor does not list it any more."),
        (_here.status == Status.DISCONNECTED.value, "It is disconnected."),
        else_="The vendor says that it works again.",
    )
    joined = _incidents.join(_connections, _here.id == _told.connection_id)
    query = select(_told.connection_id, why).select_from(joined)
    own = (_told.source_id == source_id, _told.ended_at.is_(None), _told.cause == Cause.RECONNECT.value)
    return [(row[0], row[1]) for row in link.execute(query.where(*own, ~_REFUSED))]


def _without_own(source_id: int) -> tuple[ColumnElement[bool], ...]:
    slot = literal(slot_of(Cause.RECONNECT, source_id, None)) + _here.id
    own = exists().where(_told.slot == slot, _told.ended_at.is_(None))
    return (_here.source_id == source_id, _REFUSED, ~own)
