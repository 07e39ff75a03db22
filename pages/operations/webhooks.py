"""Webhooks: what vendors told by themselves, what became of it and why, and what was refused."""

import streamlit as st

from data.queries import inbox
from pages.ui import cards, paging, resources, webhooks

wanted = webhooks.wanted()
after, before = paging.places()
found = resources.kept(inbox.page, wanted, after=after, before=before)
title, _ = cards.head("Webhooks")
with title:
    webhooks.line()
webhooks.live()

webhooks.choices(wanted)
paging.bar(found, "webhook")
left, right = st.columns([1.7, 1], gap="medium")
with left:
    if found.rows:
        webhooks.table(found)
    else:
        webhooks.empty(wanted)
    webhooks.refused()
with right:
    if webhooks.chosen() is not None:
        webhooks.card(webhooks.chosen())
    webhooks.hooks()
