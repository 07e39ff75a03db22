"""How often the composer looks again at what it sent: as often as something may change, and no more at the end."""

from collections.abc import Collection
from datetime import datetime, timedelta

from data.types import LEAVING, MessageState
from pages.ui import formats

LEAVES, SOON, SELDOM = 1.0, 2.0, 60.0
"""Seconds between two looks: while it leaves here, while its vendor is about to tell, and after a silence."""
_LATELY = timedelta(minutes=2)
_ENDED = frozenset({MessageState.READ, MessageState.FAILED, MessageState.REFUSED})


def of(states: Collection[str], since: datetime) -> float | None:
    """Give the seconds until the next look at messages of which the last word is from then; None when all ended."""
    if not set(states) - _ENDED:
        return None
    if set(states) & LEAVING:
        return LEAVES
    return SOON if formats.now() - since < _LATELY else SELDOM
