"""Health of sources: how each one stands, what runs now, what ran, and what to do."""

import streamlit as st

from data.queries import drift, inventory
from data.queries import incidents as broken
from data.queries import sources as asked
from pages.ui import cards, contract_drift, database, formats, freshness, progress, resources, sources, tables

title, controls = cards.head("Health of sources")
freshness.replay()
running = progress.syncs()

with resources.reading() as session:
    found = asked.cards(session, stale_after=freshness.stale_after())
    incidents, number = broken.open_now(session, limit=6), broken.number_open(session)
    drifted = drift.recent(session)
    runs, as_of = asked.last_runs(session), inventory.as_of(session)

with title:
    wanting = sum(card.wants_someone for card in found)
    need = f"{wanting} {'needs' if wanting == 1 else 'need'} you" if wanting else "none needs you"
    freshness.line(f"{formats.plural(len(found), 'source')} · {need}", as_of)
with controls:
    sources.sync_all(possible=not running and any(card.can_sync for card in found))

if found:
    sources.grid(found, running=running)
else:
    cards.empty("No source is connected yet.", "An admin adds one by its settings; see the README.")
sources.held_back(found)

left, right = st.columns([1, 1], gap="medium")
with left:
    sources.incidents(incidents, number)
with right:
    contract_drift.card(drifted)
with cards.card("Runs", f"last {len(runs)}" if runs else "none yet"):
    if runs:
        tables.runs(runs, key="runs")
    else:
        st.markdown(f":small[:gray[No sync has run {'since the demo was filled' if as_of else 'yet'}.]]")
database.notes()
