"""The kept totals, as each source stands now, at the same cost for any number of connections."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from data.growth import NEAR
from data.queries._tables import sources, totals
from data.queries.filters import Filter, Listed, source_numbers
from data.store import Session

_own = select(func.max(totals.c.day)).where(totals.c.source_id == sources.c.id)


@dataclass(frozen=True)
class Count:
    """How many connections have these two properties."""

    platform: str
    status: str
    connections: int


def connections(session: Session, wanted: Filter) -> int:
    """Count the connections of a filter that only uses the dimensions of the totals (`Filter.kept`)."""
    query = _current(session, func.coalesce(func.sum(totals.c.connections), 0)).where(*_conditions(session, wanted))
    return int(session.connection().execute(query).scalar_one())


def by_platform_and_status(session: Session, *, day: date | None = None) -> list[Count]:
    """Count the listed connections by platform and status, as each source stands now, or stood at the end of a day.

    A source that has no totals of that day counts with its last ones, at most three days older.
    """
    here = totals.c
    query = _current(session, here.platform, here.status, func.sum(here.connections), day=day)
    query = query.where(~here.vanished).group_by(here.platform, here.status).order_by(here.platform, here.status)
    return [Count(*row) for row in session.connection().execute(query)]


def words(session: Session) -> dict[str, list[str]]:
    """Give the platforms, kinds, statuses and healths that occur, each by how often it does."""
    here = totals.c
    query = _current(session, here.platform, here.kind, here.status, here.health, func.sum(here.connections)).group_by(
        here.platform, here.kind, here.status, here.health
    )
    rows = session.connection().execute(query).all()
    names = ("platform", "kind", "status", "health")
    return {name: _ranked((row[place], row[4]) for row in rows) for place, name in enumerate(names)}


def _ranked(pairs: Iterable[tuple[str, int]]) -> list[str]:
    counted: dict[str, int] = {}
    for word, number in pairs:
        counted[word] = counted.get(word, 0) + number
    return sorted(counted, key=lambda word: (-counted[word], word))


def _current(session: Session, *columns: ColumnElement[Any], day: date | None = None) -> Select[Any]:
    """Select from each source's own latest day (until a day), found by one seek for each, which no planner can miss."""
    last = _own if day is None else _own.where(totals.c.day.between(day - NEAR, day))
    latest = select(sources.c.id, last.scalar_subquery()).order_by(sources.c.id)
    rows = [(number, found) for number, found in session.connection().execute(latest) if found is not None]
    standing = or_(false(), *(and_(totals.c.source_id == number, totals.c.day == found) for number, found in rows))
    return select(*columns).where(standing)


def _conditions(session: Session, wanted: Filter) -> list[ColumnElement[bool]]:
    here = totals.c
    pairs = (
        (here.platform, wanted.platforms),
        (here.kind, wanted.kinds),
        (here.status, wanted.statuses),
        (here.health, wanted.healths),
    )
    found: list[ColumnElement[bool]] = [field.in_(values) for field, values in pairs if values]
    if wanted.sources:
        found.append(here.source_id.in_(source_numbers(session, wanted.sources)))
    if wanted.listed is not Listed.BOTH:
        found.append(here.vanished.is_(wanted.listed is Listed.VANISHED))
    return found
