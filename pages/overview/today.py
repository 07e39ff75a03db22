"""Today: where the accounts stand, what needs someone, and what changed since the last visit."""

import streamlit as st

from data.queries import inventory, today
from pages.ui import attention, cards, figures, formats, freshness, resources, session, visit

title, controls = cards.head("Today")
with controls:
    days = figures.period()
freshness.replay()

person, now = session.person(), formats.now()
since = person.previous_visit_at if person else None
as_of = resources.kept(inventory.as_of)
found = resources.kept(attention.wanting, stale_after=freshness.stale_after())
happened = resources.kept(today.since, since) if since else []
known = figures.known(now, days)

with title:
    freshness.line(f"{now:%A} {now.day} {now:%B} · compared with {days} days ago", as_of, found.stale)
figures.metrics(known, days)
left, right = st.columns([1.85, 1], gap="medium")
with left:
    attention.card(attention.items(found), lambda: attention.nothing(found.sources, as_of))
with right:
    figures.by_status(known, days)
    visit.since(happened, since)
