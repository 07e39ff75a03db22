"""How a reserved message leaves: its mark, one request, its outcome. Whoever reserved it, this alone sends.

The mark is durable before the request. One that stays (a crash, a time-out, a 5xx) says that nobody knows: it is never
sent again by itself.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

from data import leases, messages, recipients, sources
from data.errors import DatabaseProblem
from data.models import Message, Source
from data.store import Session
from data.types import MessageState
from services import audit, logs
from services.access import SYSTEM, Actor
from services.clients import client_of
from services.desk import Desk
from services.failures import Failure
from services.messaging import codes, delivery, standing, states, stopping, switch, wire
from services.vendors.errors import OutcomeUnknown, RateLimited, Unreachable, VendorError
from services.vendors.imiconnect import Imiconnect
from services.webhooks import callback_url

ANSWERED: Final = "message.answered"
PATIENCE: Final = 60.0
"""Seconds for which an outcome is tried to be written down while the database refuses."""
_PAUSE: Final = 0.25
PATCHBAY: Final = SYSTEM.username
"""Who takes a step of a message that nobody else took."""
UNKNOWN_ADVICE: Final = (
    "Wait for its callback, or look into the conversation on Instagram. It is not sent again by itself; a new attempt"
    " goes out under the same correlation id."
)
AGAIN: Final = "Send it again if it is still wanted."
_MOVED: Final = Failure("changed", "The address of its callbacks changed since it was reserved.", AGAIN)
_NOTHING: Final = "Nothing was sent."
_ADVICE: Final = {
    "unreachable": "Check the source's base URL and the network, then send it again.",
    "rate_limited": "Wait until the vendor allows it, then send it again: it does not leave by itself any more.",
}
_OUTCOMES: Final = {MessageState.ACCEPTED: "done", MessageState.REFUSED: "refused", MessageState.UNKNOWN: "unknown"}
R = TypeVar("R")


class Outcome(NamedTuple):
    """How a message ended that was let leave."""

    state: MessageState
    words: str
    code: str | None = None
    advice: str | None = None
    transid: str | None = None
    error: VendorError | None = None


def leave(desk: Desk, number: int) -> Outcome | None:
    """Let a reserved message leave; None when it is not this process's to send, or can't be marked now."""
    with desk.store.reading() as session:
        message = messages.by_id(session, number)
        source = sources.by_id(session, message.source_id) if message else None
    if message is None or source is None or message.state != MessageState.RESERVED:
        return None
    payload = {**message.payload, "callbackUrl": callback_url(desk, source, message.press)}
    if wire.digest_of(payload) != message.digest:
        return refuse(desk, number, _MOVED)
    try:
        client = _client(desk, source)
    except Failure as failure:
        return refuse(desk, number, failure)
    try:
        return _sent(desk, number, source, client, payload)
    finally:
        client.close()


def refuse(desk: Desk, number: int, failure: Failure) -> Outcome | None:
    """Call a message refused that has not left; None when it is not this process's to refuse."""
    outcome = Outcome(MessageState.REFUSED, f"{failure.message} {_NOTHING}", failure.kind, failure.advice)

    def end(session: Session) -> Outcome | None:
        message = _ours(session, number)
        return None if message is None else ended(session, message, outcome, by=PATCHBAY)

    return persisted(desk, end)


def ended(session: Session, message: Message, outcome: Outcome, *, by: str) -> Outcome:
    """Write down how a message ended, in its story and in the trail."""
    before = message.state
    states.move(
        session,
        message,
        outcome.state,
        by=by,
        words=outcome.words,
        code=outcome.code,
        advice=outcome.advice,
        transid=outcome.transid,
    )
    if message.attempt_of is not None and outcome.code == codes.DUPLICATE:
        delivery.settle_first(session, message)
    if outcome.error is not None:
        standing.refused(session, message.source_id, outcome.error)
    elif outcome.state is MessageState.ACCEPTED:
        standing.accepted(session, message.source_id)
    after = {"state": message.state, "transid": message.transid, "code": outcome.code}
    audit.record(
        session,
        Actor(message.person, None),
        ANSWERED,
        subject_of(message),
        before={"state": before},
        after=after,
        outcome=_OUTCOMES[outcome.state],
        reason=None if outcome.state is MessageState.ACCEPTED else outcome.words,
    )
    return outcome


def subject_of(message: Message) -> str:
    """Name a message as the audit trail does."""
    return f"message {message.id}"


def persisted(desk: Desk, write: Callable[[Session], R]) -> R | None:
    """Write in a transaction of its own; while the database refuses it is tried again, and given up in the end."""
    until, pause = time.monotonic() + PATIENCE, threading.Event()
    while True:
        try:
            with desk.store.writing() as session:
                return write(session)
        except DatabaseProblem as problem:
            if time.monotonic() >= until:
                logs.logger(__name__).error("what became of a message is not written down", problem=problem.message)
                return None
        pause.wait(_PAUSE)


def _client(desk: Desk, source: Source) -> Imiconnect:
    client = client_of(desk, source)
    if not isinstance(client, Imiconnect):
        raise Failure("settings", f"The source {source.name} sends no messages.", "Choose an imiconnect app.")
    return client


def _sent(desk: Desk, number: int, source: Source, client: Imiconnect, payload: dict[str, Any]) -> Outcome | None:
    """Mark, send the one request, write its outcome down."""
    try:
        refused = _marked(desk, number)
    except Lost:
        return None
    except DatabaseProblem as problem:  # it stays reserved, and leaves once its mark can be written
        logs.logger(__name__).warning("a message waits for the database", message=number, problem=problem.message)
        return None
    if refused is not None:
        return refused
    outcome = _asked(client, payload)

    def end(session: Session) -> Outcome | None:
        message = messages.by_id(session, number)
        return None if message is None else ended(session, message, outcome, by=source.name)

    persisted(desk, end)
    return outcome


class Lost(Exception):
    """The message is no longer this process's to send."""


def _marked(desk: Desk, number: int) -> Outcome | None:
    """Mark a message as on its way, in the transaction that ends before it is; gives why it may not leave any more.

    Raises Lost when it is not this process's, and DatabaseProblem when the mark can't be made durable.
    """
    with desk.store.writing() as session:
        message = _ours(session, number)
        if message is None:
            raise Lost
        stopped = stopping.is_stopped(session, message)
        if stopped is not None:
            return Outcome(MessageState.REFUSED, stopping.refuse(session, stopped, message), "stopped")
        failure = _hindrance(session, message)
        if failure is not None:
            refused = Outcome(MessageState.REFUSED, f"{failure.message} {_NOTHING}", failure.kind, failure.advice)
            return ended(session, message, refused, by=PATCHBAY)
        message.sent_until = messages.until(session)
        states.move(session, message, MessageState.POSTING, by=PATCHBAY, words="It is handed to the vendor.")
    return None


def _ours(session: Session, number: int) -> Message | None:
    """Give a message that waits for this process to send it."""
    message = messages.by_id(session, number)
    waits = message is not None and message.state == MessageState.RESERVED
    return message if message and waits and message.sent_by == leases.this_process() else None


def _hindrance(session: Session, message: Message) -> Failure | None:
    """Say what has come between its reservation and now."""
    source, recipient = sources.by_id(session, message.source_id), recipients.by_id(session, message.recipient_id)
    if recipient is None or recipient.removed_at is not None or recipient.igsid != message.to:
        return Failure("recipient", f"{message.recipient} is no test recipient any more.", "Choose another one.")
    return None if source is None else switch.refusal(source)


def _asked(client: Imiconnect, payload: dict[str, Any]) -> Outcome:
    """Send the one request, and say how it ended."""
    try:
        accepted = client.post(payload)
    except OutcomeUnknown as doubt:
        return Outcome(MessageState.UNKNOWN, f"{str(doubt).rstrip('.')}.", doubt.code, UNKNOWN_ADVICE)
    except VendorError as error:
        return _refusal(error)
    return Outcome(MessageState.ACCEPTED, "The vendor took the message.", transid=accepted.transid)


def _refusal(error: VendorError) -> Outcome:
    """Say what a refusal means; without a code of the vendor the error speaks for itself."""
    told = codes.told(error.code, error.reason)
    known = error.code is not None and told.known
    said = f"{(codes.without_advice(error.reason, error.code) if known else str(error)).rstrip('.')}."
    nothing = isinstance(error, Unreachable | RateLimited) and error.status is None
    words = f"{said} {_NOTHING}" if nothing else said
    advice = told.advice if error.code and told.advice else _ADVICE.get(error.kind, error.advice)
    return Outcome(MessageState.REFUSED, words, error.code, advice, error=error)
