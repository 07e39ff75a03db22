"""Who decides in whose place while that person is away."""

import streamlit as st


def button() -> None:
    """Draw the button that opens who is away."""
    st.button("Away …", icon=":material/event_busy:", key="case_away")
