"""How a list is sorted: an allow-list. An order is a few phases that one index can walk; missing values come last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Float, Integer, literal, select, tuple_

from data.queries._tables import connections, sources
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


@dataclass(frozen=True)
class Phase:
    """A stretch of a list: which rows, and the columns that sort them in one direction, the last one unique."""

    where: tuple[ColumnElement[bool], ...]
    columns: tuple[Column[Any], ...]
    down: bool = False

    def sorting(self, *, backwards: bool) -> list[ColumnElement[Any]]:
        """Give the ORDER BY, or its reverse."""
        return [item.desc() if self.down is not backwards else item.asc() for item in self.columns]

    def beyond(self, place: Sequence[Any], *, backwards: bool) -> ColumnElement[bool]:
        """Give the rows that come after a place, or before it; an index can seek there."""
        here = tuple_(*self.columns)
        there = tuple_(*(literal(value, item.type) for item, value in zip(self.columns, place, strict=True)))
        return here < there if self.down is not backwards else here > there


_tie = connections.c.number  # the row's own number: every index ends in it by itself
_FIELDS: dict[str, Column[Any]] = {
    "followers": connections.c.followers,
    "engagement": connections.c.engagement_rate,
    "connected": connections.c.connected_at,
    "growth": connections.c.growth,
    "handle": connections.c.handle_key,
    "category": connections.c.category,
}
_ALWAYS: dict[str, tuple[Column[Any], ...]] = {
    "health": (connections.c.health, _tie),
    "name": (connections.c.sort_name, _tie),
    "platform": (connections.c.platform, connections.c.health, _tie),
    "status": (connections.c.status, connections.c.health, _tie),
}


def phases(session: Session, order: Order) -> list[Phase]:
    """Give the phases of an order, first to last."""
    if order is Order.SOURCE:
        numbers = session.connection().execute(select(sources.c.id).order_by(sources.c.name)).scalars()
        return [Phase((connections.c.source_id == number,), (connections.c.health, _tie)) for number in numbers]
    name, _, direction = order.value.partition("-")
    down = direction == "down"
    if name == "name":
        return [
            Phase((connections.c.sort_name != "",), _ALWAYS[name], down),
            Phase((connections.c.sort_name == "",), (_tie,)),
        ]
    if name in _ALWAYS:
        return [Phase((), _ALWAYS[name], down)]
    field = _FIELDS[name]
    return [Phase((field.is_not(None),), (field, _tie), down), Phase((field.is_(None),), (_tie,))]


def told(value: Any) -> Any:
    """Give a sorted value as JSON can hold it."""
    return value.isoformat() if isinstance(value, datetime) else value


def understood(phase: Phase, values: Any) -> tuple[Any, ...] | None:
    """Read the values of a place back by their columns; None when they are not of these columns."""
    if not isinstance(values, list) or len(values) != len(phase.columns):
        return None
    read = tuple(_read(item, value) for item, value in zip(phase.columns, values, strict=True))
    return None if any(value is None for value in read) else read


def _read(item: Column[Any], value: Any) -> Any:
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
