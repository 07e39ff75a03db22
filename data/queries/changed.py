"""What changed between two instants, both included, newest first: fields of connections, and connections that are new.

A new connection is told as field "connection" with after "new", by when it was first seen. There is no index for that:
with a million connections each question costs 0.1 to 0.3 s, unless `fields` leaves "connection" out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, and_, func, literal, null, or_, select

from data.queries import cursors
from data.queries._tables import changes, connections, sources
from data.queries.cursors import Nonsense, Place
from data.queries.filters import source_numbers
from data.store import Session

NEW = "connection"
"""The field of a connection that is new."""
_here = connections.c


class Changed(NamedTuple):
    """One field of one connection that changed; or of `number` of one source that changed alike at the same instant.

    With more than one, the connection and its names are any of theirs.
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

    def own(self) -> list[ColumnElement[bool]]:
        """Give the conditions on the connection and its source."""
        found = list[ColumnElement[bool]]()
        if self.sources is not None:
            found.append((_here.source_id + 0).in_(self.sources))  # an index on time is the one to use
        if self.connection is not None:
            found.append(_here.id == self.connection)
        return found


class _Point(NamedTuple):
    """Where a row stands in the list: new connections (kind 0) come before the changes (kind 1) of their instant."""

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
    for kind, query in _queries(asked):
        number = _number(session, query)
        total += number
        found += _read(session, asked, query, kind, point, limit=limit) if number else []
    found.sort(key=lambda each: each[0], reverse=True)
    return total, [row for _, row in found[:limit]]


def _queries(asked: _Asked) -> list[tuple[int, Select[Any]]]:
    """Give the questions for new connections and for changed fields, as far as they are asked."""
    wanted = asked.fields
    found = [(0, _new(asked))] if wanted is None or NEW in wanted else []
    return found if wanted == frozenset({NEW}) else [*found, (1, _changed(asked))]


def _changed(asked: _Asked) -> Select[Any]:
    here = changes.c
    joined = changes.join(connections, _here.id == here.connection_id).join(sources, sources.c.id == _here.source_id)
    query = _columns(asked, here.id, here.at, (here.field, here.before, here.after)).select_from(joined)
    query = query.where(here.at.between(asked.since, asked.until), *asked.own())
    if asked.connection is not None:
        query = query.where(here.connection_id == asked.connection)
    return query if asked.fields is None else query.where(here.field.in_(asked.fields))


def _new(asked: _Asked) -> Select[Any]:
    said = (literal(NEW), null(), literal("new"))
    query = _columns(asked, _here.number, _here.first_seen_at, said)
    query = query.select_from(connections.join(sources, sources.c.id == _here.source_id))
    return query.where(_here.first_seen_at.between(asked.since, asked.until), *asked.own())


def _columns(
    asked: _Asked, key: ColumnElement[Any], at: ColumnElement[Any], said: tuple[ColumnElement[Any], ...]
) -> Select[Any]:
    """Select a row for each change, or for each group of alike ones, in the order of `Changed`, with its key."""
    told = [item.label(name) for item, name in zip(said, ("field", "before", "after"), strict=True)]
    who = [_here.id.label("connection_id"), _here.name, _here.handle, _here.platform]
    if not asked.together:
        return select(who[0], at.label("at"), *told, *who[1:], sources.c.name.label("source"), literal(1), key)
    shown = [func.max(item).label(item.key) for item in who]
    query = select(shown[0], at.label("at"), *told, *shown[1:], sources.c.name.label("source"), func.count())
    groups = [item for item in (at, *said, sources.c.name) if isinstance(item, Column)]
    return query.add_columns(func.max(key)).group_by(*groups)


def _number(session: Session, query: Select[Any]) -> int:
    return int(session.connection().execute(select(func.count()).select_from(query.subquery())).scalar_one())


def _read(
    session: Session, asked: _Asked, query: Select[Any], kind: int, point: _Point | None, *, limit: int | None
) -> list[tuple[_Point, Changed]]:
    """Read the rows that come after a point."""
    found = query.subquery()
    at, key = found.c.at, list(found.c)[-1]
    if point is not None:
        same = key < point.key if kind == point.kind else literal(kind < point.kind)
        found_after = or_(at < point.at, and_(at == point.at, same))
    statement = select(found).order_by(at.desc(), key.desc()).limit(limit)
    rows = session.connection().execute(statement if point is None else statement.where(found_after)).all()
    points = [_Point(row.at, kind, row[-1]) for row in rows]
    return [(here, Changed._make((*row[:-1], _written(asked, here)))) for here, row in zip(points, rows, strict=True)]


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
