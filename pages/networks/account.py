"""Account: one real account, what each source says of it, and what happened to it."""

import streamlit as st

from data.queries import accounts, sources
from pages.ui import (
    account,
    account_figures,
    account_head,
    account_timeline,
    account_witnesses,
    freshness,
    progress,
    resources,
)

wanted = st.query_params.get("id")
if not wanted:
    st.switch_page("networks/networks.py")

freshness.replay()
running = progress.syncs()
with resources.reading() as session:
    found = accounts.members(session, wanted)
    states = sources.cards(session, stale_after=freshness.stale_after())
if not found:
    account.unknown(wanted)
    st.stop()

shown = account.Account(found)
differs = accounts.disagreements(shown.members)
own = {member.source for member in shown.members}
account_head.show(shown, differs, controls=[card for card in states if card.name in own], busy=bool(own & running))

left, right = st.columns([2.1, 1], gap="medium")
with left:
    account_figures.card(shown)
    account_witnesses.card(shown, differs)
with right:
    account_timeline.card(shown)
