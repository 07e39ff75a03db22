"""The window at the vendor: opened on the click itself, heard by this page, and beside it always a link to a tab."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

GO = "/connecting/go"
_HERE = Path(__file__).parent
_HTML = """
<div>
  <button type="button"></button>
  <a target="_blank" rel="noopener">Open in a new tab</a>
  <span role="status"></span>
</div>
"""
_window = st.components.v2.component(
    "patchbay_window",
    html=_HTML,
    css=(_HERE / "window.css").read_text(encoding="utf-8"),
    js=(_HERE / "window.js").read_text(encoding="utf-8"),
)


def controls(
    number: int,
    key: str,
    *,
    label: str,
    origins: Sequence[str],
    heard: bool,
    told: Callable[[dict[str, Any]], None],
) -> None:
    """Draw the button that opens the window of an attempt, and the link that opens a tab instead.

    `origins` are those whose messages are believed; `told` gets what happened to the window: heard, closed or blocked.
    `heard` says that the message has arrived here and need not be told again. The window's own name, which the vendor's
    page can read, is made of the attempt's number, not of its key.
    """
    name = f"window_{number}"

    def take() -> None:
        # A window that repeats itself is heard once more after its attempt has ended, and this component is gone.
        found = getattr(st.session_state.get(name), "told", None)
        if isinstance(found, dict) and found.get("key") == key:
            told(found)

    words = {"label": label, "again": "Show the window", "waits": "The window is open. Go on there."}
    _window(
        key=name,
        data={
            "key": key,
            "name": f"patchbay-{number}",
            "address": f"{GO}/{key}",
            "origins": list(origins),
            "heard": heard,
            **words,
        },
        on_told_change=take,
    )
