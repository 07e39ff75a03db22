"""What the pretended vendors share: the world, the clock, the options, and small tools."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox.clock import Clock
from services.sandbox.courier import Courier
from services.sandbox.world import World

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Kit:
    """The shared parts of one sandbox."""

    world: World
    clock: Clock
    courier: Courier
    rate_limits: bool = True
    network_limit: int = 1000
    review: timedelta = timedelta(seconds=20)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))


class Vendor(Protocol):
    """One pretended vendor: its routes, its credentials, and how it refuses whoever asks too often."""

    @property
    def name(self) -> str:
        """The vendor's name, which is its path under `/sandbox/`."""
        ...

    @property
    def credential_headers(self) -> tuple[str, ...]:
        """The headers that carry its credentials, in lower case."""
        ...

    def routes(self) -> list[Route]:
        """The vendor's own paths, without a prefix."""
        ...

    def recognises(self, header: str, value: str) -> bool:
        """Whether a credential is the right one (for the log)."""
        ...

    def limited(self, request: Request) -> Response | None:
        """The refusal when too much was asked, else None."""
        ...

    def rate_headers(self) -> Mapping[str, str]:
        """Headers about the rate limit that every answer carries."""
        ...


def content_type(request: Request) -> str:
    """The media type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def json_object(request: Request) -> dict[str, Any] | None:
    """The JSON object in the body, or None when it is none."""
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


async def form(request: Request) -> dict[str, str]:
    """The form in the body; of a repeated field the last value counts."""
    text = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True))


def bearer(request: Request, header: str = "authorization") -> str | None:
    """The token of a `Bearer` header; None when the header is missing, empty when it is no Bearer."""
    told = request.headers.get(header)
    if told is None:
        return None
    scheme, _, token = told.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def origin(request: Request) -> str:
    """Where this sandbox answers, as the caller sees it: scheme, host and port."""
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"


def count_of(text: Any) -> int | None:
    """A non-negative whole number, written as a number or as ASCII digits; None for anything else."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return text if text >= 0 else None
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 18:  # noqa: PLR2004 - 64 bits
        return int(text)
    return None


def is_http_url(text: Any) -> bool:
    """Whether a text is an absolute http or https address with a host."""
    if not isinstance(text, str) or any(mark in text for mark in " \t\r\n<>\"'"):
        return False
    scheme, mark, rest = text.partition("://")
    return bool(mark) and scheme in {"http", "https"} and bool(rest.strip("/"))
