"""A text field whose counter and phone follow each key in the browser; Python hears it after a pause, or on leaving."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

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


class _Heard(NamedTuple):
    """What the browser told last: the number of that telling, and its text until somebody has taken it."""

    number: int
    text: str | None


def field(
    label: str,
    value: str,
    *,
    path: str,
    key: str,
    limit: int | None = None,
    unit: Literal["characters", "bytes"] = "characters",
    whose: str = "",
    area: bool = False,
    error: str = "",
    note: str = "",
    placeholder: str = "",
    variables: Mapping[str, str] | None = None,
    disabled: bool = False,
    told: Callable[[str], None] | None = None,
) -> str:
    """Draw a field that holds `value`; gives the text, which is what was typed since when that is newer.

    `path` is where the text stands in the body ("template[0].title"), for the phone; `limit` counts what will leave,
    so with the variables filled, and `whose` says who set it. `told` gets a new text before the page is drawn anew.
    The next run must be given the text as `value`: another value is a change by somebody else, and is shown.
    """
    place = f"{key}_heard"
    heard: _Heard = st.session_state.get(place, _Heard(0, None))
    text = value if heard.text is None else heard.text
    st.session_state[place] = heard._replace(text=None)

    def take() -> None:
        typed = _typed(getattr(st.session_state[key], "typed", None))
        if typed is None:
            return
        st.session_state[place] = typed if told is None else typed._replace(text=None)
        if told is not None and typed.text is not None:
            told(typed.text)

    _field(
        key=key,
        data={
            "label": label,
            "value": text,
            "number": heard.number,
            "path": path,
            "limit": limit,
            "unit": unit,
            "whose": whose,
            "area": area,
            "error": error,
            "note": note,
            "placeholder": placeholder,
            "variables": dict(variables or {}),
            "longest": LONGEST,
            "disabled": disabled,
        },
        on_typed_change=take,
    )
    return text


def _typed(found: object) -> _Heard | None:
    """Read what a browser told, which may be anything."""
    if not isinstance(found, dict):
        return None
    number, text = found.get("number"), found.get("text")
    if not isinstance(number, int) or not isinstance(text, str):
        return None
    return _Heard(number, text[:LONGEST])
