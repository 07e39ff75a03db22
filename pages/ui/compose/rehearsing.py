"""Rehearsal, in the sandbox only: what the next press of this draft shall meet."""

import streamlit as st

from pages.ui import plans, resources, session
from pages.ui.compose.sheet import Sheet
from pages.ui.text import plain, short
from services.messaging import rehearsal

_FORM = "compose_rehearsal"
_SHOWN = 44


def show(sheet: Sheet) -> None:
    """Draw the popover; nothing where the sender is a real one, or the press is used."""
    if sheet.sender is None or not sheet.sender.pretended or sheet.pressed:
        return
    icon = ":material/theater_comedy:"
    opened = st.popover("Rehearse", icon=icon, key="compose_rehearse", on_change="rerun", type="tertiary")
    if not opened.open:
        return
    with opened:
        scripts = {each.name: each.words for each in rehearsal.scripts(resources.desk(), sheet.tab.source)}
        st.markdown("**What the next press meets** :gray[· demo data only]")
        chosen = st.session_state.get(_key(sheet))
        st.radio(
            "What the next press meets",
            list(scripts),
            format_func=lambda name: scripts[name],
            index=list(scripts).index(chosen) if chosen in scripts else None,
            label_visibility="collapsed",
            key=f"pick_{_key(sheet)}",
            on_change=_choose,
            args=(sheet.draft.press, sheet.tab.source, _key(sheet)),
        )
        plans.wrong(_FORM)


def told(sheet: Sheet) -> str:
    """Name what the next press meets, where somebody chose it."""
    chosen = None if sheet.pressed else st.session_state.get(_key(sheet))
    if chosen is None:
        return ""
    known = {each.name: each.words for each in rehearsal.scripts(resources.desk(), sheet.tab.source)}
    return f" :gray[·] :violet[:material/theater_comedy: {plain(short(known.get(chosen, chosen), _SHOWN))}]"


def _key(sheet: Sheet) -> str:
    return f"rehearsed_{sheet.draft.press}"


def _choose(press: str, source: str, key: str) -> None:
    script = st.session_state[f"pick_{key}"]

    def act() -> None:
        rehearsal.choose(resources.desk(), session.actor(), press, script, source)
        st.session_state[key] = script

    plans.attempted(act, "", _FORM)
