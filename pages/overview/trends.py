"""Trends: who grew, who fell, whose figures are suspect, and what changed between two dates."""

import streamlit as st

from data.queries import inventory, sources
from pages.ui import cards, changes, freshness, resources, trends

title, controls = cards.head("Trends")
with controls:
    least = trends.least()
freshness.replay()

with title:
    freshness.line(
        "Followers now against 30 days ago",
        resources.kept(inventory.as_of),
        resources.kept(sources.stale, stale_after=freshness.stale_after()),
    )
    freshness.failures(resources.kept(sources.failing))
trends.grew_and_fell(least)
left, right = st.columns(2, gap="small")
with left:
    trends.followers()
with right:
    trends.suspect()
changes.card()
