"""How fast we may call: one pace per source, shared by all its threads, on the monotonic clock."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

LONGEST_SLEEP: Final = 60.0
"""Seconds that a thread sleeps at most; a longer wait is a job to be scheduled anew."""

_SANE_LIMIT: Final = 1_000_000


class TooLong(Exception):
    """The next call is further away than the caller can wait; `seconds` says how far."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the next call is {seconds:.1f} s away")


class Pace:
    """At most `calls` calls in any `period` seconds, and none before a moment that the vendor named.

    `apart` seconds lie between two of them: a vendor that counts each second bears no burst.
    `calls_left` and `limit` are what the vendor last told (None: it never did), `requests` counts what was granted.
    """

    def __init__(
        self, calls: int, period: float, *, apart: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.calls_left: int | None = None
        self.limit: int | None = None
        self.requests = 0
        self._calls, self._period, self._apart, self._clock = calls, period, apart, clock
        self._lock = threading.Lock()
        self._grants: deque[float] = deque()
        self._told_until = self._tail = clock()

    def take(self, patience: float) -> None:
        """Wait for the right to make one call.

        Raises:
            TooLong: it would take more than `patience` (or than a thread may sleep) seconds.
        """
        end = self._clock() + patience
        while True:
            wait = self._reserve(end - self._clock())
            if wait > 0:
                time.sleep(wait)
            if self._clock() >= self._told_until:
                break
        with self._lock:
            self.requests += 1

    def pause(self, seconds: float) -> None:
        """Let the whole source wait: no thread of it calls within the next `seconds`."""
        with self._lock:
            self._told_until = max(self._told_until, self._clock() + seconds)

    def paused(self) -> float:
        """Seconds that this source still has to wait because its vendor said so."""
        return max(0.0, self._told_until - self._clock())

    def tell(self, *, limit: int | None, left: int | None, period: float | None) -> None:
        """Take over what the vendor says of its limit: calls allowed, calls left, seconds of the window."""
        with self._lock:
            if limit is not None:
                self.limit = limit
                self._calls = min(max(1, limit), _SANE_LIMIT)
            if period is not None and period > 0:
                self._period = min(period, LONGEST_SLEEP)
            if left is not None:
                self.calls_left = left

    def _reserve(self, patience: float) -> float:
        with self._lock:
            now = self._clock()
            at = max(now, self._told_until, self._free_at(now))
            queued = max(self._told_until, self._tail) > now
            if queued:
                at = max(at, self._tail)
            if at - now > min(patience, LONGEST_SLEEP):
                raise TooLong(at - now)
            if queued:  # those who waited come back one by one, not as a herd
                self._tail = at + self._period / self._calls
            self._grants.append(at)
            return at - now

    def _free_at(self, now: float) -> float:
        while self._grants and self._grants[0] <= now - self._period:
            self._grants.popleft()
        full = self._grants[-self._calls] + self._period if len(self._grants) >= self._calls else now
        return max(full, self._grants[-1] + self._apart) if self._grants else now


def spoken(seconds: float) -> str:
    """Give a wait in words, never shorter than it is: "40 seconds", "24 hours", "3 days"."""
    left = math.ceil(seconds)
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if left >= 2 * size:
            return f"{math.ceil(left / size)} {unit}"
    return f"{left} second{'' if left == 1 else 's'}"
