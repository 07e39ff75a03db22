"""The rows of a CSV file of recipients, as people and spreadsheets write them: each cell is text."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.failures import Misuse
from services.messaging import recipients
from services.messaging.recipients import Details

LARGEST = 5 * 1024 * 1024
"""Bytes of a file."""
MOST = 10_000
"""Recipients of a file."""
MOST_COLUMNS = 200
_DELIMITERS = ",;\t"
_NAMED = ("name", "igsid", "consent")
_ADVICE = "The first line names the columns: name, igsid, perhaps consent; each other one is a variable."


class Row(NamedTuple):
    """One recipient of a file, as the file says it: what is empty is not told."""

    line: int
    name: str
    details: Details


class Wrong(NamedTuple):
    """One line of a file that can't be taken, and why."""

    line: int
    name: str
    why: str


def read(file: bytes) -> Iterator[Row | Wrong]:
    """Give the rows of a file in order, empty lines left out. Raises Misuse for what is no such file."""
    text, skipped = _text(file)
    heading = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = _columns(_next(reader) or [])
    count, line = 0, reader.line_num + skipped + 1
    while (cells := _next(reader)) is not None:
        if any(cell.strip() for cell in cells):
            count += 1
            if count > MOST:
                raise Misuse(f"This file has more than {MOST:,} recipients.", "Import it in parts.")
            yield _row(line, columns, cells)
        line = reader.line_num + skipped + 1


def _text(file: bytes) -> tuple[str, int]:
    """Give the text of a file from its heading on, and how many lines stand before that."""
    if len(file) > LARGEST:
        raise Misuse(f"This file has more than {LARGEST // 1_048_576} MB.", "Import it in parts.")
    text = file.decode("utf-8-sig", "replace")
    if "\ufffd" in text or "\x00" in text:
        raise Misuse("This file is no UTF-8 text.", "In a spreadsheet, save it as “CSV UTF-8”.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = lines.partition("\n")
    told = first.strip().strip('"').lower().startswith("sep=")  # what Excel writes for itself
    found = (rest if told else lines).lstrip("\n")
    return found, lines[: len(lines) - len(found)].count("\n")


def _next(reader: "Iterator[list[str]]") -> list[str] | None:
    """Give the next row, None at the end. Raises Misuse where the file is no CSV, in words and with the line."""
    try:
        return next(reader, None)
    except csv.Error as error:
        at = getattr(reader, "line_num", 0)
        message = f"Near line {at:,} this is no CSV: {error}."
        raise Misuse(message, "Often a quotation mark was opened and never closed.") from None


def _columns(heading: Sequence[str]) -> list[str]:
    """Give the columns by name. Raises Misuse when one is missing, stands there twice, or can't be a variable."""
    plain = [" ".join(cell.split()) for cell in heading]
    missing = [name for name in _NAMED[:2] if name not in map(str.lower, plain)]
    if missing:
        raise Misuse(f"This file has no column named {' and none named '.join(missing)}.", _ADVICE)
    if len(plain) > MOST_COLUMNS:
        raise Misuse(f"This file has {len(plain):,} columns; at most {MOST_COLUMNS} are read.", _ADVICE)
    names = [cell.lower() if cell.lower() in _NAMED else _variable(cell) for cell in plain]
    twice = next((name for name, number in Counter(names).items() if name and number > 1), None)
    if twice:
        raise Misuse(f"The column {twice} stands there twice.", "Keep one of them.")
    return names


def _variable(cell: str) -> str:
    """Name the variable that a column fills: “First name” fills `{{first_name}}`, one without a name none."""
    words = cell.replace("-", " ").split()
    return recipients.checked_variable("_".join(words).lower() if len(words) > 1 else cell) if cell else ""


def _row(line: int, columns: Sequence[str], cells: Sequence[str]) -> Row | Wrong:
    told = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
    name = told.pop("name", "")
    if any(cell.strip() for cell in cells[len(columns) :]):
        return Wrong(line, name, f"It has {len(cells)} cells, but there are {len(columns)} columns.")
    igsid, consent = told.pop("igsid", ""), told.pop("consent", "")
    return Row(line, name, Details(igsid, {variable: value for variable, value in told.items() if value}, consent))
