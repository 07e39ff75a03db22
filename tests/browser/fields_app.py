"""Serves the page of the tests with the fields and the phone."""

from pathlib import Path

import streamlit as st

app = st.App(Path(__file__).with_name("fields_page.py"))
