"""The rules that approvals go by: the agreed time, and two approvals above a number of followers."""

import streamlit as st


def button() -> None:
    """Draw the button that opens the rules."""
    st.button("Rules …", icon=":material/rule:", key="case_rules")
