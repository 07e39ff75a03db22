"""The JWT that an imiconnect source was given: when it ends, by its own word, and an incident before it does.

A source with the JWT's secret makes its own for each request; that one never ends. The JWT itself is never shown.
"""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from data import incidents, refused_hooks, sources
from data.models import Source
from data.store import now
from data.types import Cause, Origin, Vendor
from services.clients import secrets_of
from services.desk import Desk
from services.failures import Failure
from services.vault import WrongKey

SOONEST, LONGEST = timedelta(minutes=15), timedelta(days=7)
"""A JWT soon ends in the last quarter of its life: that is told so long before at least, and so long at most."""
ADVICE = "Enter a new one on the Sources page, or the JWT secret instead: Patchbay then makes its own."


class Life(NamedTuple):
    """When a JWT was made and when it ends, as far as it says so."""

    made: datetime | None
    ends: datetime | None

    def soon(self, at: datetime) -> bool:
        """Tell whether it ends soon, or has ended."""
        if self.ends is None:
            return False
        whole = self.ends - self.made if self.made else LONGEST * 4
        return self.ends - at <= min(max(whole / 4, SOONEST), LONGEST)


def life(jwt: str) -> Life:
    """Read how long a JWT lives. Raises Failure for a text that is none."""
    try:
        _header, payload, _signature = jwt.removeprefix("Bearer ").split(".")
        told = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return Life(_moment(told.get("iat")), _moment(told.get("exp")))
    except (ValueError, TypeError, AttributeError, OverflowError, OSError, binascii.Error, RecursionError):
        raise Failure("settings", "The JWT is not of three base64 parts.", "Copy it again, whole.") from None


def of(desk: Desk, source: Source) -> Life | None:
    """Read the life of a source's JWT; None when it was given none, none that can be read, or makes its own."""
    if source.vendor != Vendor.IMICONNECT or source.origin == Origin.SANDBOX:
        return None
    try:
        secrets = secrets_of(desk, source)
        return life(secrets["jwt"]) if "jwt" in secrets and "jwt_secret" not in secrets else None
    except (WrongKey, Failure):
        return None


def watch(desk: Desk) -> None:
    """Begin an incident when a JWT ends soon, and end it with a new one; only then the lock is taken."""
    at = now()
    with desk.store.reading() as session:
        told = refused_hooks.with_incident(session.connection(), Cause.JWT)
        lives = {source.id or 0: of(desk, source) for source in sources.active(session) if source.enabled}
    moves = [*_begun(lives, told, at), *_ended(lives, told, at)]
    if moves:
        with desk.store.bulk() as link:
            for move in moves:
                move(link)


_Move = Callable[[Any], object]


def _begun(lives: dict[int, Life | None], told: dict[int, datetime], at: datetime) -> list[_Move]:
    return [
        partial(incidents.begin, cause=Cause.JWT, source_id=key, at=at, message=words(each.ends), advice=ADVICE)
        for key, each in lives.items()
        if each is not None and each.ends is not None and each.soon(at) and key not in told
    ]


def _ended(lives: dict[int, Life | None], told: dict[int, datetime], at: datetime) -> list[_Move]:
    why = "The source signs in with another one now."
    over = [key for key in told if key in lives and not ((each := lives[key]) and each.soon(at))]
    return [partial(incidents.end, cause=Cause.JWT, source_id=key, at=at, why=why) for key in over]


def words(ends: datetime) -> str:
    """Say when a JWT ends, so that it is true before and after."""
    return f"Messages can be sent until {ends:%Y-%m-%d %H:%M} UTC: the JWT of this source ends then."


def _moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
