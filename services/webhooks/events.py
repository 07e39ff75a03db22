"""What an event of a vendor does: who follows it registers here, and is called when it is worked off."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.types import Vendor
from services.desk import Desk


@dataclass(frozen=True)
class Heard:
    """One webhook that was believed: a hint, never the truth.

    `about` is Late's account id, or of imiconnect the reference that our own address carried; `body` the JSON as sent.
    """

    id: int
    source_id: int
    source: str
    vendor: Vendor
    event: str
    event_id: str
    about: str | None
    told_at: datetime | None
    received_at: datetime
    body: Mapping[str, Any] = field(repr=False)


class NotYet(Exception):
    """What an event is about is not known here yet: it is offered again until its patience is over."""


class NotBelieved(Exception):
    """An event contradicts what is known: it is kept with this reason, and moves nothing."""


Follower = Callable[[Desk, Heard], str | None]
"""Follows an event; gives a sentence on what that did, or None when the event was none of its business.

It may be called again for the same event (the process may die in between), from one thread, in any order, and so must
not mind. A Failure, VendorError or DatabaseProblem has it called again later, after growing pauses.
"""

HINTS: dict[Vendor, frozenset[str]] = {Vendor.LATE: frozenset({"account.connected", "account.disconnected"})}
"""Events after which the source's list is read, whoever else follows them: the list alone says what is true."""

_followers: dict[tuple[Vendor, str], list[Follower]] = {}


def on_event(vendor: Vendor, *names: str) -> Callable[[Follower], Follower]:
    """Register a function that follows events of a vendor, such as `account.connected` of Late."""

    def register(follower: Follower) -> Follower:
        for name in names:
            _followers.setdefault((vendor, name), []).append(follower)
        return follower

    return register


def followers(vendor: Vendor, name: str) -> tuple[Follower, ...]:
    """Give those who follow an event, in the order in which they registered."""
    return tuple(_followers.get((vendor, name), ()))


def is_hint(vendor: Vendor, name: str) -> bool:
    """Tell whether a source's list is to be read after an event."""
    return name in HINTS.get(vendor, frozenset())
