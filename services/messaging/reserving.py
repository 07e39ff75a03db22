"""What is asked of a message before it is reserved, and the row that it is reserved by; nothing is sent on a no."""

from collections.abc import Sequence
from typing import Any

from data import drafts, leases, messages, recipients
from data.models import Message, Recipient, Source
from data.store import Session, now
from data.types import MessageState
from services import replay
from services.access import Actor
from services.failures import Failure, Misuse
from services.messaging import switch, wire
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


def refuse_used_press(session: Session, press: str) -> None:
    """Refuse a press that has sent a message, or a list of them, already. Raises Failure."""
    one, many = messages.by_press(session, press), messages.sending_of_press(session, press)
    if one is not None or many is not None:
        what = f"message {one.id}" if one else "a list of messages"
        raise Failure(
            "sent_already", f"This press has sent {what} already. Nothing more was sent.", "Load the page again."
        )


def refuse_source(source: Source | None) -> None:
    """Refuse a source that sends nothing now. Raises Failure."""
    failure = switch.refusal(source) if source else Failure("off", "The source is gone.", "Choose another one.")
    if failure is not None:
        raise Failure(failure.kind, f"{failure.message} {NOTHING}", failure.advice)


def rows_of(session: Session, by: Actor, all_prepared: Sequence[Prepared], *, wait: float = 0.0) -> list[Message]:
    """Give the new rows of messages of one source, which are this process's to send.

    Raises Failure when a recipient is gone, and for a correlation id under which another message went out.
    """
    until = messages.until(session, wait)
    people = recipients.by_ids(session, [prepared.recipient_id for prepared in all_prepared])
    rows = [_row(by, prepared, people.get(prepared.recipient_id), until) for prepared in all_prepared]
    _refuse_used_ids(session, rows)
    return rows


def _row(by: Actor, prepared: Prepared, recipient: Recipient | None, until: float) -> Message:
    order, at = prepared.order, now()
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
        sent_until=until,
        created_at=at,
        changed_at=at,
    )


def _refuse_used_ids(session: Session, rows: Sequence[Message]) -> None:
    known = messages.by_correlations(session, rows[0].source_id, [row.correlation_id for row in rows])
    for row in rows:
        earlier = known.get(row.correlation_id)
        if earlier is not None and earlier.payload != row.payload:
            words = f"Another message ({earlier.id}) went out under the correlation id {row.correlation_id[:80]}."
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


def _texts(value: Any) -> list[str]:
    """Give every text of a message, so that it is found by any of them."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
