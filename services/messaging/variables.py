"""Variables of a message, `{{first_name}}`: filled from the recipient, in texts and behind the hosts of addresses.

A value is text. It is put in once and never looked at again, so that it can't be a variable itself; within an address
it is percent-encoded, so that it can't change where that leads.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from data.models import Recipient

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VARIABLE = re.compile(rf"\{{\{{\s*({NAME.pattern})\s*\}}\}}")
_BRACES = re.compile(r"\{\{[^{}]*\}\}")
_HEAD = re.compile(r"[^/?#]*(?://[^/?#]*)?")
_ADDRESSES = frozenset({"url", "imageurl"})
_FIXED = frozenset({
    "type", "contenttype", "templatetype", "notificationtype", "messagingtype", "correlationid", "from", "to",
    "callbackurl",
})  # fmt: skip
_DEEPEST = 8
"""Levels of a body that are looked into: the document's has five."""


class Gap(NamedTuple):
    """A variable that has no value: where it stands, and its name."""

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A body with its variables filled; a variable without a value is left as it stands."""

    body: dict[str, Any]
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Name each variable without a value once."""
        return tuple(dict.fromkeys(gap.name for gap in self.gaps))


def values_of(recipient: Recipient) -> dict[str, str]:
    """Give the variables of a recipient that have a value, as text."""
    found = {name: _written(value) for name, value in recipient.variables.items()}
    return {name: value for name, value in found.items() if value.strip()}


def fill(body: Mapping[str, Any], values: Mapping[str, str]) -> Filled:
    """Fill the variables of a body."""
    gaps: list[Gap] = []

    def put(field: str, text: str, encode: Callable[[str], str]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name not in values:
                gaps.append(Gap(field, name))
                return match[0]
            return encode(values[name])

        return _VARIABLE.sub(value, text)

    filled = {key: _put_in(str(key), key, value, put, _DEEPEST) for key, value in body.items()}
    return Filled(filled, tuple(gaps))


def used(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Name each variable of a body once, in the order in which they stand."""
    return fill(body, {}).missing


def malformed(body: Mapping[str, Any]) -> tuple[Gap, ...]:
    """Find what looks like a variable and is none, such as `{{first name}}`: where it stands, and the whole of it."""
    found: list[Gap] = []

    def look(field: str, text: str, _encode: Callable[[str], str]) -> str:
        words = (match[0] for match in _BRACES.finditer(text))
        found.extend(Gap(field, each) for each in words if not _VARIABLE.fullmatch(each))
        return text

    for key, value in body.items():
        _put_in(str(key), key, value, look, _DEEPEST)
    return tuple(found)


_Put = Callable[[str, str, Callable[[str], str]], str]


def _put_in(at: str, name: str, value: Any, put: _Put, levels: int) -> Any:
    """Fill a value of any kind; `name` is what it is called where it stands, `at` the whole way to it."""
    if levels and isinstance(value, dict):
        return {key: _put_in(f"{at}.{key}", key, each, put, levels - 1) for key, each in value.items()}
    if levels and isinstance(value, list):
        return [_put_in(f"{at}[{index}]", name, each, put, levels - 1) for index, each in enumerate(value)]
    if not isinstance(value, str) or _plain(name) in _FIXED:
        return value
    if _plain(name) in _ADDRESSES:
        return _in_address(at, value, put)
    return put(at, value, str)


def _in_address(at: str, url: str, put: _Put) -> str:
    """Fill what follows the host: where an address leads is never a variable's to say."""
    head = _HEAD.match(url)
    end = head.end() if head else 0
    return url[:end] + put(at, url[end:], lambda value: quote(value, safe="", errors="replace"))


def _plain(name: Any) -> str:
    return str(name).replace("_", "").lower()


def _written(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
