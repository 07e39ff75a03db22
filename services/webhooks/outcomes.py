"""What became of events that were worked off, written down for all of them in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from data import inbox
from data.inbox import Refusal, Waiting
from data.store import now
from data.types import InboxState
from services.desk import Desk
from services.webhooks.believing import Reason

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200, 21_600))
"""How long an event waits after each try that failed; after one more it has failed for good."""
LATER = timedelta(seconds=2)
UNKNOWN_KEPT = timedelta(hours=24)
"""How long an event about something that is not known here is kept."""
_LONGEST_PAUSE = timedelta(minutes=10)


class Became(Enum):
    """What became of an event this time."""

    DONE = auto()
    IGNORED = auto()
    FAILING = auto()
    UNKNOWN = auto()
    """What it is about is not known here: perhaps not yet."""
    LATER = auto()
    """Its turn comes, through no fault of anybody's."""


class Outcomes:
    """Gathers what became of events."""

    def __init__(self) -> None:
        self._found: dict[tuple[Became, str], list[Waiting]] = {}

    def note(self, became: Became, reason: str, *rows: Waiting) -> None:
        """Note what became of some events, and why."""
        self._found.setdefault((became, reason), []).extend(rows)

    def write_down(self, desk: Desk) -> None:
        """Write it down. Raises DatabaseProblem; then nothing is, and all of it is done again."""
        at = now()
        with desk.store.bulk() as link:
            for (became, reason), rows in self._found.items():
                _WRITTEN[became](link, rows, at, reason)


def _done(link: Any, rows: Sequence[Waiting], at: datetime, reason: str) -> None:
    inbox.settle(link, _ids(rows), at, state=InboxState.DONE, reason=reason)


def _ignored(link: Any, rows: Sequence[Waiting], at: datetime, reason: str) -> None:
    inbox.settle(link, _ids(rows), at, state=InboxState.IGNORED, reason=reason)


def _failing(link: Any, rows: Sequence[Waiting], at: datetime, reason: str) -> None:
    for tries, pause in enumerate(PAUSES):
        inbox.postpone(link, _ids(rows, tries), at + pause, reason=reason, tried=True)
    over = [row for row in rows if row.tries >= len(PAUSES)]
    inbox.settle(link, _ids(over), at, state=InboxState.FAILED, reason=reason)


def _unknown(link: Any, rows: Sequence[Waiting], at: datetime, reason: str) -> None:
    for row in rows:
        waited = at - row.received_at
        if waited < UNKNOWN_KEPT:
            pause = min(max(waited / 2, LATER), _LONGEST_PAUSE)
            inbox.postpone(link, [row.id], at + pause, reason=reason, tried=False)
            continue
        inbox.settle(link, [row.id], at, state=InboxState.IGNORED, reason=reason)
        inbox.empty(link, [row.id])
        counted = Refusal(row.vendor, row.source, Reason.UNKNOWN_MESSAGE.value, at.date())
        inbox.count(link, counted, 1, first_at=at, last_at=at)


def _later(link: Any, rows: Sequence[Waiting], at: datetime, reason: str) -> None:
    inbox.postpone(link, _ids(rows), at + LATER, reason=reason, tried=False)


def _ids(rows: Sequence[Waiting], tries: int | None = None) -> list[int]:
    return [row.id for row in rows if tries is None or row.tries == tries]


_WRITTEN = {
    Became.DONE: _done,
    Became.IGNORED: _ignored,
    Became.FAILING: _failing,
    Became.UNKNOWN: _unknown,
    Became.LATER: _later,
}
