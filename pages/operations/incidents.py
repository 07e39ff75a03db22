"""Incidents: what is broken now and what was, since when and why, what to do, and who was told."""

import streamlit as st

from data.queries import incidents as asked
from pages.ui import cards, incidents, paging, resources

wanted = incidents.wanted()
after, before = paging.places()
found = resources.kept(asked.page, wanted, after=after, before=before)
title, _ = cards.head("Incidents")
with title:
    incidents.line()

incidents.channels()
incidents.choices(wanted)
paging.bar(found, "incident")
if not found.rows:
    incidents.empty(wanted)
elif incidents.chosen() is None:
    incidents.table(found)
else:
    left, right = st.columns([1.75, 1], gap="medium")
    with left:
        incidents.table(found)
    with right:
        incidents.card(incidents.chosen())
