"""How messages look everywhere: their state, their kind, and what they say in a few words."""

from collections.abc import Mapping
from typing import Any

from data.queries.messages import MessageRow
from data.types import Family, MessageState
from pages.ui import formats
from pages.ui.formats import Look
from services.messages_address import KINDS
from services.messaging import silence

STATES = {
    MessageState.RESERVED: Look("Reserved", "blue", "schedule_send"),
    MessageState.POSTING: Look("Posting", "blue", "outgoing_mail"),
    MessageState.ACCEPTED: Look("Accepted", None, "check"),
    MessageState.SUBMITTED: Look("Submitted", None, "forward_to_inbox"),
    MessageState.DELIVERED: Look("Delivered", None, "done_all"),
    MessageState.READ: Look("Read", None, "visibility"),
    MessageState.UNKNOWN: Look("Unknown", None, "help"),
    MessageState.REFUSED: Look("Refused", "red", "block"),
    MessageState.FAILED: Look("Failed", "red", "sms_failed"),
}
"""Only what goes on now, or needs a person, has a colour."""
_NEW = Look("Unknown state", None, "help")
_KINDS = {family.value: word for word, family in KINDS.items()}


def state(word: str) -> Look:
    """Give the look of a message's state; one that is new is shown as such."""
    return STATES[MessageState(word)] if word in set(MessageState) else _NEW


def family(word: str) -> str:
    """Give what people call a family."""
    return _KINDS.get(word, word)


def summary(payload: Mapping[str, Any]) -> str:
    """Say what a message says: its text, its first card, or what stands for it."""
    cards = payload.get("template")
    if isinstance(cards, list) and cards and isinstance(cards[0], Mapping):
        more = f" and {len(cards) - 1} more" if len(cards) > 1 else ""
        return f"{cards[0].get('title') or '(no title)'}{more}"
    if payload.get("contentType") == Family.STICKER:
        return "A heart"
    return str(payload.get("content") or payload.get("url") or "")


def quiet(row: MessageRow) -> str | None:
    """Say that nothing was heard of a message for too long; None while that is not so."""
    return silence.words(row.state, row.last_word, formats.now())
