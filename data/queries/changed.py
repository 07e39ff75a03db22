"""What changed between two instants, both included, newest first: fields of connections, and connections that are new.

A new connection is told as field "connection" with after "new", at the instant when it was first seen.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, null, or_, select

from data.queries import cursors
from data.queries._tables import changes, connections, sources
from data.queries.cursors import Nonsense, Place
from data.queries.filters import source_numbers
from data.store import Session

NEW = "connection"
"""The field of a connection that is new."""
_FRESH, _MOVED = 0, 1
"""Kinds of rows: at one instant, new connections come before what changed."""
_here = connections.c


class Changed(NamedTuple):
    """One field of one connection that changed; or of `number` of one source that changed alike at the same instant.

    With more than one, the connection is the last of them.
    """

    connection_id: str
    at: datetime
    field: str
    before: str | None
    after: str | None
    name: str | None
    handle: str | None
    platform: str
    source: str
    number: int
    place: str
    """Where the list goes on after this row."""


@dataclass(frozen=True)
class _Asked:
    """A question about two instants: what narrows it, and whether what is alike is one row."""

    since: datetime
    until: datetime
    fields: frozenset[str] | None
    sources: tuple[int, ...] | None
    connection: str | None
    together: bool

    @property
    def mark(self) -> int:
        """Give the number that its places carry."""
        narrowing = (sorted(self.fields or ()), self.sources, self.connection)
        return cursors.mark(self.since, self.until, *narrowing, self.together)

    def of(self, at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """Give the conditions on the instant, the connection and its source."""
        found: list[ColumnElement[bool]] = [at.between(self.since, self.until)]
        if self.sources is not None:
            found.append((_here.source_id + 0).in_(self.sources))  # the index on the instant is the one to use
        return found if self.connection is None else [*found, _here.id == self.connection]


class _Point(NamedTuple):
    """Where a row stands in the list: its instant, its kind and its own number."""

    at: datetime
    kind: int
    key: int


def between(
    session: Session,
    since: datetime,
    until: datetime,
    *,
    fields: Collection[str] | None = None,
    source: str | None = None,
    connection: str | None = None,
    together: bool = False,
    limit: int | None = None,
    after: str | None = None,
) -> tuple[int, list[Changed]]:
    """Give how many changes there were in all, and those after a place (`Changed.place`), the newest first.

    With `together`, changes of one source and instant with the same field, before and after are one row, and the total
    counts such rows: a first sync is one. A place of another question begins the list anew.
    """
    numbers = None if source is None else source_numbers(session, (source,))
    asked = _Asked(since, until, None if fields is None else frozenset(fields), numbers, connection, together)
    point, total, found = _point(asked, after), 0, list[tuple[_Point, Changed]]()
    for kind, happened in _happened(asked):
        number = int(session.connection().execute(select(func.count()).select_from(happened)).scalar_one())
        total += number
        if number:
            rows = session.connection().execute(_told(happened, kind, point).limit(limit)).all()
            points = [_Point(row.at, kind, row.key) for row in rows]
            found += [
                (at, Changed._make((*row[:-1], _written(asked, at)))) for at, row in zip(points, rows, strict=True)
            ]
    found.sort(key=lambda each: each[0], reverse=True)
    return total, [row for _, row in found[:limit]]


def _happened(asked: _Asked) -> list[tuple[int, Subquery]]:
    """Give instant, key and number of each row: of new connections and of changed fields, as far as they are asked."""
    found = list[tuple[int, Subquery]]()
    if asked.fields is None or NEW in asked.fields:
        found.append((_FRESH, _new(asked)))
    return found if asked.fields == frozenset({NEW}) else [*found, (_MOVED, _changed(asked))]


def _new(asked: _Asked) -> Subquery:
    at = _here.first_seen_at
    return _keys(asked, at, _here.number, (_here.source_id,)).where(*asked.of(at)).subquery("happened")


def _changed(asked: _Asked) -> Subquery:
    here = changes.c
    query = _keys(asked, here.at, here.id, (here.field, here.before, here.after, _here.source_id))
    if asked.together or asked.sources is not None or asked.connection is not None:
        query = query.join_from(changes, connections, _here.id == here.connection_id)
    if asked.connection is not None:
        query = query.where(here.connection_id == asked.connection)
    if asked.fields is not None:
        query = query.where(here.field.in_(asked.fields))
    return query.where(*asked.of(here.at)).subquery("happened")


def _keys(
    asked: _Asked, at: ColumnElement[Any], key: ColumnElement[Any], alike: tuple[ColumnElement[Any], ...]
) -> Select[Any]:
    """Select each row by its key, or each group of alike ones by that of the last."""
    if not asked.together:
        return select(at.label("at"), key.label("key"), literal(1).label("number"))
    return select(at.label("at"), func.max(key).label("key"), func.count().label("number")).group_by(at, *alike)


def _told(happened: Subquery, kind: int, point: _Point | None) -> Select[Any]:
    """Select what there is to tell of the rows after a point, in the order of `Changed`, the newest first."""
    here, key = changes.c, happened.c.key
    said = (here.field, here.before, here.after) if kind == _MOVED else (literal(NEW), null(), literal("new"))
    who = (_here.name, _here.handle, _here.platform, sources.c.name, happened.c.number, key)
    query = select(_here.id, happened.c.at, *said, *who)
    if kind == _MOVED:
        query = query.select_from(
            happened.join(changes, here.id == key).join(connections, _here.id == here.connection_id)
        )
    else:
        query = query.select_from(happened.join(connections, _here.number == key))
    if point is not None:
        later = key < point.key if kind == point.kind else literal(kind < point.kind)
        query = query.where(or_(happened.c.at < point.at, and_(happened.c.at == point.at, later)))
    return query.join(sources, sources.c.id == _here.source_id).order_by(happened.c.at.desc(), key.desc())


def _written(asked: _Asked, point: _Point) -> str:
    return cursors.written(Place(asked.mark, point.kind, (point.at.isoformat(), point.key), 0))


def _point(asked: _Asked, text: str | None) -> _Point | None:
    """Read a place back; one of another question, and any other text, is none."""
    try:
        place = cursors.read(text) if text else None
        if place is None or place.mark != asked.mark:
            return None
        told, key = place.values
        at = datetime.fromisoformat(told)
    except (Nonsense, TypeError, ValueError):
        return None
    return _Point(at, place.phase, key) if at.tzinfo is not None and isinstance(key, int) else None
