"""Sent messages: the list, one message, its story, and those of one send to a list of recipients."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from data.queries import message_filters, newest, occurring
from data.queries._tables import message_events, sendings, sources
from data.queries._tables import messages as _messages
from data.queries.message_filters import Filter
from data.store import Session

__all__ = [
    "Event",
    "Filter",
    "MessageRow",
    "SendingRow",
    "Words",
    "counted",
    "document",
    "events",
    "events_of",
    "find",
    "mark",
    "one",
    "page",
    "results",
    "sending",
    "words",
]

_here, _event = _messages.c, message_events.c


class MessageRow(NamedTuple):
    """One message to one recipient; None is not told, or not there yet."""

    id: int
    press: str
    source: str
    recipient: str
    to: str
    family: str
    payload: dict[str, Any]
    correlation_id: str
    person: str
    draft_id: str | None
    sending_id: int | None
    attempt_of: int | None
    state: str
    transid: str | None
    code: str | None
    reason: str | None
    advice: str | None
    created_at: datetime
    changed_at: datetime
    posting_at: datetime | None
    answered_at: datetime | None
    submitted_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None
    heard_at: datetime | None

    @property
    def last_word(self) -> datetime:
        """Give the instant from which on nothing was heard, as `data.silence.since` counts it."""
        return self.heard_at or self.answered_at or self.posting_at or self.created_at


class Event(NamedTuple):
    """One step of a message; `raw` is the callback that told it, as it was kept."""

    id: int
    message_id: int
    at: datetime
    told_at: datetime | None
    by: str
    before: str | None
    after: str
    moved: bool
    code: str | None
    words: str
    raw: str | None


class SendingRow(NamedTuple):
    """One press that sent to a list of recipients."""

    id: int
    source: str
    person: str
    state: str
    total: int
    began_at: datetime
    ended_at: datetime | None
    stopped_by: str | None


class Words(NamedTuple):
    """What messages can be filtered by, in alphabetical order."""

    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    persons: tuple[str, ...]


def page(
    session: Session,
    wanted: Filter,
    *,
    after: int | None = None,
    before: int | None = None,
    oldest_first: bool = False,
    number: int | None = None,
) -> newest.Stretch:
    """Give a page of messages, the newest first unless told; more than 10,000 are not counted.

    `number` is what `counted` gave for the filter, if somebody has asked it already.
    """
    query = _shown().where(*message_filters.conditions(session, wanted))
    found = newest.stretch(
        session, query, _here.id, after=after, before=before, oldest_first=oldest_first, number=number
    )
    found.rows[:] = [MessageRow._make(row) for row in found.rows]
    return found


def counted(session: Session, wanted: Filter) -> int:
    """Count the messages that match, one beyond 10,000 at most: the same on each page of a list."""
    return newest.counted(session, select(_here.id).where(*message_filters.conditions(session, wanted)))


def find(session: Session, wanted: Filter, limit: int | None = None) -> tuple[int, list[MessageRow]]:
    """Give how many messages match, and the newest of them."""
    conditions, link = message_filters.conditions(session, wanted), session.connection()
    total = link.execute(select(func.count()).select_from(_messages).where(*conditions)).scalar_one()
    rows = link.execute(_shown().where(*conditions).order_by(_here.id.desc()).limit(limit))
    return int(total), [MessageRow._make(row) for row in rows]


def one(session: Session, number: int) -> MessageRow | None:
    """Give the message of a number."""
    row = session.connection().execute(_shown().where(_here.id == number)).one_or_none()
    return None if row is None else MessageRow._make(row)


def events(session: Session, number: int) -> tuple[Event, ...]:
    """Give every step of a message, the first one first."""
    return events_of(session, [number]).get(number, ())


def events_of(session: Session, numbers: list[int]) -> dict[int, tuple[Event, ...]]:
    """Give every step of these messages, by number."""
    query = select(*(_event[name] for name in Event._fields)).where(_event.message_id.in_(numbers))
    found: dict[int, list[Event]] = {}
    for row in session.connection().execute(query.order_by(_event.message_id, _event.id)):
        found.setdefault(row.message_id, []).append(Event._make(row))
    return {number: tuple(steps) for number, steps in found.items()}


def words(session: Session) -> Words:
    """Give the sources, recipients and people that messages name."""
    told = occurring.values(session, _here.source_id)
    names = select(sources.c.name).where(sources.c.id.in_(told)).order_by(sources.c.name)
    first = select(func.max(_here.id)).where(_here.recipient_id.in_(occurring.values(session, _here.recipient_id)))
    named = select(_here.recipient).where(_here.id.in_(first.group_by(_here.recipient_id))).distinct()
    link = session.connection()
    recipients = tuple(link.execute(named.order_by(_here.recipient)).scalars())
    return Words(tuple(link.execute(names).scalars()), recipients, occurring.values(session, _here.person))


def mark(session: Session) -> tuple[Any, ...]:
    """Give what changes when a message is reserved or moves: cheap to ask for."""
    columns = (select(func.max(table.c.id)).scalar_subquery() for table in (_messages, message_events))
    return tuple(session.connection().execute(select(*columns)).one())


def sending(session: Session, number: int) -> SendingRow | None:
    """Give the send to a list of this number."""
    columns = (sources.c.name if name == "source" else sendings.c[name] for name in SendingRow._fields)
    query = select(*columns).select_from(sendings.join(sources, sources.c.id == sendings.c.source_id))
    row = session.connection().execute(query.where(sendings.c.id == number)).one_or_none()
    return None if row is None else SendingRow._make(row)


def results(session: Session, number: int) -> dict[str, int]:
    """Count the messages of a send to a list by their state."""
    query = select(_here.state, func.count()).where(_here.sending_id == number).group_by(_here.state)
    return {state: int(count) for state, count in session.connection().execute(query)}


def document(row: MessageRow, steps: tuple[Event, ...]) -> dict[str, Any]:
    """Give a message as a program may ask for it; `to` is the recipient's name."""
    told = {"id": row.id, "source": row.source, "to": row.recipient}
    names = ("family", "state", "transid", "correlation_id", "code", "reason", "created_at")
    step = ("at", "told_at", "by", "before", "after", "moved", "code", "words")
    events = [{name: getattr(each, name) for name in step} for each in steps]
    return told | {name: getattr(row, name) for name in names} | {"events": events}


def _shown() -> Select[Any]:
    columns = [sources.c.name.label("source") if name == "source" else _here[name] for name in MessageRow._fields]
    return select(*columns).select_from(_messages.join(sources, sources.c.id == _here.source_id))
