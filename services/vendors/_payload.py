"""Vendor records as frozen values: only the id is required; another bad field is None, kept raw and counted as drift.

This is the hot path of a sync (100,000 records), so a record's keys are looked at once per *layout* (the tuple of its
keys), and each field is read by one plain function.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import repeat
from struct import unpack
from typing import Any, Final, Generic, TypeVar

from services.vendors import _columns
from services.vendors._fields import (
    BAD,
    Impossible,
    count,
    engagement,
    flag,
    identifier,
    label,
    link,
    mapping,
    moment,
    plain,
    rate,
    sample,
    text,
    texts,
    whole_identifier,
    written,
)

__all__ = [
    "BAD",
    "Drift",
    "Impossible",
    "Listing",
    "Reader",
    "RecordReader",
    "Rejected",
    "Shape",
    "Tally",
    "bounded",
    "count",
    "engagement",
    "flag",
    "identifier",
    "label",
    "link",
    "listing",
    "mapping",
    "moment",
    "plain",
    "rate",
    "sample",
    "text",
    "texts",
    "whole_identifier",
    "written",
]

T = TypeVar("T")

_LAYOUTS: Final = 256  # a vendor with more sets of keys than this is read without the short cut
_SAMPLE: Final = 40
_NONE: Final[dict[str, Any]] = {}
_MARK: Final = 8  # bytes
_STRETCH: Final = 1_000
"""Records that are looked at together: one odd record among them has each of them looked at alone."""
_SAME_EVERYWHERE: Final = 2  # the marshal format without references, which differ from one run to the next


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
    """One list of a vendor: values, rejected records, drift, and the token of the next page (None: last).

    `marks` has 64 bits for each value that stand for its record as the vendor wrote it.
    """

    items: tuple[T, ...]
    rejected: tuple[Rejected, ...] = ()
    drift: tuple[Drift, ...] = ()
    more: str | None = None
    marks: tuple[int, ...] = ()


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
    closed: tuple[tuple[str, frozenset[str]], ...]
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
        keys = tuple(raw)
        layout = self._layouts.get(keys) or self._laid_out(keys)
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
        for key, known in layout.closed:
            given = raw[key]
            if type(given) is str and given not in known:
                self._compare(given, key, known)
        extra = self._extra(raw, layout.extra) if layout.extra else _NONE
        return identity, shape.make(identity, *values, layout.told, extra, bad)

    def read_alike(self, rows: Sequence[Any]) -> tuple[Sequence[Any], list[T]] | None:
        """The ids and values of records, as `read` gives them; None unless all have one layout and hold nothing odd."""
        if set(map(type, rows)) != {dict} or len(layouts := set(map(tuple, rows))) != 1:
            return None
        shape, (keys,) = self._shape, layouts
        layout = self._layouts.get(keys) or self._laid_out(keys)
        given = dict(zip(keys, zip(*map(dict.values, rows), strict=True), strict=True))
        ids = _columns.read(shape.read_id, given[shape.id_key]) if layout.id_known and not layout.extra else None
        if ids is None or None in ids or not all(known.issuperset(given[key]) for key, known in layout.closed):
            return None
        columns: list[Iterable[Any]] = [repeat(None)] * len(shape.fields)
        for index, key, reader in layout.reads:
            column = _columns.read(reader, given[key])
            if column is None:
                return None
            columns[index] = column
        return ids, list(map(shape.make, ids, *columns, repeat(layout.told), repeat(_NONE), repeat(_NONE)))

    def _laid_out(self, keys: tuple[str, ...]) -> _Layout:
        shape, present = self._shape, frozenset(keys)
        reads = tuple((i, key, reader) for i, (key, reader) in enumerate(shape.fields) if key in present)
        closed = tuple((key, known) for key, known in shape.closed.items() if key in present)
        expected = {key for key, _ in shape.fields} | {shape.id_key} | shape.known | shape.dropped
        extra = tuple(key for key in keys if key not in expected)
        layout = _Layout(shape.id_key in present, reads, closed, present & expected, extra)
        if len(self._layouts) < _LAYOUTS:
            self._layouts[keys] = layout
        return layout

    def _extra(self, raw: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
        for key in keys:
            self.tally.add(key, "new_field")
        return {key: plain(raw[key]) for key in keys}

    def _refuse(self, bad: dict[str, Any], key: str, given: Any) -> dict[str, Any]:
        shown = sample(given)
        self.tally.add(key, "bad_value", shown[:_SAMPLE])
        return {**bad, key: shown}

    def _compare(self, given: str, key: str, known: frozenset[str]) -> None:
        if given.lower() not in known and given.strip():
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
    marks: dict[Any, int] = {}
    rejected: list[Rejected] = []
    for first in range(0, len(rows), _STRETCH):
        some = rows[first : first + _STRETCH]
        rows[first : first + _STRETCH] = [None] * len(some)
        alike = reader.read_alike(some)
        raws, ids, values = (some, *alike) if alike else _one_by_one(reader, some, first, rejected)
        told = ids if key is None else [key(value) for value in values]
        found.update(zip(told, values, strict=True))
        marks.update(zip(told, _marks(raws, values), strict=True))
    return Listing(tuple(found.values()), tuple(rejected), reader.tally.drift(), more, tuple(marks.values()))


def _one_by_one(
    reader: RecordReader[T], rows: list[Any], first: int, rejected: list[Rejected]
) -> tuple[list[Any], list[Any], list[T]]:
    """The records that can be taken, their ids and their values; the others are added to the rejected ones."""
    raws, ids, values = list[Any](), list[Any](), list[T]()
    for position, raw in enumerate(rows, first):
        try:
            identity, value = reader.read(raw)
        except ValueError as reason:
            rejected.append(Rejected(position, str(reason)))
        else:
            raws.append(raw)
            ids.append(identity)
            values.append(value)
    return raws, ids, values


def _marks(raws: Sequence[Any], values: Sequence[Any]) -> tuple[int, ...]:
    """Give 64 bits for each record that stand for it as it was written: equal ones say the same."""
    try:
        written = [marshal.dumps(raw, _SAME_EVERYWHERE) for raw in raws]
    except ValueError:
        written = [_written(raw, value) for raw, value in zip(raws, values, strict=True)]
    digests = [blake2b(each, digest_size=_MARK).digest() for each in written]
    return unpack(f"<{len(digests)}q", b"".join(digests))


def _written(raw: Any, value: Any) -> bytes:
    try:
        return marshal.dumps(raw, _SAME_EVERYWHERE)
    except ValueError:  # a number that no program holds, or nested beyond reason: what was read of it is bounded
        return repr(value).encode("utf-8", "backslashreplace")


def _safe_name(name: str) -> str:
    return name if name.isidentifier() and len(name) <= 64 else sample(name)[:64]  # noqa: PLR2004 - a field's name


def bounded(names: Iterable[str]) -> frozenset[str]:
    """A closed set of values in lower case."""
    return frozenset(name.lower() for name in names)
