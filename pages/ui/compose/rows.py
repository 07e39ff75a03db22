"""The menu of a row that can be moved, copied and removed: a button of a card, or a quick reply."""

import streamlit as st

from pages.ui.compose import tab
from pages.ui.compose.sheet import Sheet
from services.messaging import editing

_LABEL = 10
"""Pixels: with the gap below it as high as the label of the field beside it."""
_UP, _DOWN, _COPY, _REMOVE = "Move up", "Move down", "Copy", "Remove"


def menu(sheet: Sheet, path: str, place: int, what: str) -> None:
    """Draw the menu of one row of a list."""
    number = len(editing.rows(sheet.body, path))
    ways = [
        *([_UP] if place else []),
        *([_DOWN] if place + 1 < number else []),
        *([_COPY] if number < editing.most(path) else []),
        _REMOVE,
    ]
    key = f"row_{path}_{place}"
    st.space(_LABEL)
    st.menu_button(
        "",
        ways,
        icon=":material/more_vert:",
        type="tertiary",
        help=f"Move, copy or remove {what} {place + 1}",
        key=key,
        on_click=_do,
        args=(key, path, place),
    )


def _do(key: str, path: str, place: int) -> None:
    match st.session_state[key]:
        case "Move up":
            tab.arrange(editing.move, path, place, -1)
        case "Move down":
            tab.arrange(editing.move, path, place, 1)
        case "Copy":
            tab.arrange(editing.copy, path, place)
        case "Remove":
            tab.arrange(editing.remove, path, place)


def more(sheet: Sheet, path: str, what: str) -> None:
    """Draw the button that adds a row at the end; a full list says whose limit that is."""
    most = editing.most(path)
    full = len(editing.rows(sheet.body, path)) >= most
    st.button(
        f"Add a {what}",
        icon=":material/add:",
        type="tertiary",
        disabled=full,
        help=f"{most} are allowed (imiconnect)" if full else None,
        key=f"add_{path}",
        on_click=tab.arrange,
        args=(editing.add, path),
    )
