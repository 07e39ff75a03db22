"""Figures day by day: of all sources together from the kept totals, and of single connections from their points.

A source that was not asked on a day counts with its last known day, at most three days old, so that a late sync makes
no dent; older than that it is missing, never 0.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from data import growth
from data.queries._tables import points, runs, totals
from data.store import Session
from data.types import Health

NEAR = growth.NEAR
_LAST_RUNS = 64


@dataclass(frozen=True)
class Day:
    """All sources together on one day; None is not known, which is not 0.

    Followers count each account once. `sources` are those known of that day: two days compare only where they are the
    same.
    """

    day: date
    followers: int | None = None
    engagement: float | None = None
    statuses: Counter[str] | None = None
    broken: int | None = None
    sources: frozenset[int] = frozenset()

    @property
    def listed(self) -> int | None:
        """Give how many connections were listed."""
        return None if self.statuses is None else self.statuses.total()


@dataclass(frozen=True)
class Trend:
    """A connection's followers of the last 30 days, a gap as None, and their change in percent (None: no baseline)."""

    followers: tuple[int | None, ...] = ()
    change: float | None = None


def stamp(session: Session) -> int:
    """Give a number that is another one as soon as a sync has begun or ended: until then, totals stay as they are."""
    query = select(runs.c.id, runs.c.state).order_by(runs.c.id.desc()).limit(_LAST_RUNS)
    return hash(tuple(tuple(row) for row in session.connection().execute(query)))


def days(session: Session, *, since: date, until: date) -> list[Day]:
    """Give followers, engagement in percent weighted by followers, and listed connections by status for each day."""
    here = totals.c
    broken = case((here.health == Health.BROKEN.value, here.connections), else_=0)
    figures = (here.with_followers, here.engaged_followers, here.engaged, broken, here.connections)
    query = (
        select(here.source_id, here.day, here.status, _once(), *(func.sum(item) for item in figures))
        .where(here.day >= since - NEAR, here.day <= until, ~here.vanished)
        .group_by(here.source_id, here.day, here.status)
        .order_by(here.source_id, here.day)
    )
    known: dict[int, dict[date, list[tuple[Any, ...]]]] = {}
    for source, day, *told in session.connection().execute(query):
        known.setdefault(source, {}).setdefault(day, []).append(tuple(told))
    return [
        _day(day, {source: rows for source, kept in known.items() if (rows := _near(kept, day))})
        for day in _each(since, until)
    ]


def _day(day: date, found: dict[int, list[tuple[Any, ...]]]) -> Day:
    rows = [row for told in found.values() for row in told]
    if not rows:
        return Day(day)
    words, once, *figures = zip(*rows, strict=True)
    told, weight, engaged, broken = (sum(column) for column in figures[:-1])
    statuses: Counter[str] = Counter()
    for word, number in zip(words, figures[-1], strict=True):
        statuses[word] += int(number)
    rate = float(engaged) / float(weight) if weight else None
    followers = None if None in once or not told else int(sum(once))
    return Day(day, followers, rate, statuses, int(broken), frozenset(found))


def _once() -> ColumnElement[Any]:
    """Sum the followers with each account counted once; None where that was not counted yet."""
    here = totals.c.followers_once
    return case((func.count() == func.count(here), func.sum(here)))


def followers_by_platform(session: Session, *, since: date, until: date) -> list[tuple[date, str, int]]:
    """Sum the followers of listed accounts by day and platform; what no source told is absent."""
    here = totals.c
    query = (
        select(here.source_id, here.day, here.platform, _once())
        .where(here.day >= since - NEAR, here.day <= until, ~here.vanished, here.with_followers > 0)
        .group_by(here.source_id, here.day, here.platform)
        .order_by(here.source_id, here.day)
    )
    kept: dict[int, dict[date, dict[str, int | None]]] = {}
    for source, day, platform, number in session.connection().execute(query):
        kept.setdefault(source, {}).setdefault(day, {})[platform] = number
    found: dict[tuple[date, str], list[int | None]] = {}
    for day in _each(since, until):
        for source in kept.values():
            for platform, number in (_near(source, day) or {}).items():
                found.setdefault((day, platform), []).append(number)
    return [(*key, sum(told)) for key, every in found.items() if (told := _all_told(every))]


def _all_told(numbers: list[int | None]) -> list[int]:
    """Give numbers that are all known; none when one is not."""
    told = [int(number) for number in numbers if number is not None]
    return told if len(told) == len(numbers) else []


def _near(known: dict[date, Any], day: date) -> Any:
    """Give what is known of a day, or of the nearest older one within three days."""
    for back in range(NEAR.days + 1):
        if (found := known.get(day - timedelta(days=back))) is not None:
            return found
    return None


def _each(since: date, until: date) -> Iterator[date]:
    return (since + timedelta(days=number) for number in range((until - since).days + 1))


def trends(session: Session, ids: Sequence[str], *, today: date) -> dict[str, Trend]:
    """Give the trend of each of these connections: the last 30 days, today included."""
    since = today - growth.SPAN
    here = points.c
    query = select(here.connection_id, here.day, here.followers).where(
        here.connection_id.in_(ids), here.day >= since - NEAR, here.day <= today
    )
    known: dict[str, dict[date, int | None]] = {}
    for connection, day, followers in session.connection().execute(query).all():
        known.setdefault(connection, {})[day] = followers
    span = list(_each(since, today))
    told = {connection: figures for connection, figures in known.items() if any(map(_is_told, figures.values()))}
    return {connection: _trend(figures, span) for connection, figures in told.items()}


def _is_told(figure: int | None) -> bool:
    return figure is not None


def _trend(figures: dict[date, int | None], span: list[date]) -> Trend:
    base = _near(figures, span[0])
    now = figures[max(figures)]
    change = None if not base or now is None or max(figures) <= span[0] else (now - base) / base * 100
    return Trend(tuple(figures.get(day) for day in span[1:]), change)
