"""Sends one message: reserved under the one-time id of its press, then one request, then its outcome.

A second press with the same id, in another tab or after a reload, finds the message that is there and sends nothing.
"""

import threading
from typing import Any, NamedTuple

from data import drafts, leases, messages, recipients, sources
from data.models import Message, Source
from data.store import Session, now
from data.types import LEAVING, MessageState
from services import audit, jobs, replay
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.messaging import leaving, states, switch, wire
from services.messaging.wire import Order, Prepared, Problem
from services.observations import folded

NOTHING = "Nothing was sent."
RESERVED = "It is reserved."


class Invalid(Misuse):
    """The message breaks limits: `problems` names each with its field, its limit and whose limit it is."""

    def __init__(self, problems: tuple[Problem, ...], *, of: str = "") -> None:
        first, whose = problems[0], f"To {of}: " if of else ""
        more = f" Problems in all: {len(problems)}." if len(problems) > 1 else ""
        message = f"{whose}{first.field}: {first.message} ({first.limit}; {first.source}).{more} {NOTHING}"
        super().__init__(message, "Correct the fields that are named.")
        self.problems = problems


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


def refuse_unsendable(prepared: Prepared, digest: str) -> None:
    """Refuse what is not as it was shown, or breaks a limit. Raises Failure."""
    refuse_in_replay()
    if prepared.problems:
        raise Invalid(prepared.problems)
    if prepared.digest != digest:
        raise changed()


def refuse_in_replay() -> None:
    """Refuse to send while the demo is being filled with its past. Raises Failure."""
    if replay.progress() is not None:
        raise Failure("busy", f"The demo is being filled. {NOTHING}", "Wait until its 90 days are there.")


def changed() -> Failure:
    """Say that what would leave is not what was shown."""
    message = f"The message changed since it was shown. {NOTHING}"
    return Failure("changed", message, "Look at it as it is now, then send it.")


def refuse_source(source: Source | None) -> None:
    """Refuse a source that sends nothing now. Raises Failure."""
    failure = switch.refusal(source) if source else Failure("off", "The source is gone.", "Choose another one.")
    if failure is not None:
        raise Failure(failure.kind, f"{failure.message} {NOTHING}", failure.advice)


def row_of(session: Session, by: Actor, prepared: Prepared, *, wait: float = 0.0) -> Message:
    """Give the new row of a message, which is this process's to send. Raises Failure when its recipient is gone."""
    order, at = prepared.order, now()
    recipient = recipients.by_id(session, prepared.recipient_id)
    if recipient is None or recipient.removed_at is not None or recipient.igsid != prepared.to:
        words = f"{order.recipient} was removed or changed meanwhile. {NOTHING}"
        raise Failure("recipient", words, "Choose another recipient, or ask an admin.")
    payload = {name: value for name, value in prepared.payload.items() if name != "callbackUrl"}
    return Message(
        press=order.press,
        source_id=prepared.source_id,
        recipient_id=prepared.recipient_id,
        recipient=recipient.name,
        to=prepared.to,
        family=prepared.family,
        payload=payload,
        digest=prepared.digest,
        correlation_id=payload["correlationId"],
        search_text=folded("\n".join([recipient.name, order.press, *_texts(payload)])),
        person=by.username,
        draft_id=order.draft_id,
        attempt_of=order.attempt_of,
        state=MessageState.RESERVED.value,
        sent_by=leases.this_process(),
        sent_until=messages.until(session, wait),
        created_at=at,
        changed_at=at,
    )


def refuse_used_id(session: Session, message: Message) -> None:
    """Refuse a correlation id under which another message went out. Raises Failure."""
    earlier = messages.by_correlation(session, message.source_id, message.correlation_id)
    if earlier is not None and earlier.payload != message.payload:
        words = f"Another message ({earlier.id}) went out under the correlation id {message.correlation_id[:80]}."
        raise Failure("correlation_used", f"{words} {NOTHING}", "Leave the id out, then a fresh one is made.")


def refuse_changed_draft(session: Session, order: Order) -> None:
    """Refuse what is not its draft any more: somebody else edited, discarded or sent it meanwhile. Raises Failure."""
    if order.draft_id is None:
        return
    draft = drafts.by_id(session, order.draft_id)
    if draft is None or draft.removed_at is not None:
        raise Failure("gone", f"The draft was discarded meanwhile. {NOTHING}", "Keep the text as a new draft.")
    if wire.own(draft.body) != wire.own(order.body):
        words = f"{draft.saved_by} changed the draft meanwhile. {NOTHING}"
        raise Failure("changed", words, "Look at it as it is now, then send it.")
    if draft.press != order.press:
        raise Failure("changed", f"The draft was made ready for another send. {NOTHING}", "Load the page again.")


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
    refuse_unsendable(prepared, digest)
    with desk.store.writing() as session:
        found = messages.by_press(session, order.press)
        if found is not None:
            return _same(found, digest), False
        refuse_source(sources.by_id(session, prepared.source_id))
        refuse_changed_draft(session, order)
        message = row_of(session, actor, prepared)
        refuse_used_id(session, message)
        states.reserve(session, [message], by=actor.username, words=RESERVED)
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


def _texts(value: Any) -> list[str]:
    """Give every text of a message, so that it is found by any of them."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
