"""The figures of each connection day by day: one point a day, and what was last known.

A day without figures has no point, but for the first one: that a figure is missing since then is known, too.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, insert, literal, or_, select
from sqlalchemy import Connection as Link
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from data.models import Connection, MetricPoint
from data.staging import Observation

REMEMBERED = timedelta(days=30)
"""So long followers that are missing count as they were last known."""
LAST = frozenset({"followers", "engagement_rate"})
"""The figures whose last told value is kept on the connection while they are missing (`last_…`)."""

_NAMES = ("connection_id", "day", "followers", "engagement_rate")
_points = SQLModel.metadata.tables[MetricPoint.__tablename__]
_connections = SQLModel.metadata.tables[Connection.__tablename__]


def told_last(name: str) -> ColumnElement[Any]:
    """Give a figure of a connection as it is, or as it was told last if it is missing."""
    return func.coalesce(_connections.c[name], _connections.c[f"last_{name}"])


def last_known(day: date) -> ColumnElement[Any]:
    """Give a connection's followers, told within the 30 days up to a day, or told last since it was first seen then."""
    figure, begin = _points.c.followers, datetime.combine(day - REMEMBERED, time.max, UTC)
    here = and_(
        _points.c.connection_id == _connections.c.id,
        _points.c.day <= day,
        _points.c.day > day - REMEMBERED,
        figure.is_not(None),
    )
    point = select(figure).where(here).order_by(_points.c.day.desc()).limit(1).scalar_subquery()
    told = case((_connections.c.first_seen_at > begin, _connections.c.last_followers))
    return func.coalesce(_connections.c.followers, point, told)


def today(observation: Observation) -> ColumnElement[bool]:
    """Join a connection's point of the day."""
    return and_(_points.c.connection_id == _connections.c.id, _points.c.day == observation.at.date())


def begin(link: Link, observation: Observation, *, above: int) -> None:
    """Keep the first point of the connections above a number: they are new."""
    here, day = _connections.c, literal(observation.at.date(), _points.c.day.type)
    query = select(here.id, day, here.followers, here.engagement_rate).where(here.number > above, _tells(here))
    link.execute(insert(_points).from_select(_NAMES, query))


def record(link: Link, observation: Observation, where: ColumnElement[bool]) -> None:
    """Keep one point per connection and day; a second sync of the day writes only what differs.

    A connection that tells no figure gets one only when its newest point still tells some.
    """
    here, day = _connections.c, literal(observation.at.date(), _points.c.day.type)
    query = select(here.id, day, here.followers, here.engagement_rate).where(where, or_(_tells(here), _told()))
    dialect = sqlite if link.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_points).from_select(_NAMES, query)
    followers, rate = statement.excluded.followers, statement.excluded.engagement_rate
    differs = or_(_points.c.followers.is_distinct_from(followers), _points.c.engagement_rate.is_distinct_from(rate))
    link.execute(
        statement.on_conflict_do_update(
            index_elements=["connection_id", "day"],
            set_={"followers": followers, "engagement_rate": rate},
            where=differs,
        )
    )


def _tells(here: Any) -> ColumnElement[bool]:
    return or_(here.followers.is_not(None), here.engagement_rate.is_not(None))


def _told() -> ScalarSelect[bool]:
    """Tell whether a connection's newest point tells any figure."""
    newest = select(_tells(_points.c)).where(_points.c.connection_id == _connections.c.id)
    return newest.order_by(_points.c.day.desc()).limit(1).scalar_subquery()
