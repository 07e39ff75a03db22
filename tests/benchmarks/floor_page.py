"""The script of a page with nothing but a button: what a rerun costs until it is painted."""

import streamlit as st

pressed = st.session_state.get("pressed", 0)
if st.button("Again"):
    pressed += 1
    st.session_state["pressed"] = pressed
st.text(f"Pressed {pressed}")
