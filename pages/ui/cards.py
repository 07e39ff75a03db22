"""Small pieces that pages share: a page's head, a titled card, and what stands where nothing is."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def head(title: str, *, widths: tuple[float, float] = (3, 2)) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Draw a page's title; gives the place for the line under it and the place for its controls."""
    left, right = st.columns(widths, vertical_alignment="center", gap="small")
    words = left.container(gap=None)
    words.header(title, anchor=False)
    controls = right.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small")
    return words, controls


@contextmanager
def card(title: str, aside: str = "", *, key: str | None = None, stretch: bool = False) -> Iterator[DeltaGenerator]:
    """Draw a bordered card with its title, and a word in gray beside it; gives the row of its title."""
    with st.container(border=True, gap="small", key=key, height="stretch" if stretch else "content"):
        head = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
        head.markdown(f"**{title}**", width="content")
        if aside:
            head.caption(aside, width="content")
        yield head


def empty(what: str, next_step: str) -> None:
    """Say why nothing is here, and what to do next."""
    with st.container(border=True, gap=None):
        st.markdown(f"**{what}**")
        st.markdown(f":gray[{next_step}]")
