"""The figures of each connection day by day: one point a day, and what was last known."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, literal, or_, select
from sqlalchemy import Connection as Link
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from data.models import Connection, MetricPoint
from data.staging import Columns, Observation, load, native

REMEMBERED = timedelta(days=30)
"""So long a figure that is missing counts as it was last known."""

_NAMES = ("connection_id", "day", "followers", "engagement_rate")
_points = SQLModel.metadata.tables[MetricPoint.__tablename__]
_connections = SQLModel.metadata.tables[Connection.__tablename__]


def last_known(name: str, day: date) -> ScalarSelect[Any]:
    """Give a connection's latest told figure of the 30 days up to a day."""
    figure = _points.c[name]
    here = and_(
        _points.c.connection_id == _connections.c.id,
        _points.c.day <= day,
        _points.c.day > day - REMEMBERED,
        figure.is_not(None),
    )
    return select(figure).where(here).order_by(_points.c.day.desc()).limit(1).scalar_subquery()


def today(observation: Observation) -> ColumnElement[bool]:
    """Join a connection's point of the day."""
    return and_(_points.c.connection_id == _connections.c.id, _points.c.day == observation.at.date())


def begin(link: Link, observation: Observation, told: Columns) -> None:
    """Keep the first point of connections that are new, given as columns."""
    figures = zip(told["id"], told["followers"], told["engagement_rate"], strict=True)
    rows = [figure for figure in figures if figure[1] is not None or figure[2] is not None]
    if rows:
        numbers, followers, rates = map(list, zip(*rows, strict=True))
        day = [native(link, _points.c.day, observation.at.date())] * len(rows)
        load(link, _points, dict(zip(_NAMES, (numbers, day, followers, rates), strict=True)))


def record(link: Link, observation: Observation, where: ColumnElement[bool]) -> None:
    """Keep one point per connection and day; a second sync of the day writes only what differs."""
    here, day = _connections.c, literal(observation.at.date(), _points.c.day.type)
    told = or_(here.followers.is_not(None), here.engagement_rate.is_not(None))
    query = select(here.id, day, here.followers, here.engagement_rate).where(where, told)
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
