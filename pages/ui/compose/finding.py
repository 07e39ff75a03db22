"""The search for a recipient among more than a choice offers: the database looks, and a press takes who was found."""

from collections.abc import Callable

import streamlit as st

from data.queries import recipients
from data.queries.filters import LONGEST_SEARCH
from data.queries.recipients import Names
from pages.ui import resources
from pages.ui.text import plain, short

_SHOWN, _NAME = 8, 40


def among(people: Names, key: str, found: Callable[[str], None], *, width: int | None = None) -> None:
    """Draw the search of a choice, where there are more recipients than it offers; `found` gets who is pressed."""
    if people.total <= len(people.names):
        return
    place = f"{key}_search"
    typed = st.text_input(
        "Search all recipients",
        type="search",
        icon=":material/search:",
        placeholder=f"Search all {people.total:,}: name, igsid, consent",
        max_chars=LONGEST_SEARCH,
        autocomplete="off",
        live=True,
        label_visibility="collapsed",
        width=width or "stretch",
        key=place,
    )
    if (typed or "").strip():
        _matches(str(typed), place, found)


def _matches(typed: str, place: str, found: Callable[[str], None]) -> None:
    with resources.reading() as session:
        matches = recipients.names(session, typed, limit=_SHOWN)
    st.pills(
        "Found recipients",
        matches.names,
        format_func=lambda name: plain(short(name, _NAME)),
        label_visibility="collapsed",
        wrap=True,
        key=f"{place}_found",
        on_change=_taken,
        args=(place, found),
    )
    if not matches.names:
        st.markdown(":small[:gray[Nobody matches.]]")
    elif matches.total > len(matches.names):
        st.markdown(f":small[:gray[The first {len(matches.names)} of {matches.total:,}; type more of the name.]]")


def _taken(place: str, found: Callable[[str], None]) -> None:
    """Hand over who was pressed, and empty the search for the next one."""
    chosen = st.session_state[f"{place}_found"]
    if chosen is not None:
        st.session_state[place], st.session_state[f"{place}_found"] = "", None
        found(chosen)
