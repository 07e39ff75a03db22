"""Statements for messages, their events and sends to lists; what the pages ask is in `data.queries.messages`."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlmodel import SQLModel, col
from sqlmodel import select as rows

from data import leases
from data.models import Message, MessageEvent, Sending
from data.staging import chunks
from data.store import Session
from data.types import LEAVING, MessageState, SendingState

MARK = leases.LEASE
"""Seconds that a request on its way to the vendor may take before its outcome is called unknown."""

_here = SQLModel.metadata.tables[Message.__tablename__].c
_messages = SQLModel.metadata.tables[Message.__tablename__]
_sendings = SQLModel.metadata.tables[Sending.__tablename__]
_leaving = _here.state.in_(sorted(state.value for state in LEAVING))


class Left(NamedTuple):
    """A message of which our own side is not done: who has it, and until when."""

    id: int
    state: str
    sent_by: str
    sent_until: float
    created_at: datetime


def by_id(session: Session, number: int) -> Message | None:
    """Find a message by its number; in a unit of work nobody else changes it until its end."""
    return session.get(Message, number, with_for_update=True)


def by_press(session: Session, press: str) -> Message | None:
    """Find the message that a press has sent."""
    return session.exec(rows(Message).where(Message.press == press)).one_or_none()


def by_transid(session: Session, source_id: int, transid: str) -> Message | None:
    """Find the newest message of a source that the vendor knows by an id."""
    query = rows(Message).where(Message.transid == transid, Message.source_id == source_id)
    return session.exec(query.order_by(col(Message.id).desc()).limit(1)).first()


def by_correlations(session: Session, source_id: int, ids: Collection[str]) -> dict[str, Message]:
    """Find the newest message of a source under each of these correlation ids, where there is one."""
    found: dict[str, Message] = {}
    for stretch in chunks(ids):
        query = rows(Message).where(col(Message.correlation_id).in_(stretch), Message.source_id == source_id)
        found |= {each.correlation_id: each for each in session.exec(query.order_by(col(Message.id)))}
    return found


def attempts(session: Session, source_id: int, correlation_id: str) -> list[Message]:
    """Give the messages of a source that went out under a correlation id, the oldest first."""
    query = rows(Message).where(Message.correlation_id == correlation_id, Message.source_id == source_id)
    return list(session.exec(query.order_by(col(Message.id))))


def keep(session: Session, *made: Message | MessageEvent | Sending) -> None:
    """Write new or changed rows in the caller's transaction."""
    session.add_all(made)
    session.flush()


def is_noted(session: Session, message_id: int, inbox_id: int) -> bool:
    """Tell whether a callback is an event of a message already."""
    query = rows(MessageEvent.id).where(MessageEvent.message_id == message_id, MessageEvent.inbox_id == inbox_id)
    return session.exec(query).first() is not None


def until(session: Session, more: float = 0.0) -> float:
    """Give until when a mark set now holds, on the database's own clock, and `more` seconds longer."""
    return leases.clock(session.connection()) + MARK + more


def abandoned(session: Session, state: MessageState) -> list[Left]:
    """Give the messages in a state that nobody sends any more: their time ran out, or their process is dead."""
    query = select(*(_here[name] for name in Left._fields)).where(_leaving, _here.state == state.value)
    found = [Left._make(row) for row in session.connection().execute(query.order_by(_here.id))]
    moment = leases.clock(session.connection()) if found else 0.0
    dead = {owner: leases.is_dead(owner) for owner in {each.sent_by for each in found}}
    return [each for each in found if each.sent_until <= moment or dead[each.sent_by]]


def take_over(session: Session, numbers: Collection[int], seconds: float) -> None:
    """Make this process the one that sends these; whoever had them sends none of them any more."""
    taken = {"sent_by": leases.this_process(), "sent_until": until(session, seconds)}
    for stretch in chunks(numbers):
        query = update(_messages).where(_here.id.in_(stretch), _here.state == MessageState.RESERVED.value)
        session.connection().execute(query.values(taken))


def sources_of(session: Session, numbers: Collection[int]) -> list[tuple[int, int]]:
    """Give (message, source) of these messages, the first one first."""
    found: list[tuple[int, int]] = []
    for stretch in chunks(numbers):
        query = select(_here.id, _here.source_id).where(_here.id.in_(stretch))
        found += [(row.id, row.source_id) for row in session.connection().execute(query)]
    return sorted(found)


def sending(session: Session, number: int) -> Sending | None:
    """Find a send to a list by its number."""
    return session.get(Sending, number, with_for_update=True)


def sending_of_press(session: Session, press: str) -> Sending | None:
    """Find the send to a list that a press has begun."""
    return session.exec(rows(Sending).where(Sending.press == press)).one_or_none()


def reserved_of(session: Session, sending_id: int, *, after: int, most: int) -> list[Message]:
    """Give the next messages of a send to a list that have not left, the first one behind a number first."""
    query = rows(Message).where(Message.sending_id == sending_id, col(Message.id) > after)
    waiting = query.where(Message.state == MessageState.RESERVED.value)
    return list(session.exec(waiting.order_by(col(Message.id)).limit(most)))


def reserved_number(session: Session, sending_id: int) -> int:
    """Count the messages of a send to a list that have not left."""
    waits = _here.sending_id == sending_id, _here.state == MessageState.RESERVED.value
    number: int = session.connection().execute(select(func.count()).where(*waits)).scalar_one()
    return number


def unfinished(session: Session) -> list[int]:
    """Give the sends to lists that are called running though each of their messages is out."""
    running = _sendings.c.state == SendingState.RUNNING.value
    query = select(_sendings.c.id).where(running, ~_waits())
    return [int(number) for number in session.connection().execute(query).scalars()]


def finish(session: Session, number: int, at: datetime) -> None:
    """Call a send to a list done, unless one of its messages is still to leave or somebody stopped it."""
    here = _sendings.c
    query = update(_sendings).where(here.id == number, here.state == SendingState.RUNNING.value, ~_waits())
    session.connection().execute(query.values(state=SendingState.DONE.value, ended_at=at))


def _waits() -> ColumnElement[bool]:
    return exists(select(_here.id).where(_here.sending_id == _sendings.c.id, _leaving))
