"""Draws a table, and takes what was done with it: which rows are ticked, and which one was pressed."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import streamlit as st

from pages.ui.table.cells import Cell, Column

T = TypeVar("T")
Parts = Sequence[tuple[Column, Callable[[T], Cell]]]
"""Columns in their order, each beside what it tells of a row."""
_HERE = Path(__file__).parent
_HEAD, _BORDERS = 36, 2
_HTML = """
<div class="sheet" role="table" tabindex="0">
  <table role="presentation"><thead role="rowgroup"><tr role="row"></tr></thead><tbody role="rowgroup"></tbody></table>
</div>
"""
_table = st.components.v2.component(
    "patchbay_table",
    html=_HTML,
    css=(_HERE / "table.css").read_text(encoding="utf-8"),
    js=(_HERE / "table.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Sheet:
    """What is drawn: the columns, the cells of each row, and by which id each row is told apart."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    ids: Sequence[str]
    links: Sequence[str] = ()
    """Where the row's link leads, for whoever opens it in a tab of its own."""

    @cached_property
    def told(self) -> str:
        """Give it as JSON for the browser, made once: mostly the same sheet is drawn again and again."""
        columns = [asdict(column) for column in self.columns]
        return json.dumps({"columns": columns, "rows": self.rows, "ids": self.ids}, separators=(",", ":"))

    @classmethod
    def of(cls, parts: Parts[T], rows: Sequence[T], ids: Sequence[str], links: Sequence[str] = ()) -> Self:
        """Give the sheet of these rows."""
        columns = [column for column, _ in parts]
        return cls(columns, [[told(row) for _, told in parts] for row in rows], ids, links)


@dataclass(frozen=True)
class Ticks:
    """Which rows are ticked; they are those of this turn until a person or the next turn says otherwise."""

    turn: int
    rows: Collection[int]
    told: Callable[[int, frozenset[int]], None]
    """Takes the turn and the places of all rows that are ticked now, before the page is drawn anew."""


def draw(
    sheet: Sheet,
    *,
    key: str,
    label: str,
    opens: Literal["link", "row"] = "link",
    open_row: str | None = None,
    closes: bool = False,
    opened: Callable[[str], None] | None = None,
    ticks: Ticks | None = None,
    order: str = "",
    ordered: Callable[[str], None] | None = None,
    named: int = 0,
    row: int = 40,
    most: int = 12,
) -> None:
    """Draw a table of which `most` rows of `row` pixels are in sight; `opened` gets the id of a row that was pressed.

    A press on the link of a row leads there; where the row `opens`, it is one anywhere in it. `open_row` is marked as
    the one that is open; another press on it `closes` it. A press on the title of a column asks for one of its orders,
    which `ordered` gets; `order` is the one that the rows have. The column at `named` names the row to whoever does not
    see it.
    """

    def heard() -> None:
        if ticks is not None and (told := _ticked(st.session_state[key], len(sheet.ids))) is not None:
            ticks.told(*told)

    def pressed() -> None:
        told = getattr(st.session_state[key], "opened", None)
        if opened is not None and isinstance(told, str) and told in sheet.ids:
            opened(told)

    def sorted_by() -> None:
        told = getattr(st.session_state[key], "order", None)
        if ordered is not None and any(told in column.orders for column in sheet.columns):
            ordered(str(told))

    height = row * min(len(sheet.ids), most) + _HEAD + _BORDERS
    _table(
        key=key,
        height=height,
        data={
            "sheet": sheet.told,
            "links": sheet.links,
            "label": label,
            "opens": opens,
            "open": open_row,
            "closes": closes,
            "ticks": ticks is not None,
            "ticked": sorted(ticks.rows) if ticks else [],
            "turn": ticks.turn if ticks else 0,
            "order": order,
            "named": named,
            "row": row,
            "most": height,
        },
        on_ticked_change=heard,
        on_opened_change=pressed,
        on_order_change=sorted_by,
    )


def _ticked(state: Any, rows: int) -> tuple[int, frozenset[int]] | None:
    """Read what a browser told: it may be anything."""
    told = getattr(state, "ticked", None)
    if not isinstance(told, Mapping) or not isinstance(told.get("rows"), list):
        return None
    places = {place for place in told["rows"] if isinstance(place, int) and 0 <= place < rows}
    return (told["turn"], frozenset(places)) if isinstance(told.get("turn"), int) else None
