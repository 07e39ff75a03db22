"""The audit trail as a list: searched, filtered, the newest first, and whole for a file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select

from data.queries import newest
from data.queries._tables import audit
from data.queries.export import Columns, Holds
from data.store import Session

STRETCH = 5_000
LONGEST = 200
"""Characters of a search that are looked for."""
_SEARCHED = ("actor", "action", "subject", "reason")


class Entry(NamedTuple):
    """One row of the trail, as it was written."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    before: str | None
    after: str | None
    outcome: str
    reason: str | None
    previous: str
    hash: str


COLUMNS: dict[str, Holds] = dict.fromkeys(Entry._fields, Holds.TEXT) | {"id": Holds.WHOLE}
"""What is exported of a row: all of it, the instant as ISO text."""


@dataclass(frozen=True)
class Wanted:
    """Which rows: those that hold a text, of an actor, a family of actions, an outcome, a time."""

    search: str = ""
    actor: str | None = None
    family: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Words(NamedTuple):
    """What the trail can be filtered by."""

    actors: tuple[str, ...]
    families: tuple[str, ...]
    outcomes: tuple[str, ...]


def page(session: Session, wanted: Wanted, *, after: int | None = None, before: int | None = None) -> newest.Stretch:
    """Give a page of entries, the newest first."""
    found = newest.stretch(session, _query(wanted), audit.c.id, after=after, before=before)
    found.rows[:] = [Entry._make(row) for row in found.rows]
    return found


def one(session: Session, number: int) -> Entry | None:
    """Give the entry of an id."""
    row = session.connection().execute(_shown().where(audit.c.id == number)).one_or_none()
    return None if row is None else Entry._make(row)


def words(session: Session) -> Words:
    """Give the actors, families of actions and outcomes that the trail holds, each in order."""
    link = session.connection()
    actors, actions, outcomes = (
        sorted(link.execute(select(column).distinct()).scalars())
        for column in (audit.c.actor, audit.c.action, audit.c.outcome)
    )
    families = sorted({action.partition(".")[0] for action in actions})
    return Words(tuple(actors), tuple(families), tuple(outcomes))


def number_of(session: Session, wanted: Wanted, *, upto: int) -> int:
    """Count the entries up to an id."""
    query = select(func.count()).select_from(audit).where(audit.c.id <= upto, *_conditions(wanted))
    return int(session.connection().execute(query).scalar_one())


def highest(session: Session) -> int:
    """Give the newest id, 0 for an empty trail."""
    return int(session.connection().execute(select(func.coalesce(func.max(audit.c.id), 0))).scalar_one())


def cells(session: Session, wanted: Wanted, *, above: int, upto: int) -> tuple[Columns, int]:
    """Give the next entries above an id, the oldest first, by columns, and the id of the last one."""
    query = _query(wanted).where(audit.c.id > above, audit.c.id <= upto).order_by(audit.c.id).limit(STRETCH)
    rows = session.connection().execute(query).all()
    columns: Columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        columns[1] = [at.isoformat() for at in columns[1]]
    return columns, int(rows[-1].id) if rows else upto


def _shown() -> Select[Any]:
    return select(*(audit.c[name] for name in Entry._fields))


def _query(wanted: Wanted) -> Select[Any]:
    return _shown().where(*_conditions(wanted))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    here, found = audit.c, list[ColumnElement[bool]]()
    if wanted.search:
        text = wanted.search[:LONGEST]
        found.append(or_(*(here[name].icontains(text, autoescape=True) for name in _SEARCHED)))
    if wanted.actor is not None:
        found.append(here.actor == wanted.actor)
    if wanted.family is not None:
        found.append(here.action.startswith(f"{wanted.family}.", autoescape=True))
    if wanted.outcome is not None:
        found.append(here.outcome == wanted.outcome)
    if wanted.since is not None:
        found.append(here.at >= wanted.since)
    if wanted.until is not None:
        found.append(here.at <= wanted.until)
    return found
