"""Messages of which nothing was heard: no state of theirs, only how long ago somebody last told of them."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func

from data.types import MessageState

AFTER: Final = timedelta(minutes=10)
"""So long after the last word of the vendor it is said that nothing was heard."""
AWAITED: Final = frozenset({MessageState.ACCEPTED, MessageState.SUBMITTED, MessageState.UNKNOWN})
"""The states in which the vendor still owes a word."""


def since(here: Any) -> ColumnElement[Any]:
    """Give the instant from which on nothing was heard, from the columns of messages."""
    return func.coalesce(here.heard_at, here.answered_at, here.posting_at, here.created_at)


def is_silent(here: Any, at: datetime) -> ColumnElement[bool]:
    """Ask for the messages of which nothing was heard for too long at an instant, from the columns of messages."""
    awaited = here.state.in_([state.value for state in AWAITED])
    silent: ColumnElement[bool] = awaited & (since(here) <= at - AFTER)
    return silent
