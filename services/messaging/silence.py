"""“Nothing heard for N minutes”: said of a message beside its state, and no state of its own."""

from datetime import datetime, timedelta
from typing import Final

from data.silence import AFTER, AWAITED
from data.types import MessageState

_HOURS: Final = timedelta(hours=2)
_DAYS: Final = timedelta(days=2)


def words(state: str, heard: datetime, at: datetime) -> str | None:
    """Say that nothing was heard of a message for too long; None while that is not so.

    `heard` is the last word of it: `data.silence.since` of its row.
    """
    silent = at - heard
    if state not in {each.value for each in AWAITED} or silent < AFTER:
        return None
    return f"Nothing heard for {_length(silent)}"


def advice(state: str) -> str:
    """Say what to do about the silence."""
    if state == MessageState.UNKNOWN:
        return "Nobody knows whether it was taken. Look into the conversation on Instagram, or send a new attempt."
    return "The vendor took it and has told nothing since. Look into the conversation on Instagram."


def _length(silent: timedelta) -> str:
    if silent < _HOURS:
        return f"{silent // timedelta(minutes=1)} minutes"
    return f"{silent // timedelta(hours=1)} hours" if silent < _DAYS else f"{silent.days} days"
