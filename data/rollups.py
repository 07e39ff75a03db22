"""Kept totals: made anew for one source and day by one statement, so that reading them costs the same at any size."""

from collections.abc import Container
from datetime import date

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, insert, literal, or_, select, tuple_
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data.growth import NEAR
from data.models import Connection, Source, Total
from data.points import last_known

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]
_totals = SQLModel.metadata.tables[Total.__tablename__]


def refresh(link: Link, source_id: int, day: date) -> None:
    """Count one source's connections by platform, kind, status, health and whether they vanished.

    Missing followers count with the last known figure of 30 days: a gap in one account is no fall of all. So that all
    sources together count an account once, it also counts with the first of its connections alone.
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
            func.coalesce(func.sum(case((_first(link, source_id, day), followers))), 0),
        )
        .where(table.source_id == source_id)
        .group_by(*dimensions)
    )
    link.execute(delete(_totals).where(_totals.c.source_id == source_id, _totals.c.day == day))
    link.execute(insert(_totals).from_select([column.name for column in _totals.c], query))


def _first(link: Link, source_id: int, day: date) -> ColumnElement[bool]:
    """Tell whether a connection speaks for its account: the first listed one that tells followers does.

    Told ones come before missing ones; those of a source whose totals ended days ago speak for nobody.
    """
    here, other = _connections.c, _connections.alias("other")
    counted = exists().where(_totals.c.source_id == _sources.c.id)
    silent = select(_sources.c.id).where(
        counted, ~counted.where(_totals.c.day >= day - NEAR), _sources.c.id != source_id
    )
    before = select(other.c.number).where(
        other.c.account == here.account,
        other.c.vanished_at.is_(None),
        other.c.source_id.not_in(list(link.execute(silent).scalars())),
        func.coalesce(other.c.followers, other.c.last_followers).is_not(None),
        tuple_(other.c.followers.is_(None), other.c.number) < tuple_(here.followers.is_(None), here.number),
    )
    return or_(here.account.is_(None), ~before.correlate(_connections).exists())


def restate(link: Link, source_ids: Container[int]) -> None:
    """Count these sources anew, each on its last day, once others speak for their accounts; a silent one stays."""
    last = select(func.max(_totals.c.day)).where(_totals.c.source_id == _sources.c.id).scalar_subquery()
    days = {source: day for source, day in link.execute(select(_sources.c.id, last)) if day is not None}
    for source, day in days.items():
        if source in source_ids and day >= max(days.values()) - NEAR:
            refresh(link, source, day)


def known(link: Link, source_id: int, day: date) -> bool:
    """Tell whether a source has totals of that day already."""
    query = select(_totals.c.source_id).where(_totals.c.source_id == source_id, _totals.c.day == day).limit(1)
    return link.execute(query).first() is not None
