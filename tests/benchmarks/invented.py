"""Invented connections: each follows from its number alone, so that every run has the same ones."""

from datetime import datetime, timedelta
from typing import Any

SOURCES = (
    ("zocial", "zocial"),
    ("late", "late"),
    ("highlevel", "highlevel"),
    ("gipper", "gipper"),
    ("second", "zocial"),
)
COLUMNS = (
    *("id", "source_id", "kind", "platform", "vendor_id", "external_id", "handle", "name", "url", "status"),
    *("vendor_status", "verified", "health", "health_reason", "health_since", "followers", "engagement_rate"),
    *("category", "connected_at", "fingerprint", "sort_name", "search_text", "handle_key", "platform_id", "account"),
    *("account_by", "suspect", "followers_since", "first_seen_at", "last_seen_at", "vanished_at"),
)
PLATFORMS = ("instagram", "facebook", "twitter", "youtube", "tiktok", "linkedin", "pinterest")
STATUSES = ("accepted", "accepted", "accepted", "accepted", "pending", "rejected", "suspended", "disconnected")
HEALTHS = ("healthy", "healthy", "healthy", "healthy", "unknown", "expiring", "degraded", "broken", "healthy")
KINDS = ("network", "network", "network", "network", "page", "wall", "channel")
CATEGORIES = ("retail", "travel", "food", "sport", "music", "games", "health", "news", None)
SUSPECTS = ("followers_doubled", "followers_frozen", "engagement_doubled")
SYLLABLES = ("ka", "ro", "mi", "sun", "tel", "va", "nor", "pe", "lu", "dra", "fi", "os", "zen", "qui", "bay", "ham")
REASONS = {"broken": "The vendor says that access has ended.", "degraded": "The vendor did not answer."}
_GROUP, _FIRST = 50, 10


def account(number: int) -> int | None:
    """Give the first connection of the same real account; None for the 19 of 20 that stand alone.

    Of each fifty, two connections share an account, every other time three.
    """
    place = number % _GROUP - _FIRST
    shares = place in {0, 1} or (place == 2 and number % (2 * _GROUP) < _GROUP)
    return number - place if shares else None


def instant(value: datetime) -> str:
    """Write an instant as the cache keeps it."""
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")


def _mixed(number: int) -> int:
    return number * 2_654_435_761 % 2**32


def connection(number: int, first_seen: datetime, today: datetime) -> tuple[Any, ...]:
    """Give the row of a connection, by COLUMNS; who it is follows from the first connection of its account."""
    joined = account(number)
    first, mixed = joined or number, _mixed(number)
    who = _mixed(first)
    source = 1 + (who + number - first) % 5
    kind = KINDS[mixed // 7 % 7] if SOURCES[source - 1][1] == "zocial" else "network"
    status, suspect = STATUSES[mixed // 5 % 8], SUSPECTS[mixed // 19 % 3] if mixed // 19 % 40 == 0 else None
    gone = instant(max(today - timedelta(days=number // 100 % 90), first_seen)) if number % 100 == 0 else None
    health = "unknown" if gone else HEALTHS[mixed // 13 % 9]
    followers = None if number % 50 == 0 else who % 3_000_000 + (mixed % 90_000 if number % 4 == 3 else 0)
    handle, name = _named(first, who)
    moved = timedelta(days=40 if suspect == "followers_frozen" else mixed // 23 % 20)
    platform_id = str(10_000_000 + first) if who % 3 == 0 else None
    return (
        *(f"{source}-{kind[0]}-{number}", source, kind, PLATFORMS[who // 11 % 7], str(number), platform_id or handle),
        *(handle, name, f"https://social.example/{handle}", status, status, number % 5 == 0, health),
        *(REASONS.get(health), instant(today - timedelta(minutes=mixed % 40_000))),
        *(followers, mixed % 900 / 100 if number % 3 else None, CATEGORIES[mixed // 17 % 9]),
        *(instant(first_seen - timedelta(seconds=mixed % 90_000_000)), number, name.lower()),
        *(f"{name.lower()}\n{handle}", handle, platform_id, joined),
        *(None if joined is None else "platform_id" if platform_id else "handle", suspect),
        *(None if followers is None else instant(today - moved), instant(first_seen), gone or instant(today), gone),
    )


def _named(number: int, mixed: int) -> tuple[str, str]:
    """Give a handle and a name."""
    words = [SYLLABLES[mixed >> shift & 15] for shift in (0, 4, 8, 12, 16)]
    name = f"{words[0]}{words[1]} {words[2]}{words[3]}{words[4]}".title()
    return f"{words[2]}{words[0]}{words[4]}.{number}", name
