"""How the invented accounts live: followers, engagement, statuses and tokens as pure functions of the instant.

Everything repeats in cycles of 90 days of absolute time, each account with its own phase. So any window of 90 days
sees every kind of change, and the same instant gives the same world on every start.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
CYCLE = 90.0
_DAY = timedelta(days=1)
_LONGEST_GROWTH = 1500  # days after which an exponential curve stays level
_GAPS = ((10, 15), (40, 47))  # days of a cycle without a number
_REFRESH, _LIFETIME = 30, 60  # days; Instagram's long-lived tokens live 60


class Shape(StrEnum):
    """The kinds of daily curve."""

    STEADY = "steady"
    FROZEN = "frozen"
    VIRAL = "viral"
    HALVED = "halved"
    GAPS = "gaps"
    MISSING = "missing"


class Story(StrEnum):
    """What happens to an account's status in the course of a cycle."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    DISCONNECTED = "disconnected"
    ARCHIVED = "archived"
    REVIEWED = "reviewed"
    REFUSED = "refused"
    PAUSED = "paused"
    LEFT = "left"


_STORIES: dict[Story, tuple[tuple[float, str], ...]] = {
    Story.REVIEWED: ((0, "pending"), (6, "accepted")),
    Story.REFUSED: ((0, "pending"), (9, "rejected")),
    Story.PAUSED: ((0, "accepted"), (50, "suspended"), (75, "accepted")),
    Story.LEFT: ((0, "accepted"), (60, "disconnected")),
}


class Token(StrEnum):
    """How the access token behind an account ages."""

    FRESH = "fresh"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    LAPSES = "lapses"


@dataclass(frozen=True, slots=True)
class Curve:
    """The parameters of one account's life."""

    base: int
    rate: float
    engagement: float
    phase: float
    salt: float
    shape: Shape = Shape.STEADY
    story: Story = Story.ACCEPTED
    token: Token = Token.FRESH


def draw(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts alone: randomness that is the same on every start."""
    digest = hashlib.blake2b("\x1f".join(str(part) for part in parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def hex_id(*parts: object, length: int = 24) -> str:
    """A hexadecimal id that depends on the parts alone (24 characters, like a MongoDB id)."""
    return hashlib.blake2b("\x1f".join(str(part) for part in parts).encode(), digest_size=16).hexdigest()[:length]


def day_of(now: datetime) -> int:
    """Whole days since the epoch of the sandbox; numbers change at midnight UTC."""
    return (now - EPOCH) // _DAY


def turn(curve: Curve, now: datetime) -> tuple[int, float]:
    """Which cycle an account is in, and how many days into it."""
    turns, at = divmod((now - EPOCH) / _DAY - curve.phase, CYCLE)
    return int(turns), at


def turn_start(curve: Curve, number: int) -> datetime:
    """When an account's cycle began."""
    return EPOCH + timedelta(days=curve.phase + number * CYCLE)


def status(curve: Curve, now: datetime) -> str:
    """What the vendor says of the account at this instant."""
    told = _STORIES.get(curve.story)
    if told is None:
        return curve.story.value
    _, at = turn(curve, now)
    return [word for begins, word in told if begins <= at][-1]


def followers(curve: Curve, now: datetime) -> int | None:
    """The followers of that day, or None where the vendor has no number."""
    day = day_of(now)
    at = (day - curve.phase) % CYCLE
    if curve.shape is Shape.MISSING or (curve.shape is Shape.GAPS and any(a <= at < b for a, b in _GAPS)):
        return None
    if curve.shape is Shape.FROZEN:
        return curve.base
    grown = curve.base * math.exp(curve.rate * min(max(day, 0), _LONGEST_GROWTH))
    return max(0, round(grown * _bend(curve.shape, at) * _ripple(curve.salt, day)))


def engagement(curve: Curve, now: datetime) -> float | None:
    """The engagement rate of that day in percent: a weekly rhythm around the account's own level."""
    if curve.shape is Shape.MISSING:
        return None
    if curve.shape is Shape.FROZEN:
        return round(curve.engagement, 2)
    day = day_of(now)
    rhythm = 1 + 0.22 * math.sin(2 * math.pi * (day + curve.salt) / 7) + 0.1 * _noise(curve.salt + 1, day)
    return round(max(0.05, curve.engagement * rhythm), 2)


def measured_at(curve: Curve, now: datetime) -> datetime:
    """When the vendor last measured: shortly before the last midnight, long ago for a frozen account."""
    midnight = EPOCH + day_of(now) * _DAY
    if curve.shape is Shape.FROZEN:
        return turn_start(curve, turn(curve, now)[0])
    return midnight - timedelta(minutes=int(curve.salt * 7) % 180)


def expires_at(curve: Curve, now: datetime) -> datetime:
    """When the token behind the account ends: refreshed monthly, about to end, ended, or ending once per cycle."""
    day = day_of(now)
    if curve.token is Token.EXPIRING:
        return EPOCH + timedelta(days=day - day % 5 + 6)
    if curve.token is Token.EXPIRED:
        return EPOCH + timedelta(days=day - day % _REFRESH - 3)
    if curve.token is Token.LAPSES:
        return turn_start(curve, turn(curve, now)[0]) + timedelta(days=_LIFETIME)
    offset = int(curve.salt) % _REFRESH
    return EPOCH + timedelta(days=day - (day + offset) % _REFRESH + _LIFETIME, hours=int(curve.salt) % 24)


def _bend(shape: Shape, at: float) -> float:
    if shape is Shape.VIRAL:
        return 1 + 0.9 * math.exp(-at / 25)
    if shape is Shape.HALVED:
        return 0.5 + 0.5 * at / CYCLE
    return 1.0


def _ripple(salt: float, day: int) -> float:
    return 1 + 0.002 * math.sin(2 * math.pi * (day + salt) / 7) + 0.001 * _noise(salt, day)


def _noise(salt: float, day: int) -> float:
    """A cheap pseudo-random number in [-0.5, 0.5) per account and day."""
    return (math.sin(day * 12.9898 + salt) * 43758.5453) % 1 - 0.5
