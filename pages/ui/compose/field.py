"""A text field whose counter and phone follow each key in the browser; Python hears it after a pause, or on leaving.

What is typed into a field while the page that it is gone from is still on its way is not lost: the `keeper` has it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import streamlit as st

LONGEST = 20_000
"""Characters that a field takes: far beyond each limit, so that an excess can be shown."""
_MOST = 100
"""Texts of fields that are gone which are taken at once."""
_KEEPER = "compose_keeper"
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
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("filling.js", "field.js", "keeper.js")),
)


class Place(NamedTuple):
    """Where a text stands: its path in the body after so many moves, what it is called whatever moves it, its name."""

    path: str
    moves: int
    identity: str
    name: str


Told = Callable[[str, int, str], None]
"""Takes what was typed: the path of the place, after how many moves it is there, and the text."""


def field(
    label: str,
    value: str,
    *,
    place: Place,
    told: Told,
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
    `limit` counts what will leave, so with the variables filled, and `whose` says who set it.
    """
    key = f"compose_{place.identity}"

    def take() -> None:
        for text in _heard(key, "typed"):
            told(place.path, place.moves, text)

    _field(
        key=key,
        data={
            "label": label,
            "value": value,
            "number": _number(key),
            **place._asdict(),
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


def keeper(draft: str, told: Told) -> None:
    """Draw what keeps the texts of a draft's fields that are gone: nothing to see, unless one is still typed into."""

    def take() -> None:
        for each in _heard(_KEEPER, "left"):
            told(*each)

    _field(key=_KEEPER, data={"keeper": True, "draft": draft, "number": _number(_KEEPER)}, on_left_change=take)


def _number(key: str) -> int:
    """Give the number of the last telling of a field that was heard."""
    found: int = st.session_state.get(f"{key}_heard", 0)
    return found


def _heard(key: str, name: str) -> list[Any]:
    """Take what a browser told under a name, once: it may be anything, and may be told twice."""
    found = getattr(st.session_state[key], name, None)
    number, told = (found.get("number"), found.get("told")) if isinstance(found, dict) else (None, None)
    if not isinstance(number, int) or number <= _number(key) or not isinstance(told, list):
        return []
    st.session_state[f"{key}_heard"] = number
    read = (_text(each) if name == "typed" else _left(each) for each in told[:_MOST])
    return [each for each in read if each is not None]


def _text(found: object) -> str | None:
    return found[:LONGEST] if isinstance(found, str) else None


def _left(found: object) -> tuple[str, int, str] | None:
    if not isinstance(found, dict):
        return None
    path, moves, text = found.get("path"), found.get("moves"), _text(found.get("text"))
    if not isinstance(path, str) or not isinstance(moves, int) or text is None or not path or moves < 0:
        return None
    return path[:100], moves, text
