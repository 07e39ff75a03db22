"""Runs: the history of syncs, what each read, what that changed, and why it ended as it did."""

import streamlit as st

from data.queries import run_history
from pages.ui import cards, paging, resources, runs

wanted = runs.wanted()
after, before = paging.places()
found = resources.kept(run_history.page, wanted, after=after, before=before)
title, _ = cards.head("Runs")
with title:
    runs.line()

runs.choices(wanted)
paging.bar(found, "run")
if not found.rows:
    runs.empty(wanted)
elif runs.chosen() is None:
    runs.table(found)
else:
    left, right = st.columns([1.7, 1], gap="medium")
    with left:
        runs.table(found)
    with right:
        runs.card(runs.chosen())
