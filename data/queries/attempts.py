"""Attempts to connect as the pages show them: those that go on, those that ended, and the story of one."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from data.queries._tables import attempt_events, attempts, sources
from data.store import Session

_HERE = attempts.c


class Shown(NamedTuple):
    """An attempt: whose it is, what it is about, how it stands and what to do next."""

    id: int
    key: str
    person: str
    source: str
    vendor: str
    platform: str
    kind: str
    reconnects: str | None
    expects: dict[str, Any] | None
    state: str
    began_at: datetime
    changed_at: datetime
    ends_at: datetime
    returned_at: datetime | None
    ended_at: datetime | None
    remaining: list[str] | None
    problem: str | None
    message: str
    advice: str
    connection_id: str | None
    account: str | None


class Step(NamedTuple):
    """One event of an attempt's story: `by` a person, "window", "message", "return", "webhook", "list" or "clock"."""

    at: datetime
    by: str
    before: str | None
    after: str
    words: str


def one(session: Session, number: int) -> Shown | None:
    """Give an attempt by its number."""
    found = session.connection().execute(_every().where(_HERE.id == number)).one_or_none()
    return None if found is None else Shown._make(found)


def open_now(session: Session) -> list[Shown]:
    """Give everybody's open attempts, the newest first."""
    query = _every().where(_HERE.ended_at.is_(None)).order_by(_HERE.id.desc())
    return [Shown._make(row) for row in session.connection().execute(query)]


def ended(session: Session, *, limit: int) -> list[Shown]:
    """Give the attempts that ended, the last begun first."""
    query = _every().where(_HERE.ended_at.is_not(None)).order_by(_HERE.id.desc()).limit(limit)
    return [Shown._make(row) for row in session.connection().execute(query)]


def story(session: Session, number: int) -> list[Step]:
    """Give what happened to an attempt, the newest first."""
    here = attempt_events.c
    columns = (here.at, here.by, here.before, here.after, here.words)
    query = select(*columns).where(here.attempt_id == number).order_by(here.id.desc())
    return [Step._make(row) for row in session.connection().execute(query)]


def _every() -> Select[Any]:
    named = {"source": sources.c.name, "vendor": sources.c.vendor}
    columns = [named[name] if name in named else _HERE[name] for name in Shown._fields]
    return select(*columns).select_from(attempts.join(sources, sources.c.id == _HERE.source_id))
