"""Quick replies: the buttons above the recipient's keyboard, and what comes back when one is tapped."""

import streamlit as st

from pages.ui import cards
from pages.ui.compose import inputs, rows
from pages.ui.compose.sheet import Sheet
from services.messaging import editing
from services.messaging.editing import REPLIES


def show(sheet: Sheet) -> None:
    """Draw the quick replies of a message."""
    number = len(editing.rows(sheet.body, REPLIES))
    with cards.card("Quick replies", f"{number} of {editing.most(REPLIES)} (imiconnect)", key="compose_replies"):
        for place in range(number):
            _reply(sheet, place)
        inputs.under(sheet, REPLIES)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            rows.more(sheet, REPLIES, "quick reply")
            if number >= editing.most(REPLIES):
                st.markdown(":small[:gray[Meta allows 13; imiconnect passes on 10.]]")


def _reply(sheet: Sheet, place: int) -> None:
    at = f"{REPLIES}[{place}]"
    with st.container(horizontal=True, vertical_alignment="top", gap="small", key=f"reply_{place}"):
        with st.container(width="stretch"):
            inputs.text(sheet, f"Reply {place + 1}", f"{at}.title", narrow=True)
        with st.container(width="stretch"):
            inputs.text(sheet, "What comes back", f"{at}.payload", narrow=True)
        with st.container(width="content"):
            rows.menu(sheet, REPLIES, place, "quick reply")
    inputs.under(sheet, f"{at}.type")
