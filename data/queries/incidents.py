"""Incidents: what is broken now, what was, and who was told of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from data.queries import newest
from data.queries._tables import connections, incidents, notices, sources
from data.queries.newest import Stretch
from data.store import Session

OPEN, ENDED = "open", "ended"
FIRST = 200
"""Open incidents that are shown before the ended ones; more of them have pages of their own."""
_HERE = incidents.c


class Incident(NamedTuple):
    """One cause that makes something broken: since when, what to do, and whether and why it is over."""

    id: int
    cause: str
    source: str | None
    connection_id: str | None
    account: str | None
    message: str
    advice: str
    began_at: datetime
    noted_at: datetime | None
    ended_at: datetime | None
    ended_why: str | None


class Notice(NamedTuple):
    """One message about an incident, and what became of it."""

    incident_id: int
    what: str
    channel: str
    state: str
    tries: int
    next_at: datetime | None
    sent_at: datetime | None
    problem: str | None


@dataclass(frozen=True)
class Wanted:
    """Which incidents: open or ended ones, of a cause, of a source."""

    state: str | None = None
    cause: str | None = None
    source: str | None = None


class Words(NamedTuple):
    """What incidents can be filtered by."""

    causes: tuple[str, ...]
    sources: tuple[str, ...]


def page(session: Session, wanted: Wanted, *, after: int | None = None, before: int | None = None) -> Stretch:
    """Give a page of incidents: on the first one those that are open now, then those that ended, the newest first."""
    query, is_open = _query(wanted), _HERE.ended_at.is_(None)
    mixed = wanted.state not in {OPEN, ENDED}
    asked = query.where(is_open if wanted.state == OPEN else ~is_open)
    found = newest.stretch(session, asked, _HERE.id, after=after, before=before)
    found.rows[:] = [Incident._make(row) for row in found.rows]
    if mixed and found.newer is None:
        first = query.where(is_open).order_by(_HERE.id.desc()).limit(FIRST)
        found.rows[:0] = [Incident._make(row) for row in session.connection().execute(first)]
    if mixed:
        opened = select(func.count()).select_from(query.where(is_open).subquery())
        found = replace(found, total=found.total + int(session.connection().execute(opened).scalar_one()))
    return found


def one(session: Session, number: int) -> Incident | None:
    """Give the incident of an id."""
    row = session.connection().execute(_shown().where(_HERE.id == number)).one_or_none()
    return None if row is None else Incident._make(row)


def open_now(session: Session, *, without: Collection[str] = (), limit: int = 20) -> list[Incident]:
    """Give what is broken now, but for some causes, the latest first."""
    query = _shown().where(_HERE.ended_at.is_(None), _HERE.cause.not_in(list(without)))
    rows = session.connection().execute(query.order_by(_HERE.began_at.desc(), _HERE.id.desc()).limit(limit))
    return [Incident._make(row) for row in rows]


def number_open(session: Session) -> int:
    """Count what is broken now."""
    query = select(func.count()).select_from(incidents).where(_HERE.ended_at.is_(None))
    return int(session.connection().execute(query).scalar_one())


def told(session: Session, numbers: Sequence[int]) -> dict[int, list[Notice]]:
    """Give the messages about incidents, in the order in which they were due."""
    shown = [notices.c[name] for name in Notice._fields]
    query = select(*shown).where(notices.c.incident_id.in_(numbers)).order_by(notices.c.id)
    found: dict[int, list[Notice]] = {number: [] for number in numbers}
    for row in session.connection().execute(query):
        found[row.incident_id].append(Notice._make(row))
    return found


def words(session: Session) -> Words:
    """Give the causes that there were, and the sources, removed ones too."""
    link = session.connection()
    causes = link.execute(select(_HERE.cause).distinct()).scalars()
    names = link.execute(select(sources.c.name).order_by(sources.c.name)).scalars()
    return Words(tuple(sorted(causes)), tuple(names))


def _shown() -> Select[Any]:
    other: dict[str, ColumnElement[Any]] = {
        "source": sources.c.name.label("source"),
        "account": func.coalesce(connections.c.name, connections.c.handle).label("account"),
    }
    joined = incidents.outerjoin(sources, sources.c.id == _HERE.source_id)
    joined = joined.outerjoin(connections, connections.c.id == _HERE.connection_id)
    return select(*(other[name] if name in other else _HERE[name] for name in Incident._fields)).select_from(joined)


def _query(wanted: Wanted) -> Select[Any]:
    query = _shown()
    if wanted.cause is not None:
        query = query.where(_HERE.cause == wanted.cause)
    return query if wanted.source is None else query.where(sources.c.name == wanted.source)
