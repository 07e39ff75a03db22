"""What is folded away: drawn while somebody has it unfolded."""

from collections.abc import Callable

import streamlit as st


def fold(label: str, draw: Callable[[], None], *, icon: str, key: str) -> None:
    """Draw the label; what is beneath it costs nothing until it is unfolded. A press runs the page, or its fragment."""
    opened = st.expander(label, icon=icon, key=key, on_change="rerun")
    if opened.open:
        with opened:
            draw()
