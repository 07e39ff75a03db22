"""The script of an empty page: what Streamlit itself costs."""
