"""Attempts to connect as the pages show them: those that go on, those that ended, and the story of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select

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
    offered: dict[str, str]
    """The accounts that the sign-in offers, by id and name, while somebody has to choose one."""


class Step(NamedTuple):
    """One event of an attempt's story: `by` a person, "window", "message", "return", "webhook", "list" or "clock"."""

    at: datetime
    by: str
    before: str | None
    after: str
    words: str


def one(session: Session, number: int) -> Shown | None:
    """Give an attempt by its number."""
    return next(iter(_read(session, _every().where(_HERE.id == number))), None)


def open_now(session: Session) -> list[Shown]:
    """Give everybody's open attempts, the newest first."""
    return _read(session, _every().where(_HERE.ended_at.is_(None)).order_by(_HERE.id.desc()))


def ended(session: Session, *, limit: int) -> list[Shown]:
    """Give the attempts that ended, the last begun first."""
    return _read(session, _every().where(_HERE.ended_at.is_not(None)).order_by(_HERE.id.desc()).limit(limit))


def of_connections(session: Session, connection_ids: Sequence[str], *, until: datetime, limit: int) -> list[Shown]:
    """Give the attempts that ended with these connections, or were to renew them, the latest first.

    Each stands at its end, or at its begin while it goes on; those up to an instant are given.
    """
    at = func.coalesce(_HERE.ended_at, _HERE.began_at)
    about = or_(_HERE.connection_id.in_(connection_ids), _HERE.reconnects.in_(connection_ids))
    return _read(session, _every().where(about, at <= until).order_by(at.desc(), _HERE.id.desc()).limit(limit))


def story(session: Session, number: int) -> list[Step]:
    """Give what happened to an attempt, the newest first."""
    here = attempt_events.c
    columns = (here.at, here.by, here.before, here.after, here.words)
    query = select(*columns).where(here.attempt_id == number).order_by(here.id.desc())
    return [Step._make(row) for row in session.connection().execute(query)]


def _every() -> Select[Any]:
    named = {"source": sources.c.name, "vendor": sources.c.vendor, "offered": _HERE.told}
    columns = [named[name] if name in named else _HERE[name] for name in Shown._fields]
    return select(*columns).select_from(attempts.join(sources, sources.c.id == _HERE.source_id))


def _read(session: Session, query: Select[Any]) -> list[Shown]:
    """Read attempts; of what was told of them, which holds more than a page may show, only what is offered."""
    found = [Shown._make(row) for row in session.connection().execute(query)]
    return [each._replace(offered=_offered(each.offered)) for each in found]


def _offered(told: dict[str, Any] | None) -> dict[str, str]:
    return {str(each["id"]): str(each["name"]) for each in (told or {}).get("offered") or ()}
