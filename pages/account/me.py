"""My account: one's own name, password and sessions."""

import streamlit as st

from pages.ui import cards, me, plans, session

plans.said()
someone = session.here()
title, _ = cards.head("My account")
with title:
    me.line(someone)

left, right = st.columns([1, 1.35], gap="medium")
with left:
    me.name(someone)
    me.password(someone)
with right:
    me.sessions(someone)
