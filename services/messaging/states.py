"""The machine of DESIGN.md section 6: the one place where a message changes its state, and where its story is written.

States only move forward; what comes too late, twice or out of order is kept as an event that moved nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from data import messages
from data.models import Message, MessageEvent
from data.store import Session, now
from data.types import MessageState

_RANK: Final = {
    MessageState.RESERVED: 0,
    MessageState.POSTING: 1,
    MessageState.UNKNOWN: 2,
    MessageState.ACCEPTED: 3,
    MessageState.REFUSED: 3,
    MessageState.SUBMITTED: 4,
    MessageState.DELIVERED: 5,
    MessageState.READ: 6,
}
FINAL: Final = frozenset({MessageState.READ, MessageState.FAILED})
"""The states that nothing moves any more."""
EXPLAINED: Final = frozenset({MessageState.REFUSED, MessageState.UNKNOWN, MessageState.FAILED})
"""The states that carry a reason."""
_ANSWERS: Final = frozenset({MessageState.ACCEPTED, MessageState.REFUSED})
_INSTANTS: Final = {
    MessageState.POSTING: "posting_at",
    MessageState.ACCEPTED: "answered_at",
    MessageState.REFUSED: "answered_at",
    MessageState.SUBMITTED: "submitted_at",
    MessageState.DELIVERED: "delivered_at",
    MessageState.READ: "read_at",
    MessageState.FAILED: "failed_at",
}


def moves(before: MessageState, to: MessageState) -> bool:
    """Tell whether a step leads forward."""
    if before in FINAL:
        return False
    return to is MessageState.FAILED or _RANK[to] > _RANK[before]


def reserve(session: Session, made: Sequence[Message], *, by: str, words: str) -> None:
    """Write new messages with the first step of their story."""
    messages.keep(session, *made)
    steps = [_event(message, MessageState.RESERVED, by, words, message.created_at) for message in made]
    messages.keep(session, *steps)


def move(
    session: Session,
    message: Message,
    to: MessageState,
    *,
    by: str,
    words: str,
    code: str | None = None,
    advice: str | None = None,
    transid: str | None = None,
    at: datetime | None = None,
    told_at: datetime | None = None,
    raw: str | None = None,
    inbox_id: int | None = None,
) -> bool:
    """Take a step, and tell whether it moved; `words` are the reason where the state needs one.

    A step is written down whether it moves or not, but a callback (`inbox_id`) once alone. What it tells of the
    vendor's id, or that something was heard, holds either way.
    """
    if inbox_id is not None and messages.is_noted(session, message.id or 0, inbox_id):
        return False
    step = _event(message, to, by, words, at or now(), code=code)
    _take(message, step, advice)
    message.transid = message.transid or transid
    if inbox_id is not None:
        message.heard_at = step.at
    step.told_at, step.raw, step.inbox_id = told_at, raw, inbox_id
    messages.keep(session, message, step)
    return step.moved


def move_all(
    session: Session, moved: Sequence[Message], to: MessageState, *, by: str, words: str, code: str | None = None
) -> None:
    """Take the same step with many messages at once."""
    at = now()
    steps = [_event(message, to, by, words, at, code=code) for message in moved]
    for message, step in zip(moved, steps, strict=True):
        _take(message, step)
    messages.keep(session, *moved, *steps)


def _take(message: Message, step: MessageEvent, advice: str | None = None) -> None:
    """Change a message as a step says, if it leads forward."""
    before, to = MessageState(message.state), MessageState(step.after)
    step.before, step.moved = before.value, moves(before, to)
    if step.moved or (to in _ANSWERS and message.answered_at is None):
        setattr(message, _INSTANTS.get(to, "changed_at"), step.at)
    if step.moved:
        message.state, message.changed_at, message.code = to.value, step.at, step.code
        message.reason, message.advice = (step.words, advice) if to in EXPLAINED else (None, None)


def _event(
    message: Message, after: MessageState, by: str, words: str, at: datetime, *, code: str | None = None
) -> MessageEvent:
    return MessageEvent(message_id=message.id or 0, at=at, by=by, after=after.value, words=words, code=code)
