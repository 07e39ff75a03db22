"""Rows as a file, a piece at a time: CSV that no spreadsheet takes for a formula, JSON lines, Parquet with its types.

CSV is RFC 4180: CRLF, quotes doubled, a cell with a comma, a quote or a line break in quotes, and nothing for a missing
value. A byte order mark is for people: Excel takes a file without one for the system's own encoding, while programs
take it for a part of the first column's name. So a download has it, and a file that the command writes has none.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from data.queries.export import COLUMNS, Columns, Holds

BOM = b"\xef\xbb\xbf"
GUARD = "'"
ROW_GROUP = 10_000
"""Rows that a Parquet file keeps together, about: more make it smaller, and need as much memory while it is written."""
_BLANKS = "".join(
    map(chr, [*range(0x21), *range(0x7F, 0xA1), 0x1680, 0x180E, *range(0x2000, 0x2010), *range(0x2028, 0x2030)])
) + "".join(map(chr, [*range(0x205F, 0x2070), 0xAD, 0x3000, 0xFEFF]))
_SIGNS = "=+-@|\uff1d\uff0b\uff0d\uff20\uff5c"  # the last five: their full-width forms
_STARTS = frozenset(_BLANKS + _SIGNS)
_FORMULA = re.compile(f"[\t\r\n]|[{re.escape(_BLANKS)}]*[{re.escape(_SIGNS)}]")
_WORDS = {True: "true", False: "false"}


def harmless(cell: str | None) -> str | None:
    """Give a text cell with a leading ' when a spreadsheet could take it for a formula, also after blanks."""
    return GUARD + cell if cell and _FORMULA.match(cell) else cell


def as_csv(
    stretches: Iterable[Columns], kinds: Mapping[str, Holds] = COLUMNS, *, mark: bool = False
) -> Iterator[bytes]:
    """Give a CSV file in pieces, the names of the columns first; with `mark`, a byte order mark before them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(kinds)
    yield (BOM if mark else b"") + _taken(text)
    for columns in stretches:
        shown = [_CELLS.get(holds, list)(column) for holds, column in zip(kinds.values(), columns, strict=False)]
        writer.writerows(zip(*shown, strict=True))
        yield _taken(text)


def as_json_lines(stretches: Iterable[Columns], kinds: Mapping[str, Holds]) -> Iterator[bytes]:
    """Give a file of one JSON object a line, in pieces; a missing value is null."""
    for columns in stretches:
        rows = (dict(zip(kinds, row, strict=True)) for row in zip(*columns, strict=True))
        yield "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode("utf-8", "replace")


def as_parquet(stretches: Iterable[Columns], kinds: Mapping[str, Holds] = COLUMNS) -> Iterator[bytes]:
    """Give a Parquet file in pieces; a missing value is null, an instant a timestamp in UTC."""
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 (slow to import, and a CSV needs none of it)
    from pyarrow import parquet  # noqa: PLC0415 (as above)

    schema, file = _schema(pa, kinds), _Pieces()
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(stretches):
            writer.write_table(pa.Table.from_batches([_batch(pa, schema, columns, kinds) for columns in group], schema))
            yield file.taken()
    yield file.taken()


def _taken(text: io.StringIO) -> bytes:
    found = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return found


def _harmless_column(column: Sequence[str | None]) -> Sequence[str | None]:
    """Guard a column; most hold nothing to guard, and the first letters tell that sooner than a pattern."""
    if _STARTS.isdisjoint({cell[:1] for cell in column if cell}):
        return column
    return list(map(harmless, column))


def _true_or_false(column: Sequence[bool | None]) -> Sequence[str | None]:
    return [None if cell is None else _WORDS[cell] for cell in column]


_CELLS: dict[Holds, Any] = {Holds.TEXT: _harmless_column, Holds.TRUTH: _true_or_false}


def _groups(stretches: Iterable[Columns]) -> Iterator[list[Columns]]:
    """Put stretches together until they make a row group."""
    group, rows = list[Columns](), 0
    for columns in stretches:
        group.append(columns)
        rows += len(columns[0]) if columns else 0
        if rows >= ROW_GROUP:
            yield group
            group, rows = [], 0
    if group:
        yield group


def _schema(arrow: Any, kinds: Mapping[str, Holds]) -> Any:
    types = {
        Holds.TEXT: arrow.string(),
        Holds.WHOLE: arrow.int64(),
        Holds.NUMBER: arrow.float64(),
        Holds.TRUTH: arrow.bool_(),
        Holds.INSTANT: arrow.timestamp("us", tz="UTC"),
    }
    return arrow.schema([(name, types[holds]) for name, holds in kinds.items()])


def _batch(arrow: Any, schema: Any, columns: Columns, kinds: Mapping[str, Holds]) -> Any:
    whole = columns or [()] * len(kinds)
    arrays = [
        arrow.array(column, arrow.string() if holds is Holds.INSTANT else field.type).cast(field.type)
        for field, holds, column in zip(schema, kinds.values(), whole, strict=True)
    ]
    return arrow.record_batch(arrays, schema=schema)


class _Pieces(io.RawIOBase):
    """A file that is taken away while it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._place = 0

    def writable(self) -> bool:
        """Tell that it takes what is written."""
        return True

    def tell(self) -> int:
        """Tell how much was written in all."""
        return self._place

    def write(self, piece: Any) -> int:
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        self._place += len(self._pieces[-1])
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        """Give what was written since the last time."""
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found
