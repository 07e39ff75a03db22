"""What an incident is called, and what a message about it says, as text that no receiver takes for more than text."""

import re
from datetime import UTC, datetime, timedelta

from data.notices import Due
from data.types import Cause, Told

NAMES = {
    Cause.FAILING: "Source failing",
    Cause.LOSS: "List lost too much",
    Cause.RECONNECT: "Must be reconnected",
    Cause.ZOMBIE: "Lives on after disconnect",
    Cause.WEBHOOK_SECRET: "Webhook secret missing",
    Cause.WEBHOOK_REFUSED: "Webhooks refused",
    Cause.AUDIT: "Audit chain broken",
    Cause.JWT: "JWT ends",
}
_LONGEST_SUBJECT, _LONGEST_LINE = 150, 1_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_JOINER = "\u2060"
_ALIVE = re.compile(r"@|://|\](?=\()|www(?=\.)", re.IGNORECASE)


def name(cause: str) -> str:
    """Give a cause's name; one that is new is shown as it is."""
    return NAMES[Cause(cause)] if cause in set(Cause) else cause


def line(text: str | None, longest: int = _LONGEST_LINE) -> str:
    """Make one line of a text, not too long: no line breaks, no control signs, none that turn its direction."""
    clean = " ".join(_CONTROL.sub(" ", text or "").split())
    return clean if len(clean) <= longest else clean[: longest - 1].rstrip() + "…"


def inert(text: str) -> str:
    """Take the life out of a text for a chat room: no mention, no link, no markup of its own."""
    calm = text.replace("<", "‹").replace(">", "›").replace("`", "'")  # noqa: RUF001 (look like what they stand for)
    return _ALIVE.sub(lambda found: f"{found.group()[0]}{_JOINER}{found.group()[1:]}", calm)


def subject(due: Due) -> str:
    """Give the subject of a message: what broke or recovered, and where."""
    state = "Broken" if due.what == Told.BEGAN else "Recovered"
    return line(f"Patchbay: {state}: {name(due.cause)}{_where(due)}", _LONGEST_SUBJECT)


def _where(due: Due) -> str:
    parts = [part for part in (line(due.account, 60), due.source) if part]
    return f" · {' · '.join(parts)}" if parts else ""


def lines(due: Due) -> list[str]:
    """Give what a message says, line by line, without the link."""
    told = [line(due.message)]
    if due.source:
        told.append(f"Source: {due.source}")
    if due.connection_id:
        told.append(f"Account: {line(due.account) or '(no name given)'}")
    told.append(f"Began: {instant(due.began_at)}")
    if due.what == Told.BEGAN:
        return [*told, f"What to do: {line(due.advice)}"] if due.advice else told
    return [*told, *_ending(due)]


def _ending(due: Due) -> list[str]:
    if due.ended_at is None:
        return []
    lasted = span(due.ended_at - due.began_at)
    told = [f"Recovered: {instant(due.ended_at)}, after {lasted}. {line(due.ended_why)}".rstrip()]
    return [*told, "It had recovered before its beginning could be told."] if due.first else told


def instant(at: datetime) -> str:
    """Give an instant to the minute in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """Give a length of time in words: days and hours, hours and minutes, or minutes."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min" if minutes else "less than a minute"
