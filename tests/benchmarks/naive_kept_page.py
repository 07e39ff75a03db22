"""The script of that page after the first remedy: what it read is kept for everyone."""

import streamlit as st

from tests.benchmarks import naive

naive.show(st.cache_data(naive.read))
