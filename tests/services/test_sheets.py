"""Files of rows: hostile cells stay text, missing values stay missing, and both kinds can be read back."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from data.queries.export import COLUMNS, Columns, Holds
from services import sheets
from services.sheets import as_csv, as_parquet, harmless

FORMULAS = [
    '=HYPERLINK("http://evil.test","x")',
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "|cmd",
    "\t=1",
    "\ttext",
    "\rtext",
    "\ntext",
    " =1",
    "  \u00a0\u3000 +1",
    "\u200b\ufeff=1",
    "\x00=1",
    "\u202e@x",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "-",
]
HARMLESS = [
    "plain",
    "a=b",
    "x-1",
    "'=1",
    'say "hi", twice',
    "two\r\nlines",
    "one\nline\n",
    "nul\x00inside",
    "\u202eevil",
    "x" * 5_000,
    "Ünïcödé \U0001f600 名前",
    "  leading blanks",
    "1",
    "\u2212 5",
    ";=1",
    "\x1b[31mred",
]


def columns(**given: list[Any]) -> Columns:
    """Columns with these cells, and nothing in the others."""
    rows = len(next(iter(given.values())))
    return [given.get(name, [None] * rows) for name in COLUMNS]


def read_csv(content: bytes, encoding: str = "utf-8") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline=""), strict=True))


def read_parquet(content: bytes) -> pa.Table:
    return parquet.read_table(io.BytesIO(content))


@pytest.mark.parametrize("cell", FORMULAS)
def test_what_a_spreadsheet_could_compute_is_guarded(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [*HARMLESS, "", None])
def test_what_is_only_text_stays_as_it_is(cell: str | None) -> None:
    assert harmless(cell) == cell


def test_hostile_cells_come_back_from_both_files() -> None:
    cells = [*FORMULAS, *HARMLESS]
    told = columns(name=cells, handle=cells, category=list(reversed(cells)))
    found = read_csv(b"".join(as_csv([told])))
    assert [row["name"] for row in found] == [f"'{cell}" for cell in FORMULAS] + HARMLESS
    assert [row["handle"] for row in found] == [row["name"] for row in found]
    assert [row["category"] for row in found] == [harmless(cell) for cell in reversed(cells)]
    assert read_parquet(b"".join(as_parquet([told])))["name"].to_pylist() == cells


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1))
def test_any_text_comes_back(cells: list[str]) -> None:
    told = columns(id=[str(number) for number in range(len(cells))], name=cells)
    found = [row["name"] for row in read_csv(b"".join(as_csv([told])))]
    assert found == [harmless(cell) for cell in cells]
    assert [cell.removeprefix("'") if cell != told else cell for cell, told in zip(found, cells, strict=True)] == cells
    assert read_parquet(b"".join(as_parquet([told])))["name"].to_pylist() == cells


def test_the_head_names_the_columns_and_lines_end_as_the_standard_says() -> None:
    content = b"".join(as_csv([columns(id=["a", "b"], name=['x "y"', "1,2"])]))
    assert content.startswith(b"id,source,vendor,kind,platform,")
    assert content.split(b"\r\n")[0].decode().split(",") == list(COLUMNS)
    assert content.count(b"\r\n") == content.count(b"\n") == 3
    assert b'"x ""y""","' not in content
    assert b'"x ""y"""' in content
    assert b'"1,2"' in content


def test_numbers_stay_numbers_and_what_is_missing_stays_missing() -> None:
    told = columns(
        followers=[-5, 2**62, None],
        growth=[-3.25, 0.0, None],
        verified=[True, False, None],
        connected_at=["2026-01-02T03:04:05.678900+00:00", "2026-01-02T03:04:05+00:00", None],
        handle=["-1", "", None],
    )
    found = read_csv(b"".join(as_csv([told])))
    assert [row["followers"] for row in found] == ["-5", str(2**62), ""]
    assert [row["growth"] for row in found] == ["-3.25", "0.0", ""]
    assert [row["verified"] for row in found] == ["true", "false", ""]
    assert [row["connected_at"] for row in found] == [*told[list(COLUMNS).index("connected_at")][:2], ""]
    assert [row["handle"] for row in found] == ["'-1", "", ""]
    table = read_parquet(b"".join(as_parquet([told])))
    assert table["followers"].to_pylist() == [-5, 2**62, None]
    assert table["growth"].to_pylist() == [-3.25, 0.0, None]
    assert table["verified"].to_pylist() == [True, False, None]
    instants = [datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None]
    assert table["connected_at"].to_pylist() == instants
    assert table["handle"].to_pylist() == ["-1", "", None]


def test_parquet_has_its_types_with_and_without_rows() -> None:
    types = {
        Holds.TEXT: pa.string(),
        Holds.WHOLE: pa.int64(),
        Holds.NUMBER: pa.float64(),
        Holds.TRUTH: pa.bool_(),
        Holds.INSTANT: pa.timestamp("us", tz="UTC"),
    }
    for stretches in ([], [[]], [columns(id=["a"])]):
        table = read_parquet(b"".join(as_parquet(stretches)))
        assert {name: table.schema.field(name).type for name in table.column_names} == {
            name: types[holds] for name, holds in COLUMNS.items()
        }
        assert table.column_names == list(COLUMNS)
        assert table.num_rows == sum(len(part[0]) if part else 0 for part in stretches)


def test_no_rows_are_a_head_alone() -> None:
    assert read_csv(b"".join(as_csv([]))) == []
    assert b"".join(as_csv([[], []])).count(b"\r\n") == 1


def test_a_mark_for_people_stands_at_the_very_beginning_and_once() -> None:
    content = b"".join(as_csv([columns(id=["ü"])], mark=True))
    assert content.startswith(b"\xef\xbb\xbfid,")
    assert content.count(sheets.BOM) == 1
    assert [row["id"] for row in read_csv(content, "utf-8-sig")] == ["ü"]


def test_pieces_leave_while_rows_are_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROW_GROUP", 2)
    read = list[int]()

    def stretches() -> Iterator[Columns]:
        for number in range(6):
            read.append(number)
            yield columns(id=[str(number)])

    first = next(iter(as_csv(stretches())))
    assert first
    assert read == []
    pieces = as_parquet(stretches())
    assert len(next(pieces)) > 0
    assert read == [0, 1]
    rest = b"".join(pieces)
    assert rest.endswith(b"PAR1")
    assert read == [0, 1, 2, 3, 4, 5]
