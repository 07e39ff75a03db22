"""A table of which one row is open: the address says which, so that a link leads to the very row."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from pages.ui.table.draw import Sheet, draw

_ROW, _MOST = 36, 14


def row(sheet: Sheet, *, parameter: str, label: str, required: bool = True) -> str | None:
    """Draw the table and give the id of the open row, by default that of the first one if one is required.

    A press opens a row; where none is required, another press closes it.
    """
    ids = sheet.ids
    wanted = st.query_params.get(parameter)
    chosen = wanted if wanted in ids else ids[0] if required and ids else None
    st.caption("A press shows a row in full.")
    draw(
        replace(sheet, links=_links(ids, parameter)),
        key=f"{parameter}_table",
        label=label,
        opens="row",
        open_row=chosen,
        closes=not required,
        opened=partial(_choose, parameter, closes=not required),
        row=_ROW,
        most=_MOST,
    )
    return chosen


def _links(ids: Sequence[str], parameter: str) -> list[str]:
    """Give for each row the address of this very list with the row open."""
    others = [(name, value) for name in st.query_params for value in st.query_params.get_all(name) if name != parameter]
    return [f"?{urlencode([*others, (parameter, each)])}" for each in ids]


def _choose(parameter: str, pressed: str, *, closes: bool) -> None:
    if closes and st.query_params.get(parameter) == pressed:
        del st.query_params[parameter]
    else:
        st.query_params[parameter] = pressed
