"""What leaves by itself, within a deadline, and to no other place than meant.

A message to a web hook or by e-mail; and the question for an image of the phone preview.
"""

import contextlib
import http.client
import ipaddress
import json
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from email.policy import SMTP as LINES
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from services.channels import Hook, MailServer
from services.vendors._address import is_loopback, is_public
from services.vendors._wire import Deadline

STEP, WHOLE = 4.0, 7.0
"""Seconds for one step of a talk, and for all of it: less than the jobs are given to end."""
_POLICY = LINES.clone(cte_type="7bit")
_OK, _MULTIPLE = 200, 300
_REDIRECT = range(300, 400)
_MOST_REDIRECTS = 3
_CHUNK = 64 * 1024
_SAFE = "/%:@!$&'()*+,;=~?"
_HTTPS = 443
_TAKEN = 250
_TO_ANOTHER_SERVER = 251


class NotSent(Exception):
    """A message did not go: a sentence without any secret; `perhaps` says that it may have arrived all the same."""

    def __init__(self, message: str, *, perhaps: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.perhaps = perhaps


class NotFetched(Exception):
    """Something was not fetched: a sentence for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def post(hook: Hook, body: Mapping[str, Any], *, delivery: str) -> None:
    """Send JSON to a web hook; anything but a 2xx is NotSent. `delivery` names it for a receiver that gets it twice."""
    content = json.dumps(body, ensure_ascii=True, allow_nan=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Patchbay", "Idempotency-Key": delivery}
    with _hook(hook) as talk, _told(hook.host, perhaps=True):
        talk.request("POST", hook.target, content, headers)
        status = talk.getresponse().status
    if status in _REDIRECT:
        raise NotSent(f"{hook.host} answers with a redirect (HTTP {status}), which is not followed.")
    if not _OK <= status < _MULTIPLE:
        raise NotSent(f"{hook.host} answers with HTTP {status}.")


def reach(hook: Hook) -> None:
    """Connect to a web hook's host and leave again without a word; raises NotSent when that can't be done."""
    with _hook(hook):
        pass


def mail(server: MailServer, to: tuple[str, ...], subject: str, text: str, *, message_id: str) -> None:
    """Send an e-mail; when nobody of the recipients is taken, or the server may or may not have it, it is NotSent."""
    letter = EmailMessage(policy=_POLICY)
    sender = server.sender or to[0]
    letter["From"], letter["To"], letter["Subject"] = sender, ", ".join(to), subject
    letter["Message-ID"], letter["Auto-Submitted"] = f"<{message_id}>", "auto-generated"
    letter.set_content(text)
    with _mailbox(server) as talk:
        with _told(server.host):
            taken = talk.mail(sender)[0] == _TAKEN
            codes = [talk.rcpt(each)[0] for each in to] if taken else []
        if not any(code in {_TAKEN, _TO_ANOTHER_SERVER} for code in codes):
            who = "every recipient" if taken else "the sender"
            raise NotSent(f"{server.host} refuses {who}.")
        with _told(server.host, perhaps=True):
            code, _ = talk.data(letter.as_bytes())
    if code != _TAKEN:
        raise NotSent(f"{server.host} refuses the message ({code}).")


def sign_in(server: MailServer) -> None:
    """Sign in to a mail server and leave again; raises NotSent when that can't be done."""
    with _mailbox(server):
        pass


def fetch(url: str, *, may: Callable[[str], bool], largest: int, longest: float) -> bytes:
    """Fetch a file over https from an address that may be, and after a redirect too. Raises NotFetched.

    The host is looked up once, each address judged, and that very one connected to: a name that leads elsewhere a
    moment later leads nowhere. All of it, up to three redirects, takes `longest` seconds and holds `largest` bytes.
    """
    deadline = Deadline(longest)
    try:
        with deadline.watching():
            for _ in range(_MOST_REDIRECTS + 1):
                if not may(url):
                    raise NotFetched("The address leads to no public https host.")
                found = _asked(url, deadline, largest)
                if isinstance(found, bytes):
                    return found
                url = urljoin(url, found)
    except (NotSent, ValueError) as failure:
        message = failure.message if isinstance(failure, NotSent) else "It is redirected to what is no address."
        raise NotFetched("It did not come in time." if deadline.passed else message) from failure
    raise NotFetched("It is redirected too often.")


def _asked(url: str, deadline: Deadline, largest: int) -> bytes | str:
    """Ask one host: the content, or where it says that it is. Raises NotFetched or NotSent."""
    parts = urlsplit(url)
    host, port = (parts.hostname or "").encode("idna").decode(), parts.port or _HTTPS
    with _told(host):
        context = ssl.create_default_context()
        talk = http.client.HTTPSConnection(host, port, timeout=STEP, context=context)
        talk.sock = context.wrap_socket(_connected(host, port, deadline), server_hostname=host)
        with contextlib.closing(talk):
            talk.request("GET", _target(parts.path, parts.query), headers={"User-Agent": "Patchbay"})
            with contextlib.closing(talk.getresponse()) as answer:
                if answer.status in _REDIRECT and (to := answer.headers.get("Location")):
                    return str(to)
                if answer.status != _OK:
                    raise NotFetched(f"{host} answers with HTTP {answer.status}.")
                return _content(answer, deadline, largest)


def _target(path: str, query: str) -> str:
    """Give what a request asks for; letters of other alphabets are encoded, what is encoded stays."""
    asked = quote(path or "/", safe=_SAFE)
    return f"{asked}?{quote(query, safe=_SAFE)}" if query else asked


def _content(answer: http.client.HTTPResponse, deadline: Deadline, largest: int) -> bytes:
    """Read an answer whole. Raises NotFetched when it is too large, or was cut."""
    content = bytearray()
    while (answer.length or 0) + len(content) <= largest and (piece := answer.read(_CHUNK)):
        content += piece
    if len(content) + (answer.length or 0) > largest:
        raise NotFetched(f"It is larger than {largest // (1024 * 1024)} MB.")
    if answer.length or deadline.passed:
        raise NotFetched("It broke off.")
    return bytes(content)


@contextlib.contextmanager
def _hook(hook: Hook) -> Iterator[http.client.HTTPConnection]:
    deadline = Deadline(WHOLE)
    with deadline.watching():
        with _told(hook.host):
            line = _connected(hook.host, hook.port, deadline)
            context = ssl.create_default_context() if hook.tls else None
            host = hook.host.encode("idna").decode()
            talk = http.client.HTTPConnection(host, hook.port, timeout=STEP)
            talk.sock = context.wrap_socket(line, server_hostname=host) if context else line
        with contextlib.closing(talk):
            yield talk


def _connected(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to an address that may be: looked up once, judged, and that very one connected to."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [place[4] for place in found if _may_be(host, str(place[4][0]))]
    if not allowed:
        raise NotSent(f"{host} is an address inside a private network, where nothing is sent.")
    line = socket.create_connection((str(allowed[0][0]), port), STEP)
    deadline.watch(line)
    return line


def _may_be(host: str, address: str) -> bool:
    """Tell whether a host may be at an address: this machine by its own name only, anything else in the open."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback if is_loopback(host) else is_public(address)


class _Mail(smtplib.SMTP):
    """A talk with a mail server whose socket is cut at the deadline, however slowly it drips."""

    def __init__(self, server: MailServer, deadline: Deadline) -> None:
        self._deadline = deadline
        self._at_once = ssl.create_default_context() if server.tls == "at once" else None
        super().__init__(server.host, server.port, timeout=STEP)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = socket.create_connection((host, port), timeout)
        self._deadline.watch(line)
        return self._at_once.wrap_socket(line, server_hostname=host) if self._at_once else line


@contextlib.contextmanager
def _mailbox(server: MailServer) -> Iterator[_Mail]:
    deadline = Deadline(WHOLE)
    with deadline.watching():
        with _told(server.host):
            talk = _Mail(server, deadline)
        with contextlib.closing(talk):
            with _told(server.host):
                _open(talk, server)
            yield talk
            with contextlib.suppress(smtplib.SMTPException, OSError):  # it has the message, or has refused it
                talk.quit()


def _open(talk: _Mail, server: MailServer) -> None:
    """Agree on a secret line and sign in; a password never travels in the open, but on this machine itself."""
    talk.ehlo_or_helo_if_needed()
    near = server.tls == "at once" or is_loopback(server.host)
    if not near and talk.has_extn("starttls"):
        talk.starttls(context=ssl.create_default_context())
    elif not near and server.password:
        raise NotSent(f"{server.host} offers no encryption, and a password is not sent in the open.")
    if server.user:
        talk.login(server.user, server.password)


@contextlib.contextmanager
def _told(host: str, *, perhaps: bool = False) -> Iterator[None]:
    """Turn what goes wrong into a sentence: a server's own words are left out, they may repeat what it was told."""
    try:
        yield
    except smtplib.SMTPServerDisconnected as error:
        raise NotSent(f"{host} ended the talk.", perhaps=perhaps) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{host} refuses {_refused(error)} ({error.smtp_code}).") from None
    except smtplib.SMTPException as error:
        raise NotSent(f"{host} does not speak as a mail server should.", perhaps=perhaps) from error
    except ssl.SSLError as error:
        raise NotSent(f"The certificate or the TLS of {host} is not acceptable.", perhaps=perhaps) from error
    except socket.gaierror as error:
        raise NotSent(f"The name {host} does not resolve.") from error
    except TimeoutError as error:
        raise NotSent(f"{host} did not answer in time.", perhaps=perhaps) from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise NotSent(f"{host} can't be reached, or broke off.", perhaps=perhaps) from error


def _refused(error: smtplib.SMTPResponseException) -> str:
    return "the sign-in" if isinstance(error, smtplib.SMTPAuthenticationError) else "to talk"
