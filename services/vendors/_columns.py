"""Many values of one field at once: most lists hold nothing odd, and to see that costs a tenth of reading each value.

A column is read whole, or not at all (None): then each of its records is looked at alone, by the readers of `_fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from services.vendors import _fields

Column = Sequence[Any]
Reader = Callable[[Any], Any]
_SECURE: Final = ("https://", "https:/0")
"""Between these lie the texts that begin with the first one, and no others."""


def read(reader: Reader, column: Column) -> Column | None:
    """Give what a reader would make of each value, None staying None; None when some must be looked at alone."""
    whole = _WHOLE.get(reader)
    told = [value for value in column if value is not None] if None in column else column
    if not told:
        return column
    made = whole(told) if whole else None
    if made is None or told is column:
        return made
    rest = iter(made)
    return [None if value is None else next(rest) for value in column]


def _of(kind: type, column: Column) -> bool:
    return set(map(type, column)) == {kind}


def _plain(column: Column, longest: int) -> bool:
    """Tell whether all are short texts of visible ASCII at their beginning, and without NUL."""
    if not _of(str, column) or min(column) < "!" or max(map(len, column)) > longest:
        return False
    every = "".join(column)
    return every.isascii() and "\0" not in every


def _texts(column: Column) -> Column | None:
    return column if _plain(column, _fields.LONGEST_TEXT) else None


def _labels(column: Column) -> Column | None:
    return column if _plain(column, _fields.LONGEST_ID) else None


def _links(column: Column) -> Column | None:
    plain = _plain(column, _fields.LONGEST_TEXT)
    return column if plain and min(column) >= _SECURE[0] and max(column) < _SECURE[1] else None


def _counts(column: Column) -> Column | None:
    return column if _of(int, column) and min(column) >= 0 and max(column) <= _fields.LARGEST_COUNT else None


def _identifiers(column: Column) -> Column | None:
    return column if _of(int, column) and min(column) > 0 and max(column) < 2**63 else None


def _flags(column: Column) -> Column | None:
    return column if _of(bool, column) else None


def _rates(column: Column) -> Column | None:
    within = _of(float, column) and all(0.0 <= value <= _fields.LARGEST_RATE for value in column)
    return column if within else None


def _moments(column: Column) -> Column | None:
    if not _of(str, column):
        return None
    try:
        stamps = list(map(datetime.fromisoformat, column))
    except ValueError:
        return None
    if any(stamp.tzinfo is not UTC for stamp in stamps):
        return None
    return stamps if min(stamps).year in _fields.YEARS and max(stamps).year in _fields.YEARS else None


_WHOLE: Final[dict[Reader, Callable[[Column], Column | None]]] = {
    _fields.text: _texts,
    _fields.label: _labels,
    _fields.link: _links,
    _fields.count: _counts,
    _fields.whole_identifier: _identifiers,
    _fields.flag: _flags,
    _fields.engagement: _rates,
    _fields.moment: _moments,
}
