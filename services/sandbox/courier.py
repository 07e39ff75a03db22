"""The courier: delivers callbacks and webhooks to loopback addresses, from one background thread."""

import contextlib
import heapq
import http.client
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_TIMEOUT = 5.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: where to, what, and after how many seconds each further attempt follows."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    retries: tuple[float, ...] = ()
    terminal: Callable[[int], bool] = lambda status: 200 <= status < 300  # noqa: PLR2004 - HTTP's success


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one attempt; status 0 means that nobody answered."""

    url_origin: str
    status: int
    attempt: int


@dataclass(order=True, slots=True)
class _Due:
    at: float
    number: int
    parcel: Parcel = field(compare=False)
    attempt: int = field(compare=False, default=0)


def is_loopback(url: str) -> bool:
    """Whether an address is plain http on this machine, the only kind that is delivered to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


class Courier:
    """Delivers parcels when they are due; its thread starts with the first parcel."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._due: list[_Due] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._done: list[Delivery] = []

    def post(self, parcel: Parcel, *, after: float = 0.0) -> None:
        """Deliver a parcel after some seconds; an address that is not loopback http is dropped."""
        if not is_loopback(parcel.url):
            return
        with self._ready:
            if self._closed:
                return
            heapq.heappush(self._due, _Due(time.monotonic() + after, next(self._numbers), parcel))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sandbox-courier", daemon=True)
                self._thread.start()
            self._ready.notify()

    def deliveries(self) -> list[Delivery]:
        """The last attempts, oldest first."""
        with self._ready:
            return list(self._done)

    def close(self) -> None:
        """Stop delivering; what is not due yet is dropped."""
        with self._ready:
            self._closed = True
            self._ready.notify()
            thread = self._thread
        if thread is not None:
            thread.join(_TIMEOUT + 1)

    def _work(self) -> None:
        while (due := self._next()) is not None:
            status = _deliver(due.parcel)
            with self._ready:
                parts = urlsplit(due.parcel.url)
                self._done = [*self._done, Delivery(f"{parts.scheme}://{parts.netloc}", status, due.attempt + 1)][
                    -_KEPT:
                ]
                if not due.parcel.terminal(status) and due.attempt < len(due.parcel.retries) and not self._closed:
                    again = time.monotonic() + due.parcel.retries[due.attempt]
                    heapq.heappush(self._due, _Due(again, next(self._numbers), due.parcel, due.attempt + 1))

    def _next(self) -> _Due | None:
        with self._ready:
            while not self._closed:
                if not self._due:
                    self._ready.wait()
                elif (left := self._due[0].at - time.monotonic()) > 0:
                    self._ready.wait(left)
                else:
                    return heapq.heappop(self._due)
        return None


def _deliver(parcel: Parcel) -> int:
    try:
        parts = urlsplit(parcel.url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT)
        with contextlib.closing(connection):
            connection.request("POST", target, parcel.body, dict(parcel.headers))
            return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError):
        return 0
