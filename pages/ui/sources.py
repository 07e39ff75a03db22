"""Cards of the Health page: one per source, what runs now, what is held back, and incidents."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.queries.incidents import Incident
from data.queries.sources import Card
from data.types import Vendor
from pages.ui import cards, dialogs, formats, links, resources, session
from pages.ui.dialogs import Dialog
from pages.ui.text import plain
from services import jobs
from services.access import Permission


def may_sync() -> bool:
    """Tell whether the person here may start a sync."""
    person = session.person()
    return person is not None and person.actor.may(Permission.SYNC_NOW)


def grid(found: Sequence[Card], *, running: frozenset[str]) -> None:
    """Draw a card for each source."""
    allowed = may_sync()
    with st.grid(5, min_column_width=190, gap="small"):
        for card in found:
            with st.container(border=True, gap="small", height="stretch", key=f"source_{card.name}"):
                _source(card)
                if allowed and card.can_sync:
                    _sync_button(card, busy=card.name in running)


def _source(card: Card) -> None:
    look = formats.SOURCE_STATES[card.state]
    vendor = formats.vendor(card.vendor)
    with st.container(gap=None):
        st.markdown(f"**{plain(card.name)}**")
        st.markdown(f"{look.badge} :small[:gray[{vendor if vendor != card.name else ''}]]")
    if card.vendor != Vendor.IMICONNECT.value:
        with st.container(gap=None):
            st.markdown(
                f":small[:gray[Last good sync] {formats.ago(card.last_complete_at)}]",
                help=formats.exact(card.last_complete_at) if card.last_complete_at else None,
            )
            st.markdown(f":small[:gray[Errors, 24 h] {_errors(card)}]")
    if card.calls_left is not None and card.calls_limit:
        left = min(max(card.calls_left / card.calls_limit, 0.0), 1.0)
        st.progress(left, text=f":small[{card.calls_left:,} of {card.calls_limit:,} calls left]")
    else:
        st.markdown(f":small[:gray[{_limit(card)}]]")
    _advice(card)
    st.space("stretch")


def _errors(card: Card) -> str:
    return f"{card.failed} of {formats.plural(card.ended, 'run')}" if card.ended else formats.DASH


def _limit(card: Card) -> str:
    if card.vendor == Vendor.IMICONNECT.value:
        return "Sends messages; has no list to read"
    return "No call limit told" if card.calls_left is None else f"{card.calls_left:,} calls left"


def _advice(card: Card) -> None:
    """Say what is wrong, since when, and what a person should do."""
    if card.problem is None:
        return
    since = f", since {formats.clock(card.failing_since)} UTC" if card.failing_since else ""
    st.markdown(f":small[{plain(card.problem.rstrip('.'))}{since}.]")
    if card.action:
        st.markdown(f":small[:gray[:material/arrow_forward: {plain(card.action)}]]")


def _sync_button(card: Card, *, busy: bool) -> None:
    if st.button(
        "Syncing" if busy else "Sync now",
        icon=":material/sync:",
        disabled=busy,
        width="stretch",
        key=f"sync_{card.name}",
    ):
        jobs.sync_now(resources.desk(), session.actor(), [card.name])
        st.session_state["sync_asked"] = True
        st.rerun()


def sync_all(*, possible: bool) -> None:
    """Draw the button that refreshes every source, or say who can."""
    if not may_sync():
        st.markdown(":small[:gray[An admin can start a sync.]]", width="content")
    elif st.button("Sync all", icon=":material/sync:", disabled=not possible):
        jobs.sync_now(resources.desk(), session.actor(), None)
        st.session_state["sync_asked"] = True
        st.rerun()


def held_back(found: Sequence[Card]) -> None:
    """Draw each list that lost too much at once, with the plan of what marking would do."""
    for card in found:
        if card.held is None:
            continue
        with st.container(border=True, gap="small", key=f"held_{card.name}"):
            st.markdown(f"{formats.SOURCE_STATES['held back'].badge} **{plain(card.name)}**: {plain(card.held)}")
            st.markdown(":small[:gray[What was known stays as it was until somebody decides.]]")
            if may_sync() and st.button(
                "Mark as vanished …", icon=":material/visibility_off:", key=f"mark_{card.name}"
            ):
                dialogs.show(Dialog("held", "Mark as vanished", ":material/fact_check:", partial(_plan, card)))


def _plan(card: Card) -> None:
    name = plain(card.name)
    st.markdown("**Nothing has happened yet.**")
    st.markdown(plain(card.held))
    st.markdown(
        f"Going on reads the list of {name} once more. What it still does not hold is marked as vanished: "
        "it stays in Networks with its history, and comes back by itself when the vendor lists it again. "
        "Nothing is deleted here or at the vendor."
    )
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="held_cancel"):
            dialogs.close()
        if st.button("Mark as vanished", type="primary", key="held_confirm"):
            jobs.accept_loss(resources.desk(), session.actor(), card.name)
            st.session_state["sync_asked"] = True
            dialogs.close()


def incidents(found: Sequence[Incident], number: int) -> None:
    """Draw what broke last and is broken now, since when, and what to do; the whole list is a page of its own."""
    with cards.card("Open incidents", formats.plural(number, "incident") if number else "none", stretch=True):
        if not found:
            st.markdown(":small[:gray[Nothing is broken at the moment.]]")
        for incident in found:
            source = plain(incident.source or "Patchbay")
            with st.container(gap=None):
                age = formats.span(formats.now() - incident.began_at)
                st.markdown(f":red[:material/siren:] **{source}** {plain(incident.message)} :small[:gray[{age}]]")
                st.markdown(f":small[:gray[{plain(incident.advice)}]]")
                way = links.incident(incident.id)
                st.page_link(way.page, label="Open", query_params=way.query, icon=":material/arrow_forward:")
        st.page_link(links.INCIDENTS, label="All incidents", icon=":material/arrow_forward:")
