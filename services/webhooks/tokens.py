"""The addresses that we hand out for callbacks: each carries a signed text that says whom it is for."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from data.models import Source
from services.desk import Desk

PATH = "/hooks/imiconnect"
LONGEST = 512
_PURPOSE = "callbacks"


class Told(NamedTuple):
    """Whom a callback is for: the source that asked for it, and what it asked it about."""

    source_id: int
    reference: str


def callback_url(desk: Desk, source: Source, reference: str) -> str:
    """Give the address at which imiconnect tells what became of one message; `reference` is our own name of it."""
    body = urlsafe_b64encode(f"{source.id}:{reference}".encode()).decode().rstrip("=")
    return f"{desk.settings.public_url}{PATH}/{body}.{desk.vault.signature(body, purpose=_PURPOSE)}"


def opened(desk: Desk, token: str) -> Told | None:
    """Read whom a callback is for; None for a token that is not ours, of which nothing is read."""
    body, _, signature = token[:LONGEST].partition(".")
    wanted = desk.vault.signature(body, purpose=_PURPOSE)
    if not hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace")):
        return None
    number, _, reference = urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode().partition(":")
    return Told(int(number), reference)
