"""Where the pretended vendors answer: in this server, in another one on this machine, or started for one command."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from data.types import Vendor
from services import sandbox
from services.failures import Failure

_PATIENCE: Final = 5.0


@dataclass
class _Place:
    origin: str | None = None


_place = _Place()


def answer_at(origin: str) -> None:
    """Say at which origin the sandbox answers this process."""
    _place.origin = origin.rstrip("/")


def address(vendor: Vendor) -> str:
    """Give the base URL of a pretended vendor. Raises Failure when no sandbox was started."""
    if _place.origin is None:
        raise Failure("sandbox", "The sandbox is not running.", "Start Patchbay, or `python -m services sandbox`.")
    return f"{_place.origin}/sandbox/{vendor.value}"


def credentials(vendor: Vendor) -> Mapping[str, str]:
    """Give the obviously fake credentials that a pretended vendor accepts."""
    found: Mapping[str, str] = sandbox.credentials()[vendor.value]
    return found


@contextmanager
def reachable(public_url: str) -> Iterator[str]:
    """Use the sandbox of a running server, or start one on a free port for the length of this block."""
    before = _place.origin
    try:
        if _answers(public_url):
            answer_at(public_url)
            yield public_url
            return
        with sandbox.serve(sandbox.Sandbox()) as origin:
            answer_at(origin)
            yield origin
    finally:
        _place.origin = before


def steer(what: str, wish: Mapping[str, Any]) -> None:
    """Tell the pretended vendors what to do, by their control routes. Raises Failure when they don't take it."""
    parts = urlsplit(address(Vendor.IMICONNECT))
    link = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_PATIENCE)
    try:
        link.request("POST", f"/sandbox/_control/{what}", json.dumps(wish), {"Content-Type": "application/json"})
        taken = link.getresponse().status == http.HTTPStatus.CREATED
    except (OSError, http.client.HTTPException, ValueError):
        taken = False
    finally:
        link.close()
    if not taken:
        raise Failure("sandbox", "The sandbox did not take that.", "See that Patchbay runs in sandbox mode.")


def _answers(origin: str) -> bool:
    parts = urlsplit(origin)
    if parts.scheme != "http" or parts.hostname is None:
        return False
    link = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=1.0)
    try:
        link.request("GET", "/sandbox/_control/clock")
        return link.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
