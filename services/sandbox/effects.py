"""What a planned fault does to one exchange on a real connection."""

import zlib
from collections.abc import Awaitable, Callable, Iterator

from starlette.types import Send

from services.sandbox.answers import Captured, captured
from services.sandbox.faults import Fault, Kind
from services.sandbox.spoil import spoil
from services.sandbox.wire import Wire

_CHUNK = 1 << 16
_MEGABYTE = 1 << 20
Inner = Callable[[], Awaitable[Captured]]
_RAW = {Kind.HANG, Kind.DRIP, Kind.RESET, Kind.CLOSE, Kind.CUT}


def is_content(fault: Fault) -> bool:
    """Whether a fault is an answer with something wrong in it, and not a misbehaving connection."""
    return fault.kind not in _RAW | {Kind.HUGE, Kind.BOMB}


async def spoilt(fault: Fault, inner: Inner, wire: Wire, own_url: str) -> Captured | None:
    """The answer that a fault of content makes; None when the client left a slow one."""
    if fault.kind is Kind.REDIRECT:
        return _redirect(fault, own_url)
    if fault.kind is not Kind.SLOW:
        untouched = fault.details.get("no_effect")  # the vendor answers and does nothing of what was asked
        answer = captured(200, b"{}", "application/json") if untouched else await inner()
        return spoil(fault.kind, answer, fault.details)
    if await wire.wait(float(fault.details.get("seconds", 1.0))):
        return await inner()
    return None


async def misbehave(fault: Fault, inner: Inner, wire: Wire, send: Send) -> None:
    """Let a fault of the connection happen."""
    if fault.kind in {Kind.HUGE, Kind.BOMB}:
        await _flood(fault, send)
    else:
        await _on_the_wire(fault, inner, wire)


async def _on_the_wire(fault: Fault, inner: Inner, wire: Wire) -> None:
    if fault.details.get("after_effect"):  # the vendor did what was asked, only its answer is lost
        await inner()
    if fault.kind is Kind.HANG:
        await wire.wait(None)
        await wire.close()
    elif fault.kind is Kind.RESET:
        await wire.reset()
    elif fault.kind is Kind.CLOSE:
        await wire.close()
    else:
        await _broken_answer(fault, await inner(), wire)


async def _broken_answer(fault: Fault, answer: Captured, wire: Wire) -> None:
    if fault.kind is Kind.CUT and fault.details.get("chunked"):
        chunk = b"%x\r\n" % len(answer.body) + answer.body + b"\r\n"  # and never the last, empty chunk
        await wire.say_and_close(answer.raw_head(chunked=True) + chunk)
        return
    if fault.kind is Kind.CUT:
        missing = int(fault.details.get("missing", 100))
        await wire.say_and_close(answer.raw_head(len(answer.body) + missing) + answer.body)
        return
    interval, size = float(fault.details.get("interval", 0.5)), int(fault.details.get("size", 1))
    if fault.details.get("headers"):
        await wire.drip(b"", answer.raw_head() + answer.body, interval=interval, size=size)
    else:
        await wire.drip(answer.raw_head(), answer.body, interval=interval, size=size)


def _redirect(fault: Fault, own_url: str) -> Captured:
    to = str(fault.details.get("to", own_url))
    return captured(int(fault.details.get("status", 302)), b"", "text/html", [("location", to)])


async def _flood(fault: Fault, send: Send) -> None:
    """Send a huge body, plain or compressed; `megabytes` counts what it is when decoded."""
    megabytes = int(fault.details.get("megabytes", 100 if fault.kind is Kind.HUGE else 200))
    headers = [(b"content-type", b"application/json")]
    if fault.kind is Kind.BOMB:
        headers.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    chunks = _plain(megabytes) if fault.kind is Kind.HUGE else _squeezed(megabytes)
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _plain(megabytes: int) -> Iterator[bytes]:
    yield b"["
    for _ in range(megabytes * _MEGABYTE // _CHUNK):
        yield b" " * _CHUNK
    yield b"]"


def _squeezed(megabytes: int) -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for chunk in _plain(megabytes):
        packed = packer.compress(chunk)
        if packed:
            yield packed
    yield packer.flush()
