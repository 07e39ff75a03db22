"""The change of a connection's followers in 30 days, kept so that lists can be sorted by it.

Followers that are missing, or suspect in a way that makes them no real change, have none.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, ScalarSelect, and_, case, cast, func, select, update
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data.models import Connection, MetricPoint, Total
from data.staging import Observation
from data.types import Suspect

SPAN = timedelta(days=30)
NEAR = timedelta(days=3)
"""How much older than asked a known day may be and still stand for it."""

DOUBTED = (Suspect.FOLLOWERS_DOUBLED.value, Suspect.FOLLOWERS_ZERO.value, Suspect.FOLLOWERS_NEGATIVE.value)
"""What makes a change of followers no real one."""

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_points = SQLModel.metadata.tables[MetricPoint.__tablename__]
_totals = SQLModel.metadata.tables[Total.__tablename__]


def refresh(link: Link, observation: Observation, where: ColumnElement[bool]) -> None:
    """Compute the growth of these connections anew, unless their source has no history that old."""
    day = observation.at.date()
    if not _reaches_back(link, observation.source_id, day):
        return
    here, base = _connections.c, _latest(day - SPAN - NEAR, day - SPAN)
    latest = case((believed(here.suspect), here.followers))
    told = select(here.number, base.label("base"), latest.label("latest")).where(where)
    found = told.cte("told").prefix_with("MATERIALIZED")  # each figure is looked up once
    change = cast(found.c.latest - found.c.base, Float) / func.nullif(found.c.base, 0) * 100.0
    other = and_(here.number == found.c.number, here.growth.is_distinct_from(change))
    link.execute(update(_connections).where(other).values(growth=change))


def believed(suspect: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether followers with this suspicion count as a real change."""
    return func.coalesce(suspect, "").not_in(DOUBTED)


def forget(link: Link, observation: Observation) -> None:
    """Take the growth from a source's connections whose history no longer reaches back 30 days."""
    here = _connections.c
    if not _reaches_back(link, observation.source_id, observation.at.date()):
        known = and_(here.source_id + 0 == observation.source_id, here.growth.is_not(None))  # by the index of growth
        link.execute(update(_connections).where(known).values(growth=None))


def _reaches_back(link: Link, source_id: int, day: date) -> bool:
    here = _totals.c
    query = select(here.day).where(here.source_id == source_id, here.day.between(day - SPAN - NEAR, day - SPAN))
    return link.execute(query.limit(1)).first() is not None


def _latest(since: date, until: date) -> ScalarSelect[Any]:
    """Give the latest told followers of a connection within these days."""
    here = and_(
        _points.c.connection_id == _connections.c.id,
        _points.c.day.between(since, until),
        _points.c.followers.is_not(None),
    )
    return select(_points.c.followers).where(here).order_by(_points.c.day.desc()).limit(1).scalar_subquery()
