"""What most people would write: the whole table in memory, grouped and shown."""

import os
import sqlite3
from collections.abc import Callable

import pandas as pd
import streamlit as st

QUERY = """
SELECT c.name, handle, platform, status, health, followers, engagement_rate, category, kind,
  connected_at, s.name AS source
FROM connections c JOIN sources s ON s.id = c.source_id
"""


def read() -> pd.DataFrame:
    """Read everything."""
    return pd.read_sql(QUERY, sqlite3.connect(os.environ["PATCHBAY_DATABASE_URL"].removeprefix("sqlite:///")))


def show(everything: Callable[[], pd.DataFrame]) -> None:
    """Draw two filters, a chart and the table."""
    st.title("Networks")
    shown = everything()
    search = st.text_input("Search")
    platforms = st.multiselect("Platform", sorted(shown["platform"].unique()))
    if search:
        shown = shown[shown["handle"].str.contains(search, case=False, regex=False)]
    if platforms:
        shown = shown[shown["platform"].isin(platforms)]
    st.bar_chart(shown.groupby(["platform", "status"]).size().unstack())  # noqa: PD010 (what most people would write)
    st.dataframe(shown)
