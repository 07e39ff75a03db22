"""The connections as they stood at an instant, as a table to ask: later changes are undone in SQL.

A field had the `before` of its earliest later change, or else has its value of today. So a list of then has two arms:
the connections without such a change, which today's indexes find and sort, and those with one. SQLite merges both arms
in the order asked for as long as their columns have the same affinity: that is what the casts are for.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CTE, Column, ColumnElement, Float, ScalarSelect, Select, String, and_, case, cast, func, select

from data.changes import EVENTS
from data.growth import NEAR, SPAN, believed
from data.queries._tables import changes, connections, points
from data.queries.filters import Filter, Listed
from data.queries.orders import Order

PLAIN = (*EVENTS, "suspect")
"""The fields whose changes are kept under the column's own name."""
_here = connections.c
_BY_ORDER = {
    Order.NAME: ("name", "handle"),
    Order.NAME_DOWN: ("name", "handle"),
    Order.HANDLE: ("handle",),
    Order.PLATFORM: ("platform", "health"),
    Order.SOURCE: ("health",),
    Order.KIND: ("health",),
    Order.VERIFIED: ("verified", "health"),
    Order.WORST_HEALTH: ("health",),
    Order.BEST_HEALTH: ("health",),
    Order.STATUS: ("status", "health"),
    Order.CATEGORY: ("category",),
    Order.GREW_MOST: ("suspect",),
    Order.FELL_MOST: ("suspect",),
    Order.SEEN_LAST: ("vanished",),
    Order.SEEN_LONGEST_AGO: ("vanished",),
}


def needed(wanted: Filter, order: Order) -> set[str]:
    """Name the fields whose changes decide which connections a list holds, and in what order."""
    narrowing = {
        "platform": wanted.platforms,
        "status": wanted.statuses,
        "health": wanted.healths,
        "category": wanted.categories,
        "verified": wanted.verified is not None,
        "suspect": wanted.suspects,
        "vanished": wanted.listed is not Listed.BOTH,
    }
    return {field for field, used in narrowing.items() if used} | set(_BY_ORDER.get(order, ()))


def connections_at(at: datetime, fields: Collection[str]) -> CTE:
    """Give the connections that existed at an instant, with these fields and the figures as they were then.

    What no point or change tells, and every field that is not asked for, is as it is today.
    """
    figures = _figures(at.date(), _here.suspect)
    names = [column.name for column in connections.c]
    existed = _computed(_here.first_seen_at) <= at  # nearly all did: the order's index is the one to walk
    untouched = select(*(figures.get(name, _here[name]).label(name) for name in names)).where(existed)
    if not fields:
        return untouched.cte("then")
    moved = _moved(at, sorted(fields))
    undone = _undone(moved, fields)
    was = _figures(at.date(), undone.get("suspect", _here.suspect)) | undone
    arm = select(*(was.get(name, _computed(_here[name])).label(name) for name in names)).where(existed)
    arm = arm.select_from(moved.join(connections, _here.id == moved.c.connection_id))
    return untouched.where(_here.id.not_in(select(moved.c.connection_id))).union_all(arm).cte("then")


def renamed(at: datetime) -> Select[Any]:
    """Give number, name and handle of the connections whose name or handle was another one then."""
    moved = _moved(at, ["handle", "name"])
    told = [_was(moved, field, moved.c[field], _here[field]).label(field) for field in ("name", "handle")]
    return select(_here.number, *told).join_from(moved, connections, _here.id == moved.c.connection_id)


def _moved(at: datetime, fields: list[str]) -> CTE:
    """Give one row for each connection that changed later in one of these fields, with what the fields were before."""
    earliest = (
        select(func.min(changes.c.id))
        .where(changes.c.at > at, changes.c.field.in_(fields))
        .group_by(changes.c.field, _computed(changes.c.connection_id))  # so that SQLite reads the index on `at`
    )
    first = select(changes.c.connection_id, changes.c.field, changes.c.before).where(changes.c.id.in_(earliest))
    rows = first.subquery("first")
    told: list[ColumnElement[Any]] = []
    for field in fields:
        here = rows.c.field == field
        told.append(func.count(case((here, 1))).label(f"{field}_moved"))
        told.append(func.max(case((here, rows.c.before))).label(field))
    return select(rows.c.connection_id, *told).group_by(rows.c.connection_id).cte("moved")


def _undone(moved: CTE, fields: Collection[str]) -> dict[str, ColumnElement[Any]]:
    """Give the columns that the later changes of these fields made other than they were."""
    found = {field: _was(moved, field, moved.c[field], _here[field]) for field in fields if field in PLAIN}
    if "vanished" in fields:
        gone = case((moved.c.vanished == "vanished", cast(_here.first_seen_at, String)))  # that it had, not when
        found["vanished_at"] = _was(moved, "vanished", gone, _here.vanished_at)
    if "name" in fields:
        known = func.lower(func.coalesce(found["name"], found["handle"], ""))
        same = and_(moved.c.name_moved == 0, moved.c.handle_moved == 0)
        found["sort_name"] = cast(case((same, _here.sort_name), else_=known), _here.sort_name.type)
    if "handle" in fields:
        found["handle_key"] = _was(moved, "handle", func.lower(moved.c.handle), _here.handle_key)
    return found


def _was(moved: CTE, field: str, before: ColumnElement[Any], today: Column[Any]) -> ColumnElement[Any]:
    return cast(case((moved.c[f"{field}_moved"] > 0, before), else_=today), today.type)


def _computed(column: Column[Any]) -> ColumnElement[Any]:
    """Give a column as a term that leads no planner to an index."""
    return cast(column, column.type)


def _figures(day: date, suspect: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    """Give followers and engagement as the newest point tells them, and growth by the rule of the trends."""
    month = day - SPAN
    then, base = _last("followers", points.c.day.between(month + timedelta(days=1), day)), _told(month - NEAR, month)
    growth = case((believed(suspect), cast(then - base, Float) / func.nullif(base, 0) * 100.0))
    return {name: newest(name, day) for name in ("followers", "engagement_rate")} | {"growth": growth}


def newest(figure: str, day: date) -> ScalarSelect[Any]:
    """Give a figure of a connection as its newest point up to a day tells it, which may be that it was missing."""
    return _last(figure, points.c.day <= day)


def _told(since: date, until: date) -> ScalarSelect[Any]:
    return _last("followers", points.c.day.between(since, until), points.c.followers.is_not(None))


def _last(figure: str, *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    query = select(points.c[figure]).where(points.c.connection_id == _here.id, *where)
    return query.order_by(points.c.day.desc()).limit(1).correlate(connections).scalar_subquery()
