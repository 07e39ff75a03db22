"""What a command prints: one JSON document, a table for a person, or plain columns for another program."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.vendors.errors import clean

LONGEST_CELL = 200

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Limit = Annotated[int | None, typer.Option(min=0, help="Print at most so many; the total ignores it.")]
ActingAs = Annotated[str | None, typer.Option("--as", metavar="USER", help="Act as this person, with their role.")]


def document(value: Any) -> None:
    """Print one JSON document on stdout, as ASCII: no control character of a vendor reaches a terminal."""
    sys.stdout.write(json.dumps(value, default=_plain, indent=2 if on_terminal() else None) + "\n")
    sys.stdout.flush()


def written(value: Any) -> str:
    """Write a value as the JSON document of a file."""
    return json.dumps(value, default=_plain, indent=2) + "\n"


def error(kind: str, message: str, advice: str, *, as_json: bool) -> None:
    """Say what went wrong: as the one document on stdout, or as sentences on stderr."""
    if as_json:
        document({"error": {"kind": kind, "message": message, "advice": advice}})
        return
    for sentence in (message, advice):
        if sentence:
            sys.stderr.write(shown(sentence, length=2_000) + "\n")


def line(sentence: str) -> None:
    """Print one sentence for a person."""
    sys.stdout.write(shown(sentence, length=2_000) + "\n")


def on_terminal() -> bool:
    """Tell whether a person reads along."""
    return sys.stdout.isatty()


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, cut: bool = False) -> None:
    """Print a table on a terminal, and columns parted by tabs when piped; foreign text is never markup.

    Long cells are folded, or `cut` at the width of the terminal.
    """
    if not on_terminal():
        for row in [columns, *rows]:
            sys.stdout.write("\t".join(shown(cell) for cell in row) + "\n")
        return
    grid = Table(header_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        grid.add_column(column, overflow="ellipsis" if cut else "fold", no_wrap=cut or number == 0)
    for row in rows:
        grid.add_row(*(Text(shown(cell)) for cell in row))
    Console().print(grid, markup=False, highlight=False)


def shown(value: Any, *, length: int = LONGEST_CELL) -> str:
    """Give a value as safe text: nothing for None, control characters written out."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clean(_plain(value) if isinstance(value, datetime) else value, length=length)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
