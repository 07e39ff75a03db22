"""Answers in the making: one captured HTTP answer, and how the vendors write JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Send


@dataclass(slots=True)
class Captured:
    """A whole answer, held back so that it can be logged, spoilt, or sent."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        """Be the `send` of an inner application."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def send(self, send: Send) -> None:
        """Pass the answer on, with the Content-Length that fits its body."""
        headers = [pair for pair in self.headers if pair[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    def raw_head(self, length: int | None = None, *, chunked: bool = False) -> bytes:
        """The status line and headers as bytes, with a Content-Length that may lie, or for a chunked body."""
        lines = [f"HTTP/1.1 {self.status} Planned".encode()]
        lines += [name + b": " + value for name, value in self.headers if name.lower() != b"content-length"]
        size = f"content-length: {len(self.body) if length is None else length}"
        lines.append(b"transfer-encoding: chunked" if chunked else size.encode())
        return b"\r\n".join(lines) + b"\r\n\r\n"


def say(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Answer JSON as Python's vendors write it: ASCII with escapes, so that any text survives."""
    body = json.dumps(content, separators=(",", ":"))
    return Response(body, status_code=status, headers=dict(headers or {}), media_type="application/json")


def captured(status: int, body: bytes, content_type: str, headers: Iterable[tuple[str, str]] = ()) -> Captured:
    """An answer made by hand."""
    pairs = [(b"content-type", content_type.encode("latin-1"))] if content_type else []
    pairs += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Captured(status, pairs, body)
