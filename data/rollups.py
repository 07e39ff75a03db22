"""Kept totals: made anew for one source and day by one statement, so that reading them costs the same at any size."""

from datetime import date

from sqlalchemy import Connection as Link
from sqlalchemy import and_, case, delete, func, insert, literal, select
from sqlmodel import SQLModel

from data.models import Connection, Total
from data.points import last_known

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_totals = SQLModel.metadata.tables[Total.__tablename__]


def refresh(link: Link, source_id: int, day: date) -> None:
    """Count one source's connections by platform, kind, status, health and whether they vanished.

    Missing followers count with the last known figure of 30 days: a gap in one account is no fall of all.
    """
    table = _connections.c
    followers = last_known(day)
    both = and_(table.followers.is_not(None), table.engagement_rate.is_not(None))
    dimensions = (table.platform, table.kind, table.status, table.health, table.vanished_at.is_not(None))
    query = (
        select(
            literal(source_id),
            literal(day, _totals.c.day.type),
            *dimensions,
            func.count(),
            func.count(followers),
            func.coalesce(func.sum(followers), 0),
            func.coalesce(func.sum(case((both, table.followers))), 0),
            func.coalesce(func.sum(case((both, table.followers * table.engagement_rate))), 0.0),
        )
        .where(table.source_id == source_id)
        .group_by(*dimensions)
    )
    link.execute(delete(_totals).where(_totals.c.source_id == source_id, _totals.c.day == day))
    link.execute(insert(_totals).from_select([column.name for column in _totals.c], query))


def known(link: Link, source_id: int, day: date) -> bool:
    """Tell whether a source has totals of that day already."""
    query = select(_totals.c.source_id).where(_totals.c.source_id == source_id, _totals.c.day == day).limit(1)
    return link.execute(query).first() is not None
