"""The addresses that we hand out for callbacks: each carries a signed text that says whom it is for."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
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
    text = f"{source.id}:{reference}"
    body = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return f"{desk.settings.public_url}{PATH}/{body}.{desk.vault.signature(text, purpose=_PURPOSE)}"


def opened(desk: Desk, token: str) -> Told | None:
    """Read whom a callback is for; None for a token that is not ours, in the same time whatever is wrong with it."""
    body, _, signature = token[:LONGEST].partition(".")
    text = _decoded(body)
    wanted = desk.vault.signature(text, purpose=_PURPOSE)
    if not hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace")):
        return None
    number, _, reference = text.partition(":")
    return Told(int(number), reference)


def _decoded(body: str) -> str:
    try:
        return urlsafe_b64decode(body.encode("ascii", "replace") + b"=" * (-len(body) % 4)).decode("utf-8", "replace")
    except Error:
        return ""
