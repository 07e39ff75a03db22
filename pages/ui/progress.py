"""What is going on now: a row for each running sync, drawn anew every second while there is one."""

import streamlit as st

from data.queries import sources
from data.queries.sources import Run
from pages.ui import formats, resources
from pages.ui.text import plain

_EVERY = 1.0


def syncs() -> frozenset[str]:
    """Show the running syncs and name their sources; the page is drawn anew when the last one ends."""
    with resources.reading() as session:
        running = sources.running(session)
    asked = st.session_state.pop("sync_asked", False)
    if running or asked:
        st.session_state["sync_looks"] = 0
    with st.container():  # a place of its own, whether or not: nothing below it becomes another element
        if running or asked:
            _rows()
    return frozenset(run.source for run in running)


@st.fragment(run_every=_EVERY)
def _rows() -> None:
    with resources.reading() as session:
        running = sources.running(session)
    looks = st.session_state.get("sync_looks", 0)
    st.session_state["sync_looks"] = looks + 1
    if not running and looks > 0:
        st.rerun(scope="app")
    with st.container(border=True, gap="small", key="running"):
        if not running:
            st.markdown(":small[:gray[The sync begins.]]")
        for run in running:
            st.progress(0.0 if not run.seen else _share(run), text=_words(run))


def _share(run: Run) -> float:
    """Give how far a run is, as far as its words tell ("networks: 120 of 200"); half when they don't."""
    done, of, every = run.progress.rpartition(": ")[2].replace(",", "").partition(" of ")
    if of and done.isdigit() and every.isdigit() and int(every):
        return min(int(done) / int(every), 1.0)
    return 0.5


def _words(run: Run) -> str:
    took = formats.span(formats.now() - run.started_at)
    told = f"{plain(run.progress)}, " if run.progress else ""
    return f":small[**Syncing {plain(run.source)}**: {told}{formats.plural(run.seen, 'account')} read, {took}]"
