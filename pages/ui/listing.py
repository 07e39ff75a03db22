"""Around the list of networks: how many, where in the list, the way on and back, and what to do when it is empty."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from data.queries import inventory, sources, totals
from data.queries.inventory import Page, Standing
from pages.ui import filters, formats
from pages.ui.text import plain

_NAMES = {
    "q": "search",
    "min": "followers from",
    "max": "followers to",
    "listed": "listed by the vendor",
}


@dataclass(frozen=True)
class Around:
    """What stands around the list, whatever is chosen: the words of the filters, how much there is, and its age."""

    words: filters.Words
    standing: Standing
    failing: list[tuple[str, datetime]]
    stale: list[tuple[str, datetime]]


def around(session: Any, *, stale_after: timedelta) -> Around:
    """Ask for all of it at once."""
    known = totals.words(session)
    named = inventory.source_names(session)
    words = filters.Words(known["platform"], known["kind"], named, inventory.categories(session))
    behind = sources.stale(session, stale_after=stale_after)
    return Around(words, inventory.standing(session), sources.failing(session), behind)


def summary(standing: Standing) -> str:
    """Say how much there is in all."""
    return f"{formats.plural(standing.connections, 'connection')} of {formats.plural(standing.sources, 'source')}"


def actions(page: Page) -> None:
    """Draw the row above the table: the count, the range, and the buttons to the next and previous rows."""
    if page.first <= 1:
        _forget_place()
    total = f"{page.total:,}" if page.total_is_exact else f"more than {page.total:,}"
    if not page.believed:
        st.markdown(":small[:gray[The place in the address is not one of this list, so the list begins at its start.]]")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="list_actions"):
        st.markdown(f"**{total}** :gray[{'connection' if page.total == 1 else 'connections'}]", width="content")
        st.space("stretch")
        if page.rows:
            st.markdown(f":small[:gray[{page.first:,}{formats.DASH}{page.last:,} of {total}]]", width="content")
        _step("before", page.previous, ":material/chevron_left:", "Previous rows")
        _step("after", page.next, ":material/chevron_right:", "Next rows")


def _step(direction: str, place: str | None, icon: str, words: str) -> None:
    st.button(
        "", icon=icon, help=words, disabled=place is None, key=f"go_{direction}", on_click=_go, args=(direction, place)
    )


def _forget_place() -> None:
    """Take the place out of the address: the first rows need none."""
    for name in ("after", "before"):
        if name in st.query_params:
            del st.query_params[name]


def _go(direction: str, place: str | None) -> None:
    _forget_place()
    if place is not None:
        st.query_params[direction] = place


def empty(standing: Standing) -> None:
    """Say why the list is empty, with a button for each filter to lift."""
    narrowing = filters.set_ones()
    with st.container(border=True, gap="small", key="empty"):
        if standing.connections == 0:
            st.markdown("**No connection is known yet.**")
            st.markdown(":gray[They appear as soon as a source has answered. How each source stands is under Health.]")
            return
        told = ", ".join(f"{_NAMES.get(key, key)} {plain(value)}" for key, value in narrowing.items())
        st.markdown(f"**No connection matches**: {told}." if told else "**No connection is listed.**")
        with st.container(horizontal=True, gap="small"):
            for key in narrowing:
                label = f"Lift {_NAMES.get(key, key)}"
                st.button(
                    label, icon=":material/filter_alt_off:", key=f"lift_{key}", on_click=filters.lift, args=(key,)
                )
            if len(narrowing) > 1:
                st.button("Clear all", type="tertiary", key="clear_all", on_click=filters.clear)
