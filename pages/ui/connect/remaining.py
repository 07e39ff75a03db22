"""The accounts that are still to be reconnected after an attempt: a list to walk through."""

import streamlit as st

from data.queries import accounts
from data.queries.attempts import Shown
from data.types import OPEN_ATTEMPT, AttemptState
from pages.ui import formats, resources
from pages.ui.connect import beginning, choice, words
from pages.ui.text import plain, short

_SHOWN = 20


def show(found: Shown) -> None:
    """Draw the list; nothing where nothing remains."""
    left = [each for each in found.remaining or () if each != found.reconnects]
    if not left:
        return
    st.markdown(f"**{formats.plural(len(left), 'account')} still to reconnect**")
    ready = AttemptState(found.state) not in OPEN_ATTEMPT and beginning.may()
    with st.container(gap="xsmall", key="remaining"):
        for number, each in enumerate(left[:_SHOWN]):
            _row(each, tuple(left[:number] + left[number + 1 :]), ready=ready)
    if len(left) > _SHOWN:
        st.markdown(f":small[:gray[and {len(left) - _SHOWN:,} more]]")


def _row(connection: str, others: tuple[str, ...], *, ready: bool) -> None:
    with resources.reading() as reading:
        known = next((each for each in accounts.members(reading, connection) if each.id == connection), None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if known is None:
            st.markdown(f":small[{plain(short(connection, 60))} :gray[· not known here yet]]", width="stretch")
            return
        name = words.account(known)
        st.markdown(f":small[**{name}** {formats.health(known.health).badge}]", width="stretch")
        st.button(
            "Reconnect",
            key=f"remaining_{connection}",
            disabled=not ready,
            on_click=beginning.begin,
            args=(choice.again(known), others),
        )
