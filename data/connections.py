"""Reads of the connections table that services share (the pages' questions are in `data.queries`)."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Link
from sqlalchemy import func, select
from sqlmodel import SQLModel

from data.models import Connection
from data.types import Kind, Status

_connections = SQLModel.metadata.tables[Connection.__tablename__]


class Word(NamedTuple):
    """What a vendor told of a connection's access beside its list: why it is refused, and when it ends."""

    refusal: str | None = None
    expires_at: datetime | None = None


def words(link: Link, source_id: int) -> dict[str, Word]:
    """Give by the vendor's id what was told last of the access of a source's connections, where anything was."""
    here = _connections.c
    told = here.refusal.is_not(None) | here.expires_at.is_not(None)
    query = select(here.vendor_id, here.refusal, here.expires_at).where(here.source_id == source_id, told)
    return {vendor_id: Word(*word) for vendor_id, *word in link.execute(query)}


def vendor_ids(link: Link, source_id: int) -> list[str]:
    """Give the ids by which a source is asked for what it still lists, as far as the cache knows.

    HighLevel's document reads an account by its OAuth id, which is kept beside the vendor's own.
    """
    here = (_connections.c.source_id == source_id) & _connections.c.vanished_at.is_(None)
    asked_by = func.coalesce(_connections.c.extra["oauth_id"].as_string(), _connections.c.vendor_id)
    query = select(asked_by).where(here, _connections.c.status != Status.DISCONNECTED.value)
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
