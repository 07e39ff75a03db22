"""A vendor on a real socket: it answers what a test says, byte by byte if need be, and notes what it was asked."""

import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes
    connection: int

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query of the target."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The body as a form, which it must say it is."""
        assert self.headers["content-type"] == "application/x-www-form-urlencoded"
        return dict(parse_qsl(self.content.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body as JSON, which it must say it is."""
        assert self.headers["content-type"].startswith("application/json")
        return json.loads(self.content)


Step = Callable[["Pretender", socket.socket, Asked], bool]
"""Answers one request; True keeps the connection open for the next."""


@dataclass
class Pretender:
    """The listening vendor: `steps` are taken one per request, the last one stays."""

    steps: list[Step] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    _listener: socket.socket = field(default_factory=socket.socket)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    _open: set[socket.socket] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def will(self, *steps: Step) -> "Pretender":
        """Answer the next requests so."""
        self.steps = list(steps)
        return self

    def start(self) -> None:
        """Listen on a free port of this machine."""
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(50)
        self._spawn(self._accept)

    def stop(self) -> None:
        """Close everything and wait for the threads."""
        self.closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            self._spawn(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.settimeout(5)
        self._open.add(connection)
        with connection, suppress(OSError):
            while not self.closing.is_set():
                asked = _read(connection, number)
                if asked is None or not self._step(asked)(self, connection, asked):
                    break
        self._open.discard(connection)

    def _step(self, asked: Asked) -> Step:
        with self._lock:
            self.asked.append(asked)
            return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


def _read(connection: socket.socket, number: int) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, _, content = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(content) < int(headers.get("content-length", "0")):
        content += connection.recv(65536)
    method, target, _ = first.split(" ", 2)
    return Asked(method, target, headers, content, number)


def head(status: int, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Word\r\n{lines}\r\n".encode("latin-1")


def answer(body: Any = None, status: int = 200, *, kind: str | None = "application/json", **headers: str) -> Step:
    """A whole answer: an object as JSON, bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Length": str(len(content))} | ({"Content-Type": kind} if kind else {})
    given |= {name.replace("_", "-"): value for name, value in headers.items()}

    def step(_: Pretender, connection: socket.socket, __: Asked) -> bool:
        connection.sendall(head(status, given) + content)
        return True

    return step


def raw(*parts: bytes, every: float = 0.0, keep: bool = False) -> Step:
    """The bytes as they are, one part after the other; then the connection is closed (or kept, without a word)."""

    def step(vendor: Pretender, connection: socket.socket, _: Asked) -> bool:
        for part in parts:
            connection.sendall(part)
            if every and vendor.closing.wait(every):
                return False
        if keep:
            vendor.closing.wait(10)
        return False

    return step


def drip(text: bytes, every: float = 0.05) -> Step:
    """One byte at a time."""
    return raw(*(text[i : i + 1] for i in range(len(text))), every=every)


def hang() -> Step:
    """A black hole: it takes the request and says nothing."""
    return raw(keep=True)


def reset() -> Step:
    """A reset instead of an answer."""

    def step(_: Pretender, connection: socket.socket, __: Asked) -> bool:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return step


def bomb(megabytes: int) -> Step:
    """A JSON text that is small on the wire and huge when unpacked."""
    packed = gzip.compress(b"[" + b" " * (megabytes * 1024 * 1024) + b"]", 9)
    return answer(packed, Content_Encoding="gzip")


@contextmanager
def pretended(steps: Iterable[Step] = ()) -> Iterator[Pretender]:
    vendor = Pretender(list(steps))
    vendor.start()
    try:
        yield vendor
    finally:
        vendor.stop()
