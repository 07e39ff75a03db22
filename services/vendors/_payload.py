"""Vendor records as frozen values: only the id is required; another bad field is None, kept raw and counted as drift.

This is the hot path of a sync (100,000 records), so a record's keys are looked at once per *layout* (the tuple of its
keys), and each field is read by one plain function.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

LARGEST_COUNT: Final = 10**11
LARGEST_RATE: Final = 10**6
_COUNT_DIGITS: Final = 12
LONGEST_ID: Final = 512
_YEARS: Final = range(1970, 2201)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS: Final = 10**11  # a larger epoch is in milliseconds (as seconds it would be the year 5138)
_LAYOUTS: Final = 256  # a vendor with more sets of keys than this is read without the short cut
_DEEPEST: Final = 20
_SAMPLE, _RAW = 40, 200
_NONE: Final[dict[str, Any]] = {}


class Impossible(str):
    """A JSON number that no program can hold (NaN, Infinity, thousands of digits), as the vendor wrote it."""

    __slots__ = ()


class Bad:
    """What a reader gives for a value that it refuses."""


BAD: Final = Bad()
Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Drift:
    """Where records differ from the contract: field, kind (new_field, new_value, bad_value), count, short sample."""

    field: str
    kind: str
    count: int
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One record that could not be taken: its position in the list and why (never its data)."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One list of a vendor: values, rejected records, drift, and the token of the next page (None: last)."""

    items: tuple[T, ...]
    rejected: tuple[Rejected, ...] = ()
    drift: tuple[Drift, ...] = ()
    more: str | None = None


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """How a record is read: its id key, its fields (attribute, key, reader), and closed sets of values.

    `make` is called with the id, then each field in order, then told, extra and bad. `closed` maps a key to its known
    values in lower case. `known` names further keys that are no drift, `dropped` those that are not even kept.
    """

    make: Callable[..., T]
    id_key: str
    read_id: Reader
    fields: tuple[tuple[str, Reader], ...]
    closed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()


class Tally:
    """Counts drift while a list is read."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], list[Any]] = {}

    def add(self, name: str, kind: str, sample: str = "", count: int = 1) -> None:
        """Count one deviation of a field."""
        entry = self._counts.setdefault((_safe_name(name), kind), [0, sample])
        entry[0] += count

    def drift(self) -> tuple[Drift, ...]:
        """All that was counted."""
        return tuple(Drift(name, kind, count, sample) for (name, kind), (count, sample) in self._counts.items())


@dataclass(frozen=True, slots=True)
class _Layout:
    id_known: bool
    reads: tuple[tuple[int, str, Reader], ...]
    told: frozenset[str]
    extra: tuple[str, ...]


class RecordReader(Generic[T]):
    """Reads records of one shape and counts their drift."""

    def __init__(self, shape: Shape[T], tally: Tally | None = None) -> None:
        self.tally = tally or Tally()
        self._shape = shape
        self._layouts: dict[tuple[str, ...], _Layout] = {}
        self._blank: list[Any] = [None] * len(shape.fields)

    def read(self, raw: Any) -> tuple[str | int, T]:
        """A record's id and its value.

        Raises:
            ValueError: it is no object, or its id is missing or unusable (the sentence holds none of its data).
        """
        shape = self._shape
        if type(raw) is not dict:
            raise ValueError("it is no JSON object")
        layout = self._layout(tuple(raw))
        identity = shape.read_id(raw[shape.id_key]) if layout.id_known else None
        if identity is None or identity is BAD:
            raise ValueError(f"its '{shape.id_key}' is missing or unusable")
        values = self._blank.copy()
        bad = _NONE
        for index, key, reader in layout.reads:
            given = raw[key]
            if given is None:
                continue
            value = reader(given)
            if value is BAD:
                bad = self._refuse(bad, key, given)
            else:
                values[index] = value
        for key, known in shape.closed.items():
            self._compare(raw.get(key), key, known)
        extra = {key: plain(raw[key]) for key in layout.extra} if layout.extra else _NONE
        return identity, shape.make(identity, *values, layout.told, extra, bad)

    def _layout(self, keys: tuple[str, ...]) -> _Layout:
        layout = self._layouts.get(keys)
        if layout is None:
            layout = self._laid_out(keys)
            if len(self._layouts) < _LAYOUTS:
                self._layouts[keys] = layout
        for key in layout.extra:
            self.tally.add(key, "new_field")
        return layout

    def _laid_out(self, keys: tuple[str, ...]) -> _Layout:
        shape, present = self._shape, frozenset(keys)
        reads = tuple((i, key, reader) for i, (key, reader) in enumerate(shape.fields) if key in present)
        expected = {key for key, _ in shape.fields} | {shape.id_key} | shape.known | shape.dropped
        extra = tuple(key for key in keys if key not in expected)
        return _Layout(shape.id_key in present, reads, present & expected, extra)

    def _refuse(self, bad: dict[str, Any], key: str, given: Any) -> dict[str, Any]:
        shown = sample(given)
        self.tally.add(key, "bad_value", shown[:_SAMPLE])
        return {**bad, key: shown}

    def _compare(self, given: Any, key: str, known: frozenset[str]) -> None:
        if type(given) is str and given not in known and given.lower() not in known:
            self.tally.add(key, "new_value", sample(given)[:_SAMPLE])


def listing(
    rows: list[Any], shape: Shape[T], *, more: str | None = None, key: Callable[[T], Any] | None = None
) -> Listing[T]:
    """The values of a list of records; of records with the same id the last one stays. Empties `rows` while reading.

    Args:
        rows: the records as decoded; each is let go once read, so that both forms are not in memory at once.
        shape: how to read them.
        more: the next page's token, passed through.
        key: what tells records apart, when it is not their id.
    """
    reader = RecordReader(shape)
    found: dict[Any, T] = {}
    rejected: list[Rejected] = []
    for position, raw in enumerate(rows):
        try:
            identity, value = reader.read(raw)
        except ValueError as reason:
            rejected.append(Rejected(position, str(reason)))
        else:
            found[identity if key is None else key(value)] = value
        rows[position] = None
    return Listing(tuple(found.values()), tuple(rejected), reader.tally.drift(), more)


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


def text(value: Any) -> Any:
    """A text without NUL; one with half a surrogate pair (undecodable bytes) is refused."""
    if type(value) is not str:
        return BAD
    if value.isascii():
        return value.replace("\0", "") if "\0" in value else value
    try:
        value.encode()
    except UnicodeEncodeError:
        return BAD
    return value.replace("\0", "")


def label(value: Any) -> Any:
    """A text; a whole number is accepted as its digits (foreign ids come either way)."""
    return str(value) if type(value) is int and abs(value) < 10**30 else text(value)


def identifier(value: Any) -> Any:
    """A required id as text: not empty, at most 512 characters, or a whole number."""
    given = label(value)
    return given if given is not BAD and len(given.strip()) > 0 and len(given) <= LONGEST_ID else BAD


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
    return stamp if stamp.year in _YEARS else BAD


def mapping(value: Any) -> Any:
    """An object, cleaned of what no database or chart can hold."""
    return plain(value) if type(value) is dict else BAD


def texts(value: Any) -> Any:
    """A list of texts; one text alone is a list of one, anything unusable in it is left out."""
    given = value if type(value) is list else [value]
    return tuple(part for part in map(label, given) if part is not BAD)


def plain(value: Any, depth: int = 0) -> Any:
    """JSON that every database and chart can hold: no NaN, no half surrogates, no NUL, at most 20 levels."""
    kind = type(value)
    if kind is str:
        cleaned = text(value)
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


def _safe_name(name: str) -> str:
    return name if name.isidentifier() and len(name) <= 64 else sample(name)[:64]  # noqa: PLR2004 - a field's name


def bounded(names: Iterable[str]) -> frozenset[str]:
    """A closed set of values in lower case."""
    return frozenset(name.lower() for name in names)
