"""Dates that people give: a day, or an instant with its zone; in UTC, and never in the future (DESIGN.md section 5)."""

import re
from datetime import UTC, date, datetime, time

from services.failures import Misuse

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ADVICE = "Give a day like 2026-10-03, or an instant with its zone like 2026-10-03T14:00Z; neither in the future."
_LONGEST = 60
_FIRST = date(1970, 1, 1)
"""Nothing was known of any day before; further back, the 30 days before a day would leave the calendar."""


class NoDate(Misuse):
    """A text that is no date of the past; `reason` says why, to stand after the text."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text[:_LONGEST]!r} {reason}.", _ADVICE)
        self.reason = reason


def day(text: str, *, now: datetime) -> date:
    """Read a day of which something can be known: 1970 at the earliest, today at the latest. Raises NoDate."""
    return _known(text, _day(text, now))


def _day(text: str, now: datetime) -> date:
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise NoDate(text, "is no date")
    if found > now.astimezone(UTC).date():
        raise NoDate(text, "is in the future")
    return found


def _known(text: str, found: date) -> date:
    if found < _FIRST:
        raise NoDate(text, "is too long ago")
    return found


def end(text: str, *, now: datetime) -> datetime:
    """Read a date as an instant: a day means its end, today means now; 1970 at the earliest. Raises NoDate."""
    if _DAY.fullmatch(text):
        return min(end_of(day(text, now=now)), now)
    found = _instant(text, now)
    _known(text, found.date())
    return found


def start(text: str, *, now: datetime) -> datetime:
    """Read a date as an instant: a day means its beginning, however long ago. Raises NoDate."""
    if _DAY.fullmatch(text):
        return datetime.combine(_day(text, now), time.min, UTC)
    return _instant(text, now)


def end_of(found: date) -> datetime:
    """Give the last instant of a day in UTC."""
    return datetime.combine(found, time.max, UTC)


def _instant(text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise NoDate(text, "has no time zone")
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoDate(text, "is no date") from None
    if found > now:
        raise NoDate(text, "is in the future")
    return found
