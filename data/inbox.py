"""The inbox of webhooks: taken in once per event, worked off later; and how many were refused, by reason."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Link
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from data.intake import Entry
from data.models import InboxEvent, InboxRefusal, Source, SyncRun
from data.types import InboxState, RunState

_inbox = SQLModel.metadata.tables[InboxEvent.__tablename__]
_refusals = SQLModel.metadata.tables[InboxRefusal.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]
_runs = SQLModel.metadata.tables[SyncRun.__tablename__]


class Waiting(NamedTuple):
    """An event that is to be worked off, with how its source stands."""

    id: int
    source_id: int
    source: str
    vendor: str
    asked: bool
    event: str
    event_id: str
    about: str | None
    told_at: datetime | None
    received_at: datetime
    body: str
    tries: int


class Refusal(NamedTuple):
    """Why webhooks were refused at one hook of one source on one day."""

    hook: str
    source: str
    reason: str
    day: date


def take(link: Link, entries: Sequence[Entry]) -> None:
    """Take webhooks in: one that is here already counts as a repeat, one of a source that is not is let go."""
    known = set(link.execute(select(_sources.c.id)).scalars())
    rows = [entry._asdict() for entry in entries if entry.source_id in known]
    fresh = {"state": InboxState.WAITING.value, "repeats": 0, "tries": 0}
    if rows:
        dialect = sqlite if link.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(_inbox).on_conflict_do_update(
            index_elements=["source_id", "event_id"], set_={"repeats": _inbox.c.repeats + 1}
        )
        link.execute(statement, [row | fresh | {"next_at": row["received_at"]} for row in rows])


def due(link: Link, at: datetime, most: int, *, without: Collection[int] = ()) -> list[Waiting]:
    """Give the events whose turn it is, the longest waiting first; those `without` some sources."""
    asked = (_sources.c.enabled & _sources.c.removed_at.is_(None)).label("asked")
    given = {"source": _sources.c.name, "vendor": _sources.c.vendor, "asked": asked}
    columns = [given[name] if name in given else _inbox.c[name] for name in Waiting._fields]
    query = select(*columns).select_from(_inbox.join(_sources, _sources.c.id == _inbox.c.source_id))
    query = query.where(_inbox.c.state == InboxState.WAITING.value, _inbox.c.next_at <= at)
    query = query.where(_inbox.c.source_id.not_in(without))
    rows = link.execute(query.order_by(_inbox.c.next_at, _inbox.c.id).limit(most))
    return [Waiting._make(row) for row in rows]


def settle(link: Link, ids: Sequence[int], at: datetime, *, state: InboxState, reason: str) -> None:
    """Write down what became of events that waited; of one that does not wait any more nothing is changed."""
    values = {"state": state.value, "reason": reason, "done_at": at, "next_at": None}
    link.execute(_waiting(ids).values(values))


def postpone(link: Link, ids: Sequence[int], until: datetime, *, reason: str, tried: bool) -> None:
    """Let events wait; `tried` counts it as a try that failed."""
    link.execute(_waiting(ids).values(next_at=until, reason=reason, tries=_inbox.c.tries + int(tried)))


def empty(link: Link, ids: Sequence[int]) -> None:
    """Let go of what events said: they are known by their ids alone from now on."""
    link.execute(update(_inbox).where(_inbox.c.id.in_(ids)).values(body=""))


def again(link: Link, number: int, at: datetime) -> bool:
    """Let a failed event be worked off anew; False when it is not there or has not failed."""
    here = (_inbox.c.id == number) & (_inbox.c.state == InboxState.FAILED.value)
    values = {"state": InboxState.WAITING.value, "next_at": at, "done_at": None, "tries": 0}
    return link.execute(update(_inbox).where(here).values(values)).rowcount > 0


def body(link: Link, number: int) -> str | None:
    """Give what an event said, or None when there is none of that number."""
    return link.execute(select(_inbox.c.body).where(_inbox.c.id == number)).scalar_one_or_none()


def read_since(link: Link, source_id: int, at: datetime) -> bool:
    """Tell whether a source's whole list was asked for and read after an instant."""
    here = (_runs.c.source_id == source_id) & (_runs.c.started_at > at) & (_runs.c.observed_at > at)
    return link.execute(select(_runs.c.id).where(here, _runs.c.state == RunState.OK.value).limit(1)).first() is not None


def count(link: Link, refusal: Refusal, number: int, *, first_at: datetime, last_at: datetime) -> None:
    """Count refused webhooks: what they said is nowhere kept."""
    here = [_refusals.c[name] == value for name, value in refusal._asdict().items()]
    more = {"count": _refusals.c.count + number, "last_at": last_at}
    if link.execute(update(_refusals).where(*here).values(more)).rowcount == 0:
        new = {"count": number, "first_at": first_at, "last_at": last_at}
        link.execute(insert(_refusals).values(refusal._asdict() | new))


def thin(link: Link, before: datetime) -> int:
    """Let go of events that were received before an instant and are at their end, and of counts of that time."""
    ended = _inbox.c.state.in_([InboxState.DONE.value, InboxState.IGNORED.value])
    link.execute(delete(_refusals).where(_refusals.c.day < before.date()))
    return link.execute(delete(_inbox).where(ended, _inbox.c.received_at < before)).rowcount


def _waiting(ids: Sequence[int]) -> Any:
    return update(_inbox).where(_inbox.c.id.in_(ids), _inbox.c.state == InboxState.WAITING.value)
