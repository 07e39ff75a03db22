"""A text field whose counter and phone follow each key in the browser; Python hears it after a pause, or on leaving."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import streamlit as st

LONGEST = 20_000
"""Characters that a field takes: far beyond each limit, so that an excess can be shown."""
_HERE = Path(__file__).parent
_HTML = """
<div>
  <label for="text"></label>
  <div id="box"></div>
  <p id="counter"></p>
  <p id="error" role="alert"></p>
</div>
"""
_field = st.components.v2.component(
    "patchbay_field",
    html=_HTML,
    css=(_HERE / "field.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("filling.js", "field.js")),
)


def field(
    label: str,
    value: str,
    *,
    path: str,
    key: str,
    told: Callable[[str], None],
    limit: int | None = None,
    unit: Literal["characters", "bytes"] = "characters",
    whose: str = "",
    area: bool = False,
    error: str = "",
    placeholder: str = "",
    variables: Mapping[str, str] | None = None,
) -> None:
    """Draw a field that holds `value`; `told` gets what was typed into it, before the page is drawn anew.

    The field must then be given that text: another `value` is a change by somebody else, and is shown instead.
    `path` is where the text stands in the body ("template[0].title"), for the phone; `limit` counts what will leave,
    so with the variables filled, and `whose` says who set it.
    """
    place = f"{key}_heard"

    def take() -> None:
        typed = _typed(getattr(st.session_state[key], "typed", None))
        if typed is not None and typed[0] > st.session_state.get(place, 0):
            st.session_state[place], text = typed
            told(text)

    _field(
        key=key,
        data={
            "label": label,
            "value": value,
            "number": st.session_state.get(place, 0),
            "path": path,
            "limit": limit,
            "unit": unit,
            "whose": whose,
            "area": area,
            "error": error,
            "placeholder": placeholder,
            "variables": dict(variables or {}),
            "longest": LONGEST,
        },
        on_typed_change=take,
    )


def _typed(found: object) -> tuple[int, str] | None:
    """Read what a browser told, which may be anything: the number of that telling, and the text."""
    if not isinstance(found, dict):
        return None
    number, text = found.get("number"), found.get("text")
    if not isinstance(number, int) or not isinstance(text, str):
        return None
    return number, text[:LONGEST]
