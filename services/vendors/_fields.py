"""One value of a vendor at a time: each reader gives it in our form, or BAD when it is none."""

from __future__ import annotations

import math
import reprlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final

LARGEST_COUNT: Final = 10**11
LARGEST_RATE: Final = 10**6
_COUNT_DIGITS: Final = 12
LONGEST_ID: Final = 512
LONGEST_TEXT: Final = 5_000
YEARS: Final = range(1970, 2201)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS: Final = 10**11  # a larger epoch is in milliseconds (as seconds it would be the year 5138)
_DEEPEST: Final = 20
_RAW: Final = 200
_WEB: Final = ("https://", "http://")


class Impossible(str):
    """A JSON number that no program can hold (NaN, Infinity, thousands of digits), as the vendor wrote it."""

    __slots__ = ()


class Bad:
    """What a reader gives for a value that it refuses."""


BAD: Final = Bad()


def count(value: Any) -> Any:
    """A number of things: whole, at least 0, at most 10**11; digits as text and whole floats are accepted."""
    if type(value) is not int:
        digits = type(value) is str and value.isascii() and value.isdigit() and len(value) <= _COUNT_DIGITS
        if not digits and not (type(value) is float and value.is_integer()):
            return BAD
        value = int(value)
    return value if 0 <= value <= LARGEST_COUNT else BAD


def rate(value: Any) -> Any:
    """A finite number within a million either way; a number as text is accepted."""
    kind = type(value)
    if kind is not float and kind is not int:
        if kind is not str or len(value) > 40 or "_" in value:  # noqa: PLR2004 - no number of ours is longer
            return BAD
        try:
            value = float(value)
        except ValueError:
            return BAD
    return float(value) if -LARGEST_RATE <= value <= LARGEST_RATE else BAD


def engagement(value: Any) -> Any:
    """A share in percent: a rate that is not below 0."""
    if type(value) is float and 0.0 <= value <= LARGEST_RATE:
        return value
    given = rate(value)
    return given if given is BAD or given >= 0 else BAD


def clean(value: Any) -> Any:
    """A text without NUL, also an empty one; one with half a surrogate pair (undecodable bytes) is refused."""
    if type(value) is not str:
        return BAD
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return BAD
    return value.replace("\0", "")


def written(value: Any) -> Any:
    """A text of any length, also an empty one; a whole number is accepted as its digits."""
    return str(value) if type(value) is int and abs(value) < 10**30 else clean(value)


def text(value: Any) -> Any:
    """A text of at most 5,000 characters; an empty or blank one is missing (None)."""
    if type(value) is str and len(value) <= LONGEST_TEXT and value >= "!" and value.isascii() and "\0" not in value:
        return value
    return _filled(clean(value), LONGEST_TEXT)


def label(value: Any) -> Any:
    """A handle or a foreign id of at most 512 characters, or a whole number as its digits; a blank one is missing."""
    if type(value) is str and len(value) <= LONGEST_ID and value >= "!" and value.isascii() and "\0" not in value:
        return value
    return _filled(written(value), LONGEST_ID)


def link(value: Any) -> Any:
    """A web address (http or https); a blank one is missing."""
    if type(value) is str and value.startswith(_WEB) and len(value) <= LONGEST_TEXT and value.isascii():
        return value if "\0" not in value else value.replace("\0", "")
    given = text(value)
    return given if given is None or given is BAD or given[:8].lower().startswith(_WEB) else BAD


def _filled(given: Any, longest: int) -> Any:
    if given is BAD or not given.strip():
        return given if given is BAD else None
    return given if len(given) <= longest else BAD


def identifier(value: Any) -> Any:
    """A required id as text: not empty, at most 512 characters, or a whole number."""
    given = label(value)
    return BAD if given is None else given


def whole_identifier(value: Any) -> Any:
    """A required id that is a whole number above 0 (digits as text are accepted)."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 19:  # noqa: PLR2004 - below 2**63
        value = int(value)
    return value if type(value) is int and 0 < value < 2**63 else BAD


def flag(value: Any) -> Any:
    """True or false, also as the words."""
    if type(value) is bool:
        return value
    if type(value) is str:
        return {"true": True, "false": False}.get(value.strip().lower(), BAD)
    return BAD


def moment(value: Any) -> Any:
    """A moment as aware UTC: ISO 8601 (no zone means UTC) or an epoch in seconds or milliseconds; 1970 to 2200."""
    try:
        if type(value) is str:
            stamp = datetime.fromisoformat(value)
        elif type(value) in (int, float) and value >= 0:
            seconds = value / 1000 if value > _MILLISECONDS else value
            stamp = _EPOCH + timedelta(seconds=seconds)
        else:
            return BAD
        stamp = stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return BAD
    return stamp if stamp.year in YEARS else BAD


def mapping(value: Any) -> Any:
    """An object, cleaned of what no database or chart can hold."""
    return plain(value) if type(value) is dict else BAD


def texts(value: Any) -> Any:
    """A list of texts; one text alone is a list of one, anything unusable in it is left out."""
    given = value if type(value) is list else [value]
    return tuple(part for part in map(written, given) if part is not BAD)


def plain(value: Any, depth: int = 0) -> Any:
    """JSON that every database and chart can hold: no NaN, no half surrogates, no NUL, at most 20 levels."""
    kind = type(value)
    if kind is str:
        cleaned = clean(value)
        return sample(value) if cleaned is BAD else cleaned
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is dict or kind is list:
        if depth >= _DEEPEST:
            return None
        if kind is list:
            return [plain(part, depth + 1) for part in value]
        return {plain(key): plain(part, depth + 1) for key, part in value.items()}
    return None if kind is Impossible or (kind is int and abs(value) >= 2**63) else value


def sample(value: Any) -> str:
    """A short, printable form of a raw value, at most 200 characters."""
    shown = _short.repr(value[:_RAW] if isinstance(value, str) else value)
    return shown.encode("ascii", "backslashreplace").decode()[:_RAW]


_short = reprlib.Repr()
_short.maxstring = _short.maxlong = _short.maxother = _RAW
_short.maxlevel = 3
