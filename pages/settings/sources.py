"""Sources: every credential at the vendors, where it comes from, how it stands, and what an admin can do with it."""

import streamlit as st

from data.queries import sources as asked
from pages.ui import cards, freshness, holdings, plans, resources, session, source, source_form
from services import credentials

plans.said()
listed = credentials.listing(resources.desk(), session.actor())
with resources.reading() as reading:
    states = asked.cards(reading, stale_after=freshness.stale_after())
found = holdings.joined(listed, states)

title, controls = cards.head("Sources")
with title:
    holdings.line(found)
with controls:
    source_form.add_button()

if not found:
    cards.empty("No source is known yet.", "Add one with what its vendor gave you: an address and a secret.")
left, right = st.columns([1.5, 1], gap="medium")
with left:
    chosen = holdings.table(found) if found else None
with right:
    if chosen:
        source.card(chosen)
