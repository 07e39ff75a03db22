"""The charts above the list of networks, each a fragment of its own, folded away when a person says so."""

from datetime import date, timedelta

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
    counts = resources.kept(totals.by_platform_and_status)
    with cards.card("Status by platform", "listed now", stretch=True):
        if counts:
            charts.status_by_platform(counts, key="status_by_platform")
        else:
            st.caption("Nothing is listed yet.")


@st.fragment
def _followers() -> None:
    stamp = resources.kept(history.stamp)
    figures = _known(resources.desk().store.url, stamp, formats.now().date())
    with cards.card("Change of followers, 90 days", "by platform", stretch=True):
        if figures:
            charts.followers(figures, key="followers_by_platform")
        else:
            st.caption("No source has told followers yet.")


@st.cache_data(max_entries=4, show_spinner=False)
def _known(database: str, stamp: int, today: date) -> list[tuple[date, str, int]]:
    """Keep the sums until a sync changes them: they are the same for everyone."""
    del database, stamp
    with resources.reading() as session:
        return history.followers_by_platform(session, since=today - timedelta(days=_DAYS - 1), until=today)
