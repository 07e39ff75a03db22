"""People: who may sign in, with which role, and how each stands."""

import streamlit as st

from pages.ui import cards, person, plans, resources, roster, session
from services import people

plans.said()
found = people.everyone(resources.desk(), session.actor())
title, controls = cards.head("People")
with title:
    roster.line(found)
with controls:
    roster.add_button()

left, right = st.columns([1.7, 1], gap="medium")
with left:
    chosen = roster.table(found)
with right:
    if chosen:
        person.card(chosen)
