"""Sends one message: reserved under the one-time id of its press, then one request, then its outcome.

A second press with the same id, in another tab or after a reload, finds the message that is there and sends nothing.
"""

import threading
from typing import Any, NamedTuple

from data import messages, sources
from data.models import Message
from data.types import LEAVING
from services import audit, jobs
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.messaging import leaving, reserving, states, wire
from services.messaging.wire import Order


class Again(NamedTuple):
    """A deliberate new attempt: what would be sent, and the digest that its button is bound to."""

    order: Order
    digest: str


@requires(Permission.SEND_TESTS, "message.send", "{}")
def send(desk: Desk, actor: Actor, order: Order, digest: str) -> Message:
    """Send a message as it was shown (`digest`), and give it as it stands then.

    Raises Failure when it may not leave (nothing was sent), Misuse for an unknown source or recipient.
    """
    message, is_new = _reserved(desk, actor, order, digest)
    if is_new:
        leaving.leave(desk, message.id or 0)
    return now_of(desk, message)


@requires(Permission.SEND_TESTS, "message.begin_send", "{}")
def begin(desk: Desk, actor: Actor, order: Order, digest: str) -> Message:
    """Reserve a message as `send` does, and let it leave beside the pages; gives it as it was reserved."""
    message, is_new = _reserved(desk, actor, order, digest)
    if is_new:
        jobs.beside(lambda: leaving.leave(desk, message.id or 0), "a message", threading.Event())
    return message


@requires(Permission.SEND_TESTS, "message.prepare_again", "message {}")
def again(desk: Desk, _actor: Actor, message_id: int, press: str) -> Again:
    """Give the deliberate new attempt of a message: the same body under the same correlation id, as a new press.

    Raises Failure while the message is on its way, Misuse for an unknown one.
    """
    with desk.store.reading() as session:
        message = messages.by_id(session, message_id)
        source = sources.by_id(session, message.source_id) if message else None
    if message is None or source is None:
        raise Misuse(f"There is no message {message_id}.", "`messages` lists them.")
    if message.state in {state.value for state in LEAVING}:
        raise Failure("busy", f"Message {message_id} is on its way.", "Wait for its outcome.")
    body = {name: value for name, value in message.payload.items() if name not in {"from", "to"}}
    order = Order(
        body,
        source.name,
        message.recipient,
        press,
        correlation_id=message.correlation_id,
        attempt_of=message.id,
    )
    return Again(order, wire.prepare(desk, order).digest)


def now_of(desk: Desk, message: Message) -> Message:
    """Give a message as it stands now."""
    with desk.store.reading() as session:
        return messages.by_id(session, message.id or 0) or message


def _reserved(desk: Desk, actor: Actor, order: Order, digest: str) -> tuple[Message, bool]:
    """Reserve a message, or give the one that the same press has reserved; tells whether it is new."""
    with desk.store.reading() as session:
        found = messages.by_press(session, order.press)
    if found is not None:
        return _same(found, digest), False
    prepared = wire.prepare(desk, order)
    reserving.refuse_unsendable(prepared, digest)
    with desk.store.writing() as session:
        found = messages.by_press(session, order.press)
        if found is not None:
            return _same(found, digest), False
        reserving.refuse_used_press(session, order.press)
        reserving.refuse_source(sources.by_id(session, prepared.source_id))
        reserving.refuse_changed_draft(session, order)
        (message,) = reserving.rows_of(session, actor, [prepared])
        states.reserve(session, [message], by=actor.username, words=reserving.RESERVED)
        audit.record(
            session,
            actor,
            "message.send",
            leaving.subject_of(message),
            after=_told(order, message),
            outcome="begun",
        )
    return message, True


def _told(order: Order, message: Message) -> dict[str, Any]:
    """Give what the trail says of a message: never its text."""
    attempt = {"attempt_of": order.attempt_of} if order.attempt_of else {}
    names = ("recipient", "family", "digest")
    return {"source": order.source, **{name: getattr(message, name) for name in names}, **attempt}


def _same(found: Message, digest: str) -> Message:
    """Give the message of a press, if that press meant this one. Raises Failure."""
    if found.digest == digest:
        return found
    words = f"This press has sent message {found.id} already, which was another one. Nothing more was sent."
    raise Failure("sent_already", words, f"Look at message {found.id}; compose the next one afresh.")
