"""The right side of the composer: the phone, in which light it is seen, and whose data fill it."""

from functools import partial
from typing import Literal

import streamlit as st

from pages.ui.compose import carousel, field, finding, phone, rehearsing, tab
from pages.ui.compose.sheet import Sheet
from pages.ui.text import short
from services.messaging import editing, variables, wire
from services.messaging.editing import CARDS

_MODE, _WHOSE = "compose_mode", "compose_whose"
_SHOWN = 40


def show(sheet: Sheet) -> None:
    """Draw the phone with its controls."""
    with st.container(horizontal_alignment="center", gap="small", key="compose_preview"):
        with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center", gap="small"):
            mode = _mode()
            rehearsing.show(sheet)
        screen = st.container()
        values, body = sheet.values_of(_whose(sheet)), wire.own(sheet.body)
        with screen:
            phone.phone(
                body,
                sender=sheet.sender.brand if sheet.sender else sheet.tab.source or "Nobody yet",
                mode=mode,
                key="compose_phone",
                variables=values,
                card=carousel.chosen(sheet) if editing.rows(body, CARDS) else None,
                stays=True,
            )
        said = "A drawing of how Instagram would show it. Fonts and crops differ per phone."
        st.caption(said, width=320, text_alignment="center")
        field.keeper(sheet.draft.id, tab.typed)


def _mode() -> Literal["light", "dark"]:
    """Let the person choose the light; theirs comes first."""
    usual = "Dark" if st.context.theme.type == "dark" else "Light"
    chosen = st.segmented_control(
        "Light or dark", ["Light", "Dark"], default=usual, required=True, label_visibility="collapsed", key=_MODE
    )
    return "dark" if chosen == "Dark" else "light"


def _whose(sheet: Sheet) -> str | None:
    """Let the person see it with another recipient's data; only where the message asks for data."""
    if not variables.used(wire.own(sheet.body)):
        return sheet.tab.recipient
    key, mine = f"{_WHOSE}_{sheet.tab.recipient}", sheet.tab.recipient
    names = list(dict.fromkeys([*sheet.people.names, *filter(None, (mine, st.session_state.get(key)))]))
    chosen = st.selectbox(
        "Shown with the data of",
        names,
        index=names.index(mine) if mine in names else None,
        format_func=lambda name: short(name, _SHOWN),
        placeholder="Nobody's data",
        width=320,
        key=key,
    )
    finding.among(sheet.people, key, partial(_seen_as, key), width=320)
    return chosen


def _seen_as(key: str, name: str) -> None:
    st.session_state[key] = name
