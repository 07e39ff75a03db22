"""Recipients: the named people whom tests may be sent to, and what fills a message to each of them."""

import streamlit as st

from pages.ui import cards, plans, resources, session
from pages.ui.recipients import card, form, importing, roster
from services.access import Permission
from services.messaging import recipients

plans.said()
manages = session.actor().may(Permission.MANAGE_RECIPIENTS)
title, controls = cards.head("Recipients")
search = roster.search()
found = recipients.listing(resources.desk(), session.actor(), search=search, limit=roster.MOST)
with title:
    roster.line(found, search, manages=manages)
if manages:
    with controls:
        importing.button()
        form.add_button()

left, right = st.columns([1.7, 1], gap="medium")
with left:
    chosen = roster.table(found, search, manages=manages)
with right:
    if chosen:
        card.show(chosen, manages=manages)
