"""The menu of files of a list: what matches, or everything; each is a link to a download, drawn while it is open."""

from collections.abc import Callable, Mapping

import streamlit as st

from services import downloads


def button(key: str, draw: Callable[[], None]) -> None:
    """Draw the button that opens the menu."""
    opened = st.popover("Export", icon=":material/download:", key=key, on_change="rerun")
    if opened.open:
        with opened:
            draw()


def whole(key: str, name: str, query: str, forms: Mapping[str, str], *, said: str) -> None:
    """Draw the menu of a list that is narrowed by `query` (empty: by nothing); `said` stands under the links."""

    def draw() -> None:
        if query:
            links("All that match", name, query, forms)
        links("Everything", name, "", forms)
        st.caption(said)

    button(key, draw)


def links(label: str, name: str, query: str, forms: Mapping[str, str], *, width: int = 110) -> None:
    """Draw a row of links, one for each form of the file: its ending, and what it is called."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(label, width=width)
        for ending, word in forms.items():
            st.link_button(word, f"{downloads.PATH}/{name}.{ending}?{query}", icon=":material/download:")
