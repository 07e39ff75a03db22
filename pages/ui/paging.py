"""The bar above a list that is walked by ids: how many rows there are, and the ways to newer and older ones."""

import streamlit as st

from data.queries.newest import Stretch
from pages.ui import filters, formats

_LONGEST = 15


def places() -> tuple[int | None, int | None]:
    """Give the ids after and before which the address asks for rows; what is no id counts as none."""
    return number("after"), number("before")


def number(key: str) -> int | None:
    """Read a number from the address; anything else counts as none."""
    word = st.query_params.get(key, "")
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _LONGEST else None


def bar(found: Stretch, what: str) -> None:
    """Draw it."""
    counted = formats.plural(found.total, what)
    told = f"**{counted}**" if found.total_is_exact else f"**more than {counted}**"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="paging"):
        st.markdown(told, width="stretch")
        step("before", found.newer, ":material/chevron_left:", "Rows before these")
        step("after", found.older, ":material/chevron_right:", "Rows after these")


def step(direction: str, place: int | str | None, icon: str, words: str) -> None:
    """Draw the button that leads to the rows before or after a place; closed where there are none."""
    asked = {direction: (str(place),)}
    key = f"go_{direction}"
    st.button("", icon=icon, help=words, disabled=place is None, key=key, on_click=filters.write, args=(asked,))
