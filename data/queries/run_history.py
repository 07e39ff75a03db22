"""The history of sync runs: filtered, the newest first, each with what it read and why it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select

from data.queries import newest
from data.queries._tables import runs, sources
from data.store import Session

REPLAY = "replay"
"""What started a run that filled a demo's past: shown only to who asks for it."""


class Past(NamedTuple):
    """One sync of one source: what it read, what that changed, and why it ended as it did."""

    id: int
    source: str
    state: str
    trigger: str
    started_at: datetime
    finished_at: datetime | None
    seen: int
    created: int
    updated: int
    unchanged: int
    vanished: int
    rejected: int
    held_back: bool
    requests: int
    seconds: float
    problem_message: str | None
    problem_action: str | None


@dataclass(frozen=True)
class Wanted:
    """Which runs: of a source, in a state, started by what; without one, all but those that filled a demo."""

    source: str | None = None
    state: str | None = None
    trigger: str | None = None


class Words(NamedTuple):
    """What runs can be filtered by."""

    sources: tuple[str, ...]
    triggers: tuple[str, ...]


def page(session: Session, wanted: Wanted, *, after: int | None = None, before: int | None = None) -> newest.Stretch:
    """Give a page of runs, the newest first."""
    query = _shown().where(runs.c.trigger == wanted.trigger if wanted.trigger else runs.c.trigger != REPLAY)
    if wanted.source is not None:
        query = query.where(sources.c.name == wanted.source)
    if wanted.state is not None:
        query = query.where(runs.c.state == wanted.state)
    found = newest.stretch(session, query, runs.c.id, after=after, before=before)
    found.rows[:] = [Past._make(row) for row in found.rows]
    return found


def one(session: Session, number: int) -> Past | None:
    """Give the run of an id."""
    row = session.connection().execute(_shown().where(runs.c.id == number)).one_or_none()
    return None if row is None else Past._make(row)


def words(session: Session) -> Words:
    """Give the sources, removed ones too, and what has started runs so far."""
    link = session.connection()
    names = link.execute(select(sources.c.name).order_by(sources.c.name)).scalars()
    return Words(tuple(names), tuple(sorted(link.execute(select(runs.c.trigger).distinct()).scalars())))


def _shown() -> Select[tuple[object, ...]]:
    told = (sources.c.name if name == "source" else runs.c[name] for name in Past._fields)
    return select(*told).select_from(runs.join(sources, sources.c.id == runs.c.source_id))
