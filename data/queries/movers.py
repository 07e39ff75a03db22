"""Who grew most and who fell most in 30 days: real changes of accounts, not the suspect ones."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, or_, select

from data.growth import SPAN, believed
from data.queries import history
from data.queries._tables import connections, last_seen, sources, totals
from data.store import Session, now

LEAST = 100
"""Followers at the base below which a change in percent says little."""
SHOWN = 10
_HERE = connections.c


class Mover(NamedTuple):
    """An account whose followers changed, as the source that tells the largest change has it."""

    id: str
    name: str | None
    handle: str | None
    platform: str
    source: str
    then: int | None
    followers: int
    growth: float
    last_seen_at: datetime
    trend: tuple[int | None, ...]


def grew(session: Session, *, least: int = LEAST, limit: int = SHOWN) -> list[Mover]:
    """Give the accounts that grew most in percent, the largest change first."""
    return _movers(session, up=True, least=least, limit=limit)


def fell(session: Session, *, least: int = LEAST, limit: int = SHOWN) -> list[Mover]:
    """Give the accounts that fell most in percent, the largest change first."""
    return _movers(session, up=False, least=least, limit=limit)


def ready_on(session: Session) -> date | None:
    """Tell on what day the first growth is known, which needs 30 days of history; None without any history."""
    first = (
        select(func.min(totals.c.day)).where(totals.c.source_id == sources.c.id).correlate(sources).scalar_subquery()
    )
    found: date | None = session.connection().execute(select(func.min(first)).select_from(sources)).scalar_one()
    return found + SPAN if found else None


def _movers(session: Session, *, up: bool, least: int, limit: int) -> list[Mover]:
    query = (
        select(_HERE.id, _HERE.name, _HERE.handle, _HERE.platform, sources.c.name, _HERE.followers, _HERE.growth)
        .add_columns(last_seen)
        .select_from(connections.join(sources, sources.c.id == _HERE.source_id))
        .where(*_moved(connections, up=up, least=least), _first_of_account(up=up, least=least))
        .order_by(_HERE.growth.desc() if up else _HERE.growth, _HERE.number)
    )
    rows = session.connection().execute(query.limit(limit)).all()
    trends = history.trends(session, [row.id for row in rows], today=now().date())
    return [_mover(row, trends.get(row.id, history.Trend())) for row in rows]


def _mover(row: Any, trend: history.Trend) -> Mover:
    *told, followers, growth, seen = row
    then = round(followers / (1 + growth / 100)) if growth > -100 else None  # noqa: PLR2004 (nothing is left)
    return Mover._make((*told, then, followers, growth, seen, trend.followers))


def _moved(table: FromClause, *, up: bool, least: int) -> tuple[ColumnElement[bool], ...]:
    """Give what makes a connection a mover: listed, moved, large enough then, and not suspect."""
    here = table.c
    return (
        here.growth > 0 if up else here.growth < 0,
        here.vanished_at.is_(None),
        here.followers >= least * (100 + here.growth) / 100,
        believed(here.suspect),
    )


def _first_of_account(*, up: bool, least: int) -> ColumnElement[bool]:
    """Leave out what another witness of the same account tells a larger change of."""
    other = connections.alias()
    further = other.c.growth > _HERE.growth if up else other.c.growth < _HERE.growth
    tied = and_(other.c.growth == _HERE.growth, other.c.number < _HERE.number)
    before = exists(select(other.c.number)).where(
        other.c.account == _HERE.account, or_(further, tied), *_moved(other, up=up, least=least)
    )
    return or_(_HERE.account.is_(None), ~before)
