"""One word of the address among a few: what it means, and what is said of a word that is none of them."""

from collections.abc import Collection

import streamlit as st

from pages.ui.text import plain, short

_SHOWN = 40


def chosen(key: str, options: Collection[str]) -> str | None:
    """Give what the address says; None where it says nothing of sense."""
    told = st.query_params.get(key)
    return told if told in options else None


def dropped(key: str, name: str, options: Collection[str]) -> None:
    """Say what stands in the address and is no choice; nothing when it is one."""
    told = st.query_params.get(key, "")
    if told and told not in options:
        word = f"{name} “{plain(short(told, _SHOWN))}”"
        st.markdown(f":small[:gray[:material/filter_alt_off: Dropped from the address: {word}.]]")
