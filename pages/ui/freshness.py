"""How old what is shown is: one line under a title."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from pages.ui import formats, resources
from pages.ui.text import plain
from services import jobs

_NAMED = 5


def stale_after() -> timedelta:
    """Tell from which age on a source's data counts as stale: four missed syncs, at least an hour."""
    minutes = resources.desk().settings.sync_minutes
    return max(timedelta(hours=1), timedelta(minutes=4 * minutes)) if minutes else timedelta(days=1)


def line(what: str, as_of: datetime | None, stale: Sequence[tuple[str, datetime]] = ()) -> None:
    """Say what is shown and how old it is, and which sources are behind."""
    age = f"as of {formats.ago(as_of)}" if as_of else "no source has answered yet"
    older = (
        ", ".join(f"{plain(name)} {formats.ago(at)}" for name, at in stale[:_NAMED])
        if jobs.replay_progress() is None
        else ""
    )
    behind = f" :small[:orange[:material/history: older: {older}]]" if older else ""
    st.markdown(f":small[:gray[{what} · {age}]]{behind}", help=formats.exact(as_of) if as_of else None)


def failures(found: Sequence[tuple[str, datetime]]) -> None:
    """Say which sources don't answer and since when; what they told last stays on the page, and what to do is said."""
    if found:
        named = ", ".join(f"{plain(name)} since {formats.clock(at)} UTC" for name, at in found[:_NAMED])
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        told = f":small[:red[:material/cloud_off: no answer from {named}{more}:] the last good rows are shown.]"
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="failing"):
            st.markdown(told, width="content")
            st.page_link("operations/health.py", label="What to do", icon=":material/arrow_forward:")


def replay() -> None:
    """Show how far the filling of a new demo is, while it goes on; the page is drawn anew when it ends."""
    with st.container():  # a place of its own, whether or not: nothing below it becomes another element
        if jobs.replay_progress() is not None:
            _replay()


@st.fragment(run_every=1.0)
def _replay() -> None:
    found = jobs.replay_progress()
    if found is None:
        st.rerun(scope="app")
    else:
        done, every = found
        st.progress(min(done / max(every, 1), 1.0), text=f":small[Filling the demo: day {done} of {every}]")
