"""Webhooks as a list: what arrived, what became of it and why; and what was refused, counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from data.queries import newest, occurring
from data.queries._tables import inbox, messages, refusals, sources
from data.store import Session, now
from data.types import InboxState

REFUSED_FOR = timedelta(days=30)


class Arrived(NamedTuple):
    """One webhook that was believed; what it said is not here."""

    id: int
    source: str
    vendor: str
    event: str
    event_id: str
    about: str | None
    received_at: datetime
    told_at: datetime | None
    state: str
    reason: str | None
    repeats: int
    tries: int
    next_at: datetime | None
    done_at: datetime | None


class Refused(NamedTuple):
    """Webhooks that were refused at one hook for one reason."""

    hook: str
    source: str
    reason: str
    times: int
    first_at: datetime
    last_at: datetime


class Words(NamedTuple):
    """What webhooks can be filtered by."""

    sources: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """Which webhooks: of a source, of an event, in a state."""

    source: str | None = None
    event: str | None = None
    state: str | None = None


def page(session: Session, wanted: Wanted, *, after: int | None = None, before: int | None = None) -> newest.Stretch:
    """Give a page of webhooks, the newest first."""
    query = _shown()
    if wanted.source is not None:
        query = query.where(sources.c.name == wanted.source)
    for name in ("event", "state"):
        if (word := getattr(wanted, name)) is not None:
            query = query.where(inbox.c[name] == word)
    found = newest.stretch(session, query, inbox.c.id, after=after, before=before)
    found.rows[:] = [Arrived._make(row) for row in found.rows]
    return found


def one(session: Session, number: int) -> Arrived | None:
    """Give the webhook of an id."""
    row = session.connection().execute(_shown().where(inbox.c.id == number)).one_or_none()
    return None if row is None else Arrived._make(row)


def message(session: Session, number: int) -> int | None:
    """Give the number of the message to whose address a webhook came; None when it came to no message's."""
    same = (messages.c.press == inbox.c.about) & (messages.c.source_id == inbox.c.source_id)
    query = select(messages.c.id).select_from(inbox.join(messages, same)).where(inbox.c.id == number)
    found: int | None = session.connection().execute(query).scalar_one_or_none()
    return found


def words(session: Session) -> Words:
    """Give the sources that told something, and what they told of."""
    told = occurring.values(session, inbox.c.source_id)
    names = select(sources.c.name).where(sources.c.id.in_(told)).order_by(sources.c.name)
    return Words(tuple(session.connection().execute(names).scalars()), occurring.values(session, inbox.c.event))


def refused(session: Session) -> list[Refused]:
    """Give what was refused of late, by hook, source and reason, the latest first."""
    here = refusals.c
    number, first, last = func.sum(here.count), func.min(here.first_at), func.max(here.last_at)
    query = select(here.hook, here.source, here.reason, number, first, last)
    query = query.where(here.day >= (now() - REFUSED_FOR).date()).group_by(here.hook, here.source, here.reason)
    return [Refused._make(row) for row in session.connection().execute(query.order_by(last.desc()))]


def mark(session: Session) -> tuple[Any, ...]:
    """Give what changes when a webhook arrives, is worked off or is refused: cheap to ask for."""
    waiting = select(func.count()).select_from(inbox).where(inbox.c.state == InboxState.WAITING.value)
    newest_id, last = select(func.max(inbox.c.id)), select(func.max(refusals.c.last_at))
    columns = (part.scalar_subquery() for part in (newest_id, waiting, last))
    return tuple(session.connection().execute(select(*columns)).one())


def _shown() -> Select[Any]:
    theirs = {"source": sources.c.name, "vendor": sources.c.vendor}
    told = (theirs[name] if name in theirs else inbox.c[name] for name in Arrived._fields)
    return select(*told).select_from(inbox.join(sources, sources.c.id == inbox.c.source_id))
