"""A place in a sorted list as an opaque text for a URL, believed only when it fits the list it is used on."""

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from typing import Any

LONGEST = 1_200


@dataclass(frozen=True)
class Place:
    """A row's place: the list it belongs to, the phase, the sorted values, and how many rows come before it."""

    mark: int
    phase: int
    values: tuple[Any, ...]
    before: int


class Nonsense(ValueError):
    """A text that is no place of any list."""


def mark(*parts: object) -> int:
    """Give a number for a list's question, so that a place in another list is not taken for one in this."""
    return zlib.crc32(repr(parts).encode("utf-8", "replace"))


def written(place: Place) -> str:
    """Write a place as URL-safe text."""
    body = json.dumps([place.mark, place.phase, list(place.values), place.before], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(body.encode("utf-8", "surrogatepass"), 9)).decode().rstrip("=")


def read(text: str) -> Place:
    """Read a place back. Raises Nonsense for any other text, however long or deep."""
    if len(text) > LONGEST:
        raise Nonsense
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        body = zlib.decompressobj().decompress(packed, 8 * LONGEST)
        found = json.loads(body)
        made, phase, values, before = found
    except (ValueError, TypeError, zlib.error, binascii.Error, RecursionError) as error:
        raise Nonsense from error
    numbers = (made, phase, before)
    if any(type(number) is not int or not 0 <= number < 2**40 for number in numbers) or not isinstance(values, list):
        raise Nonsense
    return Place(made, phase, tuple(values), before)
