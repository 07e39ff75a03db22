"""The outermost ASGI layer: finds the vendor, lets planned faults strike, and writes the log."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from services.sandbox import log
from services.sandbox.answers import Captured, captured
from services.sandbox.clock import Clock
from services.sandbox.effects import is_content, misbehave, spoilt
from services.sandbox.faults import Faults, Kind
from services.sandbox.imiconnect_scripts import Chosen
from services.sandbox.kit import Vendor, content_type, origin
from services.sandbox.wire import Wire

PREFIX = "/sandbox"
_LARGEST_BODY = 8 << 20
_FIRST_PAGE = {Kind.DUPLICATE_PAGE, Kind.LOOPING_CURSOR}


class Layer:
    """The ASGI application of the sandbox; works alone and mounted at `/sandbox`."""

    def __init__(
        self,
        vendors: Mapping[str, Vendor],
        others: Router,
        *,
        clock: Clock,
        faults: Faults,
        chosen: Chosen,
        kept: log.Log,
    ) -> None:
        self._vendors = vendors
        self._routers = {name: Router(vendor.routes(), redirect_slashes=False) for name, vendor in vendors.items()}
        self._others = others
        self._clock = clock
        self._faults = faults
        self._chosen = chosen
        self._log = kept
        self.closing = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; anything but HTTP is refused."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        path = scope["path"].removeprefix(PREFIX)
        name, _, rest = path.lstrip("/").partition("/")
        inside = {**scope, "root_path": "", "app_root_path": "", "path": path}
        if name in self._vendors and not rest.startswith("consent"):
            await self._vendor(name, {**inside, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}, receive, send)
        elif name in self._vendors:
            await self._routers[name]({**inside, "path": f"/{rest}"}, receive, send)
        else:
            await self._others(inside, receive, send)

    async def _vendor(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        body = await _whole_body(receive)
        request = Request(scope)
        fault = self._faults.strike(name, request.method, scope["path"], dict(request.query_params))
        fault = fault or self._chosen.fault(name, body)

        async def inner() -> Captured:
            return await self._genuine(name, scope, body)

        def remember(status: int) -> None:  # before the bytes leave, so that whoever has an answer finds it in the log
            outcome = (status, time.perf_counter() - began, fault.kind.value if fault else "")
            self._remember(self._vendors[name], request, body, outcome)

        if fault is None:
            answer: Captured | None = await inner()
        else:
            if fault.kind in _FIRST_PAGE:
                scope = {**scope, "query_string": _first_page(scope["query_string"])}
            wire = Wire(receive, send, self.closing)
            if not is_content(fault):
                remember(0)
                await misbehave(fault, inner, wire, send)
                return
            answer = await spoilt(fault, inner, wire, f"{origin(request)}{PREFIX}/{name}{scope['path']}")
        remember(answer.status if answer else 0)
        if answer:
            await answer.send(send)

    async def _genuine(self, name: str, scope: Scope, body: bytes) -> Captured:
        if len(body) >= _LARGEST_BODY:
            return captured(413, b"", "text/plain")
        answer = Captured()
        vendor = self._vendors[name]
        refusal = vendor.limited(Request(scope))
        app = refusal if refusal is not None else self._routers[name]
        await app(scope, _replay(body), answer.take)
        answer.headers += [(k.lower().encode(), v.encode()) for k, v in vendor.rate_headers().items()]
        return answer

    def _remember(self, vendor: Vendor, request: Request, body: bytes, outcome: tuple[int, float, str]) -> None:
        kind = content_type(request)
        status, seconds, fault = outcome
        entry = log.Entry(
            at=self._clock.now(),
            vendor=vendor.name,
            method=request.method,
            path=request.scope["path"],
            query=log.query(request.url.query),
            headers=log.headers(dict(request.headers), vendor.credential_headers, vendor.recognises),
            content_type=kind,
            body=log.body(body, kind),
            status=status,
            seconds=seconds,
            fault=fault,
        )
        self._log.add(entry)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _whole_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size < _LARGEST_BODY:
            parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(parts) if size < _LARGEST_BODY else b"\0" * _LARGEST_BODY


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _first_page(query: Any) -> bytes:
    """The same query, asking for the first page."""
    pairs = bytes(query).split(b"&")
    return b"&".join(b"page=1" if pair.startswith(b"page=") else pair for pair in pairs)
