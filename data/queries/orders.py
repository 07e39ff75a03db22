"""How a list is sorted: an allow-list. An order is a few phases that one index can walk; missing values come last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, FromClause, Integer, and_, literal, or_, select, tuple_

from data.queries import _seen
from data.queries._tables import connections, sources
from data.queries.filters import Filter, source_numbers
from data.store import Session
from data.types import UtcDateTime

_LARGEST = 2**63


class Order(StrEnum):
    """What a list may be sorted by."""

    WORST_HEALTH = "health"
    BEST_HEALTH = "health-down"
    NAME = "name"
    NAME_DOWN = "name-down"
    HANDLE = "handle"
    MOST_FOLLOWERS = "followers-down"
    FEWEST_FOLLOWERS = "followers"
    MOST_ENGAGED = "engagement-down"
    LEAST_ENGAGED = "engagement"
    GREW_MOST = "growth-down"
    FELL_MOST = "growth"
    NEWEST = "connected-down"
    OLDEST = "connected"
    PLATFORM = "platform"
    STATUS = "status"
    CATEGORY = "category"
    SOURCE = "source"
    KIND = "kind"
    VERIFIED = "verified"
    SEEN_LAST = "seen-down"
    SEEN_LONGEST_AGO = "seen"


@dataclass(frozen=True)
class Phase:
    """A stretch of a list: which rows, and the columns that sort them in one direction, the last one unique."""

    where: tuple[ColumnElement[bool], ...]
    columns: tuple[ColumnElement[Any], ...]
    down: bool = False
    name: str = ""
    """What tells it from the others where these depend on what the cache holds; a place in the list is bound to it."""

    def sorting(self, *, backwards: bool) -> list[ColumnElement[Any]]:
        """Give the ORDER BY, or its reverse."""
        return [item.desc() if self.down is not backwards else item.asc() for item in self.columns]

    def beyond(self, place: Sequence[Any], *, backwards: bool) -> ColumnElement[bool]:
        """Give the rows that come after a place, or before it; an index can seek there."""
        there = [literal(value, item.type) for item, value in zip(self.columns, place, strict=True)]
        return self._past(there, backwards=backwards)

    def _past(self, there: Sequence[ColumnElement[Any]], *, backwards: bool) -> ColumnElement[bool]:
        here = tuple_(*self.columns)
        return here < tuple_(*there) if self.down is not backwards else here > tuple_(*there)

    def ahead_of(self, other: "Phase") -> ColumnElement[bool]:
        """Give the rows of this phase that come before a row of the same phase of another list."""
        return and_(*self.where, self._past(other.columns, backwards=True))


_FIELDS = {
    "followers": "followers",
    "engagement": "engagement_rate",
    "connected": "connected_at",
    "growth": "growth",
    "handle": "handle_key",
    "category": "category",
}
_ALWAYS = {
    "health": ("health",),
    "platform": ("platform", "health"),
    "status": ("status", "health"),
    "kind": ("kind", "health"),
}


def phases(
    session: Session,
    order: Order,
    of: FromClause = connections,
    *,
    wanted: Filter | None = None,
    at: datetime | None = None,
) -> list[Phase]:
    """Give the phases of an order, first to last, without those that hold nothing of what is `wanted`.

    `at` is the past instant of which `of` holds the connections.
    """
    here, tie = of.c, of.c.number  # the row's own number: every index ends in it by itself
    asked = wanted or Filter()
    name, _, direction = order.value.partition("-")
    down = direction == "down"
    if order is Order.SOURCE:
        return [Phase((here.source_id == number,), (here.health, tie)) for number in _by_name(session, asked)]
    if order is Order.VERIFIED:
        return [Phase((here.verified.is_(told),), (here.health, tie)) for told in (True, False, None)]
    if name == "seen":
        return _by_sight(session, of, asked, at, down=down)
    if name == "name":
        named = here.sort_name != ""
        return [Phase((named,), (here.sort_name, tie), down), Phase((here.sort_name == "",), (tie,))]
    if name in _ALWAYS:
        return [Phase((), (*(here[field] for field in _ALWAYS[name]), tie), down)]
    field = here[_FIELDS[name]]
    return [Phase((field.is_not(None),), (field, tie), down), Phase((field.is_(None),), (tie,))]


def _by_name(session: Session, wanted: Filter) -> list[int]:
    query = select(sources.c.id).order_by(sources.c.name)
    asked = query.where(sources.c.name.in_(wanted.sources)) if wanted.sources else query
    return list(session.connection().execute(asked).scalars())


def _by_sight(session: Session, of: FromClause, wanted: Filter, at: datetime | None, *, down: bool) -> list[Phase]:
    if at is not None:
        return [Phase((), (_seen.then(session.connection(), of, at), of.c.number), down)]
    only = source_numbers(session, wanted.sources) if wanted.sources else None
    found = _seen.stretches(session.connection(), only, wanted.listed)
    columns = (of.c.last_seen_at, of.c.number)
    return [Phase(each.where(of), columns, down, each.name) for each in (found if down else reversed(found))]


def ahead(theirs: Sequence[Phase], ours: Sequence[Phase], number: int) -> ColumnElement[bool]:
    """Give the rows of one list that come before a row of this phase of another list in the same order."""
    return or_(*(and_(*phase.where) for phase in theirs[:number]), theirs[number].ahead_of(ours[number]))


def told(value: Any) -> Any:
    """Give a sorted value as JSON can hold it."""
    return value.isoformat() if isinstance(value, datetime) else value


def understood(phase: Phase, values: Any) -> tuple[Any, ...] | None:
    """Read the values of a place back by their columns; None when they are not of these columns."""
    if not isinstance(values, list) or len(values) != len(phase.columns):
        return None
    read = tuple(_read(item, value) for item, value in zip(phase.columns, values, strict=True))
    return None if any(value is None for value in read) else read


def _read(item: ColumnElement[Any], value: Any) -> Any:
    if isinstance(item.type, UtcDateTime):
        return _instant(value)
    if isinstance(item.type, Float):
        return float(value) if isinstance(value, float | int) and not isinstance(value, bool) else None
    if isinstance(item.type, Integer):
        return value if type(value) is int and abs(value) < _LARGEST else None
    return value if isinstance(value, str) else None


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
