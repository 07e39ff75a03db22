"""Reads of the connections table that services share (the pages' questions are in `data.queries`)."""

from datetime import datetime

from sqlalchemy import Connection as Link
from sqlalchemy import func, select
from sqlmodel import SQLModel

from data.models import Connection
from data.types import Kind, Status

_connections = SQLModel.metadata.tables[Connection.__tablename__]


def vendor_ids(link: Link, source_id: int) -> list[str]:
    """Give the vendor's ids of what a source still lists, as far as the cache knows."""
    here = (_connections.c.source_id == source_id) & _connections.c.vanished_at.is_(None)
    query = select(_connections.c.vendor_id).where(here, _connections.c.status != Status.DISCONNECTED.value)
    return list(link.execute(query.order_by(_connections.c.id)).scalars())


def number_of(link: Link, source_id: int) -> int:
    """Count all that a source ever told of, vanished ones too."""
    query = select(func.count()).select_from(_connections).where(_connections.c.source_id == source_id)
    return int(link.execute(query).scalar_one())


def longest_unasked(
    link: Link, source_id: int, *, kind: Kind, before: datetime | None, limit: int
) -> list[tuple[str, str]]:
    """Give (id, vendor id) of connections whose details were asked longest ago, never asked ones first."""
    asked = _connections.c.details_at
    query = select(_connections.c.id, _connections.c.vendor_id).where(
        _connections.c.source_id == source_id,
        _connections.c.kind == kind.value,
        _connections.c.vanished_at.is_(None),
        _connections.c.status != Status.DISCONNECTED.value,
    )
    if before is not None:
        query = query.where(asked.is_(None) | (asked < before))
    query = query.order_by(asked.is_not(None), asked, _connections.c.number).limit(limit)
    return [(row.id, row.vendor_id) for row in link.execute(query)]
