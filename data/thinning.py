"""History kept: daily points for 400 days, then the last point of each week; nothing else thins out.

Where that last point does not tell a figure which the week did, the last point that tells it stays, too.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, cast, delete, exists, func, or_, select
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data.models import Connection, MetricPoint, Total

DAILY = timedelta(days=400)
STRETCH = 2_000
"""Connections whose points are thinned in one transaction: so short that no other writer notices."""

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_points = SQLModel.metadata.tables[MetricPoint.__tablename__]
_totals = SQLModel.metadata.tables[Total.__tablename__]


def weekly_before(today: date) -> date:
    """Give the Monday before which every week is wholly older than 400 days."""
    oldest_daily = today - DAILY
    return oldest_daily - timedelta(days=oldest_daily.weekday())


def stretches(link: Link, today: date) -> Iterator[tuple[int, int]]:
    """Give the connections by number, a stretch at a time; none where no history is that old."""
    if link.execute(select(_totals.c.day).where(_totals.c.day < weekly_before(today)).limit(1)).first() is None:
        return
    last: int = link.execute(select(func.coalesce(func.max(_connections.c.number), 0))).scalar_one()
    yield from ((first, first + STRETCH) for first in range(1, last + 1, STRETCH))


def crowded(link: Link, stretch: tuple[int, int], today: date) -> bool:
    """Tell whether any of these connections has a point that is to go."""
    return link.execute(select(_points.c.day).where(_to_go(link, stretch, today)).limit(1)).first() is not None


def thin(link: Link, stretch: tuple[int, int], today: date) -> int:
    """Remove what is to go of these connections; gives how many points that were."""
    return link.execute(delete(_points).where(_to_go(link, stretch, today))).rowcount


def _to_go(link: Link, stretch: tuple[int, int], today: date) -> ColumnElement[bool]:
    """Find the points of old weeks that others of the same week follow, which tell what these tell."""
    first, end = stretch
    here, later = _points.c, _points.alias("later").c
    numbers = select(_connections.c.id).where(_connections.c.number >= first, _connections.c.number < end)
    rest = (later.connection_id == here.connection_id, later.day > here.day, later.day <= _sunday(link, here.day))
    told_again = [
        or_(here[name].is_(None), exists().where(*rest, later[name].is_not(None)))
        for name in ("followers", "engagement_rate")
    ]
    return and_(here.connection_id.in_(numbers), here.day < weekly_before(today), exists().where(*rest), *told_again)


def _sunday(link: Link, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """Give the last day of a day's week (ISO 8601: a week ends on Sunday)."""
    if link.dialect.name == "sqlite":
        return func.date(day, "weekday 0", type_=Date)
    return cast(func.date_trunc("week", day), Date) + 6
