"""Account: one real account, what each source says of it, and what happened to it."""

import streamlit as st

from data.queries import account as asked
from data.queries import accounts, past, sources
from pages.ui import (
    account,
    account_extra,
    account_figures,
    account_head,
    account_timeline,
    account_witnesses,
    asof,
    freshness,
    plans,
    progress,
    resources,
)
from pages.ui.disconnecting import buttons, planned

wanted = st.query_params.get("id")
if not wanted:
    st.switch_page("networks/networks.py")

who, controls = account_head.places()
with controls:
    at = asof.chosen()
asof.line()
plans.said()
planned.standing()
freshness.replay()
running = progress.syncs()

with resources.reading() as session:
    known = accounts.members(session, wanted)
    members = asked.as_of(session, known, wanted, at) if at else known
    reasons_kept = at is None or past.reasons_kept(session, at)
    states = sources.cards(session, stale_after=freshness.stale_after())
if not members:
    account.missing(wanted, known, at, where=who)
    st.stop()

shown = account.Account(members, at, reasons_kept)
differs = accounts.disagreements(members)
with who:
    account_head.show(shown, differs)
with controls:
    account_head.controls(shown, states, running)
account_head.troubles(shown)
buttons.notice(shown)

left, right = st.columns([2.1, 1], gap="medium")
with left:
    account_figures.card(shown)
    account_witnesses.card(shown, differs)
    account_extra.cards_of(shown)
with right:
    account_timeline.card(shown)
