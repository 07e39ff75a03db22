"""Connections that can be cut: the end of a call holds however slowly a server drips its headers or body.

A read time-out starts anew with each byte, so it never ends a dripping answer. A timer therefore shuts the socket down
at the deadline; it works on a duplicate of the descriptor, which stays right when TLS takes over the original, and when
the connection lets go of an answer that ends only with it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_local = threading.local()


class Deadline:
    """The end of one call in one thread: at that moment every socket of the call is shut down.

    `passed` says that the moment came, `sent` that the first byte of the request was handed to a connection.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self.sent = False
        self._lock = threading.Lock()
        self._duplicates: dict[socket.socket, socket.socket] = {}
        self._timer = threading.Timer(max(0.0, seconds), self._cut)
        self._timer.daemon = True

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Within this block, connections of this thread are cut when the time is over."""
        _local.deadline = self
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()
            _local.deadline = None
            self._let_go()

    def watch(self, guard: socket.socket) -> None:
        """Count a socket in; one that comes after the end is cut at once."""
        with self._lock:
            if guard not in self._duplicates:
                self._duplicates[guard] = guard.dup()
            if self.passed:
                _shut(guard)

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            for duplicate in self._duplicates.values():
                _shut(duplicate)

    def _let_go(self) -> None:
        with self._lock:
            for duplicate in self._duplicates.values():
                duplicate.close()
            self._duplicates.clear()


def _shut(guard: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed or reset already: nothing left to cut
        guard.shutdown(socket.SHUT_RDWR)


class _Guarded:
    """Keeps a duplicate of the socket for as long as the connection lives."""

    _guard: socket.socket | None = None

    def _watched(self, sock: socket.socket) -> socket.socket:
        self._guard = sock.dup()
        self._count_in()
        return sock

    def _count_in(self, *, sending: bool = False) -> None:
        deadline: Deadline | None = getattr(_local, "deadline", None)
        if deadline is None:
            return
        deadline.sent = deadline.sent or sending
        if self._guard is not None:
            deadline.watch(self._guard)

    def _let_go(self) -> None:
        if self._guard is not None:
            self._guard.close()
            self._guard = None


class _Connection(_Guarded, HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return self._watched(super()._new_conn())

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self._count_in(sending=True)
        super().send(data)

    def close(self) -> None:
        self._let_go()
        super().close()


class _SecureConnection(_Guarded, HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return self._watched(super()._new_conn())

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self._count_in(sending=True)
        super().send(data)

    def close(self) -> None:
        self._let_go()
        super().close()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
"""What a urllib3 PoolManager needs to make cuttable connections: scheme -> pool class."""
