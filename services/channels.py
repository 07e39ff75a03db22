"""Where incidents are told: a web address, a mail server and its recipients, checked before anything is sent there."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from services.vendors._address import is_loopback

PORTS = {"smtp": 587, "smtps": 465}
_MOST_RECIPIENTS, _LONGEST = 20, 254


@dataclass(frozen=True)
class Hook:
    """A web address that takes messages; only its host is ever shown, the rest may be a secret."""

    url: str = field(repr=False)
    host: str
    port: int
    tls: bool

    @property
    def target(self) -> str:
        """Give what follows the host: the path and the query."""
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


@dataclass(frozen=True)
class MailServer:
    """A mail server, how to sign in there, and who the sender is (None: the first recipient)."""

    host: str
    port: int
    tls: Literal["at once", "asked for"]
    user: str
    password: str = field(repr=False)
    sender: str | None


def hook(url: str) -> Hook:
    """Read the address of a web hook: https, or http for this machine itself. Raises ValueError with a sentence."""
    parts, port = _parts(url, {"http", "https"}, "must be an address like https://hooks.example.com/…")
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("must hold no user, password or fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must use https: plain http is accepted for this machine's own addresses only")
    return Hook(url.strip(), host, port or (443 if parts.scheme == "https" else 80), parts.scheme == "https")


def mail_server(url: str) -> MailServer:
    """Read `smtp://user:password@host:587` or `smtps://…`, with `?from=` for the sender. Raises ValueError."""
    parts, port = _parts(url, set(PORTS), "must be an address like smtp://user:password@mail.example.com:587")
    asked = parse_qs(parts.query, keep_blank_values=True)
    if parts.path not in {"", "/"} or parts.fragment or set(asked) - {"from"}:
        raise ValueError("must end after the port, but for ?from=sender@example.com")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isprintable() or bool(user) != bool(password):
        raise ValueError("must hold a user and a password, percent-encoded where they hold signs, or neither")
    told = asked["from"][0] if "from" in asked else user if "@" in user else None
    sender = _address(told) if told is not None else None
    tls: Literal["at once", "asked for"] = "at once" if parts.scheme == "smtps" else "asked for"
    return MailServer(parts.hostname or "", port or PORTS[parts.scheme], tls, user, password, sender)


def recipients(text: str) -> tuple[str, ...]:
    """Read e-mail addresses, separated by commas. Raises ValueError with a sentence."""
    found = tuple(dict.fromkeys(_address(part.strip()) for part in text.split(",") if part.strip()))
    if not found or len(found) > _MOST_RECIPIENTS:
        raise ValueError(f"must be 1 to {_MOST_RECIPIENTS} e-mail addresses, separated by commas")
    return found


def _address(text: str) -> str:
    name, _, domain = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;:<>()[]"\\')
    if not (name and domain and plain) or len(text) > _LONGEST or "@" in name or domain.startswith("."):
        raise ValueError("must hold e-mail addresses like ops@example.com")
    return text


def _parts(url: str, schemes: set[str], otherwise: str) -> tuple[SplitResult, int | None]:
    """Take an address apart; its text is not repeated in an error, it may hold a password."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise ValueError(otherwise) from None
    good = url.strip().isascii() and url.strip().isprintable() and not set(url.strip()) & set(' \\"<>')
    if parts.scheme not in schemes or not parts.hostname or not good:
        raise ValueError(otherwise)
    return parts, port
