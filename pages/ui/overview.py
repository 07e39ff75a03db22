"""The charts above the list of networks, each a fragment of its own, folded away when a person says so."""

from datetime import timedelta

import streamlit as st

from data.queries import history, totals
from pages.ui import cards, charts, formats, resources

_DAYS = 90


def charts_of_networks() -> None:
    """Draw the two charts in a fold whose state is remembered for the session."""
    wanted = st.session_state.get("charts_wanted", True)
    fold = st.expander("Charts", expanded=wanted, key="charts", on_change=_remember)
    if wanted:
        with fold:
            left, right = st.columns([1, 1.15], gap="small")
            with left:
                _status_by_platform()
            with right:
                _followers()


def _remember() -> None:
    st.session_state["charts_wanted"] = bool(st.session_state["charts"])


@st.fragment
def _status_by_platform() -> None:
    with resources.reading() as session:
        counts = totals.by_platform_and_status(session)
    with cards.card("Status by platform", "listed now", stretch=True):
        if counts:
            charts.status_by_platform(counts, key="status_by_platform")
        else:
            st.caption("Nothing is listed yet.")


@st.fragment
def _followers() -> None:
    today = formats.now().date()
    with resources.reading() as session:
        figures = history.followers_by_platform(session, since=today - timedelta(days=_DAYS - 1), until=today)
    with cards.card("Followers, 90 days", "by platform", stretch=True):
        if figures:
            charts.followers(figures, key="followers_by_platform")
        else:
            st.caption("No source has told followers yet.")
