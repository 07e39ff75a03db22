"""Today: where the accounts stand, what needs someone, and what changed since the last visit; or on a past day."""

import streamlit as st

from pages.ui import asof, cards, day, figures, formats, freshness

title, controls = cards.head("Today")
with controls:
    at = asof.chosen()
    days = figures.period()
asof.line()
figures.dropped()
freshness.replay()

shown = day.past(at) if at else day.now()
known = figures.known(at or formats.now(), days)
cases = figures.open_cases(at or formats.now(), days)
sent = figures.sent(at or formats.now(), days)

with title:
    freshness.line(f"{shown.name} · compared with {days} days before", shown.as_of, shown.stale)
    freshness.failures(shown.failing)
figures.metrics(known, cases, sent, days)
left, right = st.columns([1.85, 1], gap="medium")
with left:
    shown.attention()
with right:
    figures.by_status(known, days)
    shown.changes()
