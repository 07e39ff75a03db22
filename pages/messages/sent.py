"""Sent: every message, what became of it and why, and one in full beside the list."""

import streamlit as st

from pages.ui import cards, paging, plans
from pages.ui.sent import card, choices, listing, overview, sending
from services.messages_address import OPEN

title, controls = cards.head("Sent")
plans.said()
asked, chosen = choices.asked(), paging.number(OPEN)
with title:
    overview.line(asked.filter)
with controls:
    choices.files(asked)

if chosen is None and asked.filter.sending is None:
    overview.figures(asked.filter)
choices.row(asked)
choices.dropped(asked)
sending.live(asked.filter.sending)
if chosen is None:
    listing.live(asked)
else:
    left, right = st.columns([1.45, 1.25], gap="medium")
    with left:
        listing.live(asked)
    with right:
        card.show(chosen)
