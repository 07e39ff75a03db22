"""The page that most people would write: the whole table in memory, grouped and shown; kept once it has been read."""

import os
import sqlite3

import pandas as pd
import streamlit as st

QUERY = """
SELECT c.name, handle, platform, status, health, followers, engagement_rate, category, kind,
  connected_at, s.name AS source
FROM connections c JOIN sources s ON s.id = c.source_id
"""


@st.cache_data
def read(path: str) -> pd.DataFrame:
    """Read everything."""
    return pd.read_sql(QUERY, sqlite3.connect(path))


st.title("Networks")
everything = read(os.environ["PATCHBAY_DATABASE_URL"].removeprefix("sqlite:///"))
search = st.text_input("Search")
platforms = st.multiselect("Platform", sorted(everything["platform"].unique()))
shown = everything
if search:
    shown = shown[shown["handle"].str.contains(search, case=False, regex=False)]
if platforms:
    shown = shown[shown["platform"].isin(platforms)]
st.bar_chart(shown.groupby(["platform", "status"]).size().unstack())  # noqa: PD010 (what most people would write)
st.dataframe(shown)
