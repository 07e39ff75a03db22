"""Audit trail: who did what to whom, with search, filters, files of it, and whether its chain holds."""

import streamlit as st

from pages.ui import audit, cards, entry, paging

asked = audit.asked()
title, controls = cards.head("Audit trail")
with controls:
    audit.files(asked)
    audit.verify()
found = audit.page(asked)
with title:
    audit.line()

audit.verdict()
audit.choices(asked)
audit.dropped(asked)
paging.bar(found, "row")
if not found.rows:
    audit.empty(asked)
elif audit.chosen() is None:
    audit.table(found)
else:
    left, right = st.columns([1.7, 1], gap="medium")
    with left:
        audit.table(found)
    with right:
        entry.card(audit.chosen())
