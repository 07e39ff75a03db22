"""A table of which one row is chosen: the address says which, so that a link leads to the very row."""

import zlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from pages.ui import formats

_ROW, _HEAD, _MOST = 36, 36, 14


def row(
    drawn: pa.Table, ids: Sequence[str], *, parameter: str, columns: Mapping[str, Any], alt: str, required: bool = True
) -> str | None:
    """Draw the table and give the id of the chosen row, by default that of the first one if one is required."""
    wanted = st.query_params.get(parameter)
    place = ids.index(wanted) if wanted in ids else 0 if required and ids else None
    key = _key(parameter, ids, place)
    st.caption("A tick shows a row in full.")  # in a line of its own: the table's own buttons float there
    st.dataframe(
        drawn,
        hide_index=True,
        row_height=_ROW,
        height=_ROW * min(len(ids), _MOST) + _HEAD,
        placeholder=formats.DASH,
        column_config=dict(columns),
        key=key,
        alt=alt,
        on_select=partial(_choose, key, ids, parameter),
        selection_mode="single-row-required" if required else "single-row",
        selection_default={"selection": {"rows": [] if place is None else [place]}},
    )
    return None if place is None else ids[place]


def _key(parameter: str, ids: Sequence[str], place: int | None) -> str:
    """Name the widget: another one for other rows, and when the address was changed by something else."""
    turns = f"{parameter}_turns"
    rows = zlib.crc32("\n".join(ids).encode("utf-8", "replace"))
    key = f"{parameter}_table_{rows}_{st.session_state.get(turns, 0)}"
    held = st.session_state.get(key)
    if held is not None and list(held["selection"]["rows"]) != ([] if place is None else [place]):
        st.session_state[turns] = st.session_state.get(turns, 0) + 1
        key = f"{parameter}_table_{rows}_{st.session_state[turns]}"
    return key


def _choose(key: str, ids: Sequence[str], parameter: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        st.query_params[parameter] = ids[rows[0]]
    elif parameter in st.query_params:
        del st.query_params[parameter]
