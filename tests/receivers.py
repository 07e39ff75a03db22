"""Who is told in the tests: a web hook and a mail server on sockets of this machine, which can misbehave."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Hook:
    """A web hook: what it was told, and the statuses with which it answers first (0: it hangs up)."""

    port: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Give its address, with a secret in it as chat rooms have."""
        return f"http://127.0.0.1:{self.port}/hook/s3cret?sig=s3cret"


@contextmanager
def hook() -> Iterator[Hook]:
    """Serve a web hook for the length of a block."""
    kept = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep what came, and answer as told."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.told.append(json.loads(body) | {"path": self.path})
            kept.headers.append(dict(self.headers.items()))
            status = kept.answers.pop(0) if kept.answers else 204
            if status:
                self.send_response(status)
                self.send_header("Location", f"http://127.0.0.1:{kept.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    with _served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        kept.port = port
        yield kept


@dataclass
class Mailbox:
    """A mail server: the letters it took, what it was asked, and where it misbehaves ("RCPT 550", "DATA cut")."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Give its address, with a password."""
        return f"smtp://ops%40example.com:s3cret@127.0.0.1:{self.port}"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Serve a mail server for the length of a block."""
    kept = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            """Talk to one client until it leaves, or is left."""
            self.wfile.write(b"220 mailbox\r\n")
            for line in self.rfile:
                word = line.decode().split()[0].upper()
                kept.asked.append(line.decode().strip())
                if word == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    content = self._content()
                fault = next((each for each in kept.faults if each.startswith(word)), None)
                if fault is not None:
                    kept.faults.remove(fault)
                    if fault.endswith("cut"):
                        return
                    self.wfile.write(f"{fault.split()[1]} no\r\n".encode())
                    continue
                if word == "DATA":
                    kept.letters.append(message_from_bytes(content, _class=EmailMessage, policy=policy.default))
                self.wfile.write(_ANSWERS.get(word, b"250 ok\r\n"))

        def _content(self) -> bytes:
            lines = list(iter(self.rfile.readline, b".\r\n"))
            return b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)

    socketserver.ThreadingTCPServer.daemon_threads = True
    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        kept.port = port
        yield kept


_ANSWERS = {"EHLO": b"250-mailbox\r\n250 AUTH PLAIN\r\n", "AUTH": b"235 welcome\r\n", "QUIT": b"221 bye\r\n"}


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping() -> Iterator[int]:
    """Serve what never comes to an end: a space every twentieth of a second."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            """Drip until the client is gone, or the block is over."""
            with suppress(OSError):
                while not over.wait(0.05):
                    self.request.sendall(b" ")

    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        yield port
        over.set()
