"""Hosts that lead inside: what a name resolves to from here, looked up beside the page and kept for a minute.

It is the vendor that fetches an address, and the recipient who opens it: a host that does not resolve from here, or not
in time, does not stop a message. One that leads to a private or reserved address does.
"""

import math
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.vendors._address import is_public

PATIENCE = 1.5
"""Seconds from the begin of a look-up that somebody waits for it: once for a slow one, not at each look at a page."""
KEPT_FOR = 60.0
MOST_KEPT = 2_000
MOST_AT_ONCE = 32
"""Look-ups under way; beyond it a host counts as one that does not resolve in time."""


@dataclass(slots=True)
class _LookUp:
    """One look-up: `inside` once it is done, None for a name that does not resolve."""

    begun: float = field(default_factory=time.monotonic)
    done: threading.Event = field(default_factory=threading.Event)
    inside: bool | None = None
    until: float = 0.0


_found: dict[str, _LookUp] = {}
_guard = threading.Lock()
_free = threading.BoundedSemaphore(MOST_AT_ONCE)


def inside(hosts: Iterable[str], *, patience: float = PATIENCE) -> frozenset[str]:
    """Give the hosts of which any address is not a public one."""
    asked = {host: _looked_up(host) for host in set(hosts)}
    for each in asked.values():
        each.done.wait(max(0.0, each.begun + patience - time.monotonic()))
    return frozenset(host for host, each in asked.items() if each.done.is_set() and each.inside)


def forget() -> None:
    """Forget what was looked up."""
    with _guard:
        _found.clear()


def _looked_up(host: str) -> _LookUp:
    """Give the look-up of a host: the kept one, one under way, or a new one."""
    with _guard:
        known = _found.get(host)
        if known is not None and (not known.done.is_set() or known.until > time.monotonic()):
            return known
        if not _free.acquire(blocking=False):
            return _LookUp(begun=-math.inf)  # nobody waits for what does not begin
        if len(_found) >= MOST_KEPT:
            _found.clear()
        _found[host] = fresh = _LookUp()
    threading.Thread(target=_look_up, args=(host, fresh), name="look-up", daemon=True).start()
    return fresh


def _look_up(host: str, into: _LookUp) -> None:
    try:
        places = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
        into.inside = not all(is_public(str(place[4][0])) for place in places)
    except (OSError, UnicodeError):
        into.inside = None
    finally:
        into.until = time.monotonic() + KEPT_FOR
        into.done.set()
        _free.release()
