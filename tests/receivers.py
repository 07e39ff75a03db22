"""Who is told in the tests: a web hook and a mail server on sockets of this machine, which can misbehave."""

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from data.store import now


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
def hook(tls: ssl.SSLContext | None = None) -> Iterator[Hook]:
    """Serve a web hook for the length of a block, over TLS if it has a certificate."""
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with _served(server) as port:
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


class _Talk(socketserver.StreamRequestHandler):
    """One talk of the mail server."""

    kept: ClassVar[Mailbox]
    tls: ClassVar[ssl.SSLContext | None]

    def handle(self) -> None:
        """Talk to one client until it leaves, or is left."""
        self.wfile.write(b"220 mailbox\r\n")
        while (line := self.rfile.readline()) and self._answered(line.decode().strip()):
            pass

    def _answered(self, line: str) -> bool:
        """Answer a line, or misbehave; tells whether the talk goes on."""
        word = line.split(maxsplit=1)[0].upper()
        self.kept.asked.append(line)
        content = self._content() if word == "DATA" else None
        fault = next((each for each in self.kept.faults if each.startswith(word)), None)
        if fault is not None:
            self.kept.faults.remove(fault)
            self.wfile.write(b"" if fault.endswith("cut") else f"{fault.split()[1]} no\r\n".encode())
            return not fault.endswith("cut")
        if content is not None:
            self.kept.letters.append(message_from_bytes(content, _class=EmailMessage, policy=policy.default))
        offers = word == "EHLO" and self.tls is not None and not isinstance(self.request, ssl.SSLSocket)
        self.wfile.write(_OFFER if offers else _ANSWERS.get(word, b"250 ok\r\n"))
        return word != "STARTTLS" or self._secured()

    def _content(self) -> bytes:
        self.wfile.write(b"354 go on\r\n")
        lines = list(iter(self.rfile.readline, b".\r\n"))
        return b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)

    def _secured(self) -> bool:
        """Go on over TLS; False when the client does not trust the certificate."""
        assert self.tls is not None
        try:
            self.request = self.tls.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:
            return False
        self.setup()
        return True

    def finish(self) -> None:
        """Close what stands in the place of the server's own socket, too."""
        super().finish()
        self.request.close()


@contextmanager
def mailbox(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """Serve a mail server for the length of a block; with a certificate it offers STARTTLS."""
    kept = Mailbox()
    handler = type("Handler", (_Talk,), {"kept": kept, "tls": tls})
    socketserver.ThreadingTCPServer.daemon_threads = True
    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as port:
        kept.port = port
        yield kept


_OFFER = b"250-mailbox\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"
_ANSWERS = {
    "EHLO": b"250-mailbox\r\n250 AUTH PLAIN\r\n",
    "AUTH": b"235 welcome\r\n",
    "QUIT": b"221 bye\r\n",
    "STARTTLS": b"220 go on\r\n",
}


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


def certified(folder: Path, *hosts: str) -> ssl.SSLContext:
    """Make a certificate for this machine, or these hosts, which nobody knows; it lies in the folder as `cert.pem`."""
    key, names = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    built = x509.CertificateBuilder().subject_name(names).issuer_name(names).public_key(key.public_key())
    built = (
        built.serial_number(1).not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
    )
    known = [x509.DNSName(host) for host in hosts or ("localhost",)]
    built = built.add_extension(x509.SubjectAlternativeName(known), critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (folder / "cert.pem").write_bytes(built.sign(key, SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
