"""Words, colours and numbers as every page shows them (one colour per status, everywhere the same)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from services import listing_address

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]
DASH = "–"  # noqa: RUF001 (the sign for a missing value)
PLAIN = "#00000000"
"""A table badge without a tint."""


@dataclass(frozen=True)
class Look:
    """How a word is shown: its badge (None: no tint), its icon, and its mark in charts."""

    word: str
    colour: Colour | None
    icon: str
    mark: str = "#7D8594"

    @property
    def badge(self) -> str:
        """Give the badge as Markdown."""
        if self.colour is None:
            return f":small[:gray[:material/{self.icon}: {self.word}]]"
        return f":{self.colour}-badge[:material/{self.icon}: {self.word}]"

    @property
    def tint(self) -> str:
        """Give the colour of the badge in a table."""
        return self.colour or ("#7D859422" if self.word == "Unknown" else PLAIN)


NO_ANSWER = frozenset({"unreachable", "timeout", "vendor_down"})
"""The kinds of problems after which a vendor said neither yes nor no."""
UNANSWERED = Look("No answer", "orange", "cloud_off")
_UNKNOWN = Look("Unknown", None, "help")
STATUSES = {
    "accepted": Look("Accepted", "green", "check_circle", "#2E9968"),
    "pending": Look("Pending", "orange", "schedule", "#C0861A"),
    "rejected": Look("Rejected", "red", "cancel", "#D9484C"),
    "suspended": Look("Suspended", "violet", "pause_circle", "#8B62D6"),
    "disconnected": Look("Disconnected", "gray", "link_off", "#7D8594"),
    "unknown": _UNKNOWN,
}
HEALTHS = {
    "broken": Look("Broken", "red", "heart_broken"),
    "degraded": Look("Degraded", "yellow", "cloud_alert"),
    "expiring": Look("Expiring", "orange", "hourglass_bottom"),
    "healthy": Look("Healthy", None, "favorite"),
    "unknown": _UNKNOWN,
    "vanished": Look("Vanished", "gray", "visibility_off"),
}
SOURCE_STATES = {
    "refusing": Look("Refusing", "red", "error"),
    "failing": Look("Failing", "red", "cloud_off"),
    "held back": Look("Held back", "orange", "front_hand"),
    "partial": Look("Partial", "yellow", "incomplete_circle"),
    "stale": Look("Stale", "yellow", "history"),
    "never": Look("Never synced", "gray", "hourglass_empty"),
    "off": Look("Off", "gray", "power_settings_new"),
    "nothing": Look("Nothing to list", "gray", "check"),
    "good": Look("Good", "green", "check"),
}
RUN_STATES = {
    "running": Look("Running", "blue", "sync"),
    "ok": Look("Good", "green", "check"),
    "partial": Look("Partial", "orange", "incomplete_circle"),
    "failed": Look("Failed", "red", "error"),
    "skipped": Look("Skipped", "gray", "skip_next"),
}
PLATFORMS = {
    "instagram": ("#D2459B", "#C2338B"),
    "facebook": ("#4C6EF0", "#3A57D6"),
    "twitter": ("#5C7C99", "#566074"),
    "youtube": ("#C7653A", "#B5562B"),
    "tiktok": ("#14988F", "#0C7A74"),
    "linkedin": ("#1B8FC0", "#0B76A4"),
    "pinterest": ("#A8527A", "#8F3F5E"),
}
"""Chart mark and avatar tile of a platform."""
OTHER_MARK, OTHER_TILE = "#7D8594", "#5E6675"
VENDORS = {
    "highlevel": "HighLevel",
    "gipper": "Gipper",
    "late": "Late",
    "zocial": "Zocial",
    "imiconnect": "imiconnect",
}


def status(word: str) -> Look:
    """Give the look of a status; one that is new looks like unknown."""
    return STATUSES.get(word, _UNKNOWN)


def health(word: str) -> Look:
    """Give the look of a health; one that is new looks like unknown."""
    return HEALTHS.get(word, _UNKNOWN)


def platform(word: str) -> str:
    """Give a platform's name as people write it."""
    return listing_address.platform(word)


def mark(word: str) -> str:
    """Give a platform's colour in charts."""
    return PLATFORMS[word][0] if word in PLATFORMS else OTHER_MARK


def vendor(word: str) -> str:
    """Give a vendor's name as it writes itself."""
    return VENDORS.get(word, word)


def now() -> datetime:
    """Give this instant in UTC."""
    return datetime.now(UTC)


def span(length: timedelta) -> str:
    """Give a length of time in its largest unit: "3 h", "2 d"."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:  # noqa: PLR2004 (minutes of an hour)
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"  # noqa: PLR2004 (two days in hours still read well)


def first_day(day: date) -> str:
    """Say why a change shows nothing after one day."""
    return f"A change needs figures of two days. The first are of {day.day} {day:%B}; the lines begin a day later."


def ago(instant: datetime | None, *, at: datetime | None = None) -> str:
    """Tell how long ago an instant was, or that it never was."""
    if instant is None:
        return "never"
    length = (at or now()) - instant
    return "just now" if length < timedelta(minutes=1) else f"{span(length)} ago"


def exact(instant: datetime | None) -> str:
    """Give an instant to the second in UTC, for hovering."""
    return "never" if instant is None else f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock(instant: datetime, *, at: datetime | None = None) -> str:
    """Give an instant as a short time: the hour today, the weekday within a week, else the date."""
    length = (at or now()) - instant
    if instant.date() == (at or now()).date():
        return f"{instant:%H:%M}"
    return f"{instant:%a %H:%M}" if length < timedelta(days=6) else f"{instant:%d %b}"


def plural(number: int, word: str) -> str:
    """Give a number with its word: "1 source", "1,204 connections"."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def at_least(number: int, *, more: bool) -> str:
    """Give a number, or that there are more where counting stopped: "2,000 or more"."""
    return f"{number:,} or more" if more else f"{number:,}"
