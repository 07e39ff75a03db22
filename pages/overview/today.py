"""Today: where the accounts stand, what needs someone, and what changed since the last visit."""

import streamlit as st

from data.queries import inventory, sources, today
from pages.ui import attention, cards, figures, formats, freshness, resources, session, visit

title, controls = cards.head("Today")
with controls:
    days = figures.period()
freshness.replay()

person, now = session.person(), formats.now()
stale_after = freshness.stale_after()
with resources.reading() as reading:
    as_of = inventory.as_of(reading)
    found, states = today.attention(reading), sources.cards(reading, stale_after=stale_after)
    incidents = sources.open_incidents(reading)
    since = person.previous_visit_at if person else None
    happened = today.since(reading, since) if since else []

with title:
    freshness.line(f"{now:%A} {now.day} {now:%B} · against the {days} days before", as_of)
known = figures.known(now, days)
figures.metrics(known, days)
left, right = st.columns([1.85, 1], gap="medium")
with left:
    attention.card(attention.items(found, states, incidents), states, as_of)
with right:
    figures.by_status(known, days)
    visit.card(happened, since)
