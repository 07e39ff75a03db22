"""Faults that HTTP libraries do not offer: bytes straight to the socket beneath an ASGI call."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any, cast

from starlette.types import Receive, Send

_DEEPEST = 12
_TICK = 0.05


def transport_of(send: Callable[..., Any], depth: int = 0) -> asyncio.Transport | None:
    """The socket beneath an ASGI `send`, through the closures of middlewares; None when there is no way to it."""
    if depth > _DEEPEST:
        return None
    found = getattr(getattr(send, "__self__", None), "transport", None)
    if found is not None:
        return cast("asyncio.Transport", found)
    for cell in getattr(send, "__closure__", None) or ():
        with contextlib.suppress(ValueError):  # an empty cell
            if callable(cell.cell_contents):
                inner = transport_of(cell.cell_contents, depth + 1)
                if inner is not None:
                    return inner
    return None


class Wire:
    """One connection under a fault: write raw bytes, close, reset, or wait until the client leaves."""

    def __init__(self, receive: Receive, send: Send, closing: threading.Event) -> None:
        self._receive = receive
        self._closing = closing
        self._transport = transport_of(send)

    async def wait(self, seconds: float | None) -> bool:
        """Wait; True when the time passed, False when the client left or the sandbox closes first."""
        left = asyncio.ensure_future(self._gone())
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        try:
            while not left.done() and not self._closing.is_set():
                remaining = _TICK if deadline is None else deadline - asyncio.get_running_loop().time()
                if remaining <= 0:
                    return True
                await asyncio.wait({left}, timeout=min(_TICK, remaining))
            return False
        finally:
            left.cancel()

    async def drip(self, head: bytes, body: bytes, *, interval: float, size: int) -> None:
        """Write the head at once, then `size` bytes of the body every `interval` seconds, then close."""
        self._write(head)
        for start in range(0, len(body), size):
            if not await self.wait(interval):
                break
            self._write(body[start : start + size])
        await self.close()

    async def say_and_close(self, data: bytes) -> None:
        """Write bytes as they are and close the connection."""
        self._write(data)
        await self.close()

    async def close(self) -> None:
        """Close the connection without another word."""
        if self._transport is not None:
            self._transport.close()
            await self._gone()

    async def reset(self) -> None:
        """End the connection with a TCP reset."""
        if self._transport is None:
            return
        sock = cast("socket.socket | None", self._transport.get_extra_info("socket"))
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
        await self._gone()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and data:
            self._transport.write(data)

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue
