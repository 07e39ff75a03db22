"""The composer of one draft, drawn as a piece of its own: what is typed runs this anew, not the page around it."""

import streamlit as st

from pages.ui import plans
from pages.ui.compose import conflict, editor, head, life, many, outgoing, pressing, preview, sheet
from pages.ui.compose.sheet import Sheet

ASKED = "draft"
"""The key of the address that names the draft."""


@st.fragment
def show(draft_id: str) -> None:
    """Draw the composer of a draft; a press of its send button is granted here, once all that was typed is saved."""
    if st.query_params.get(ASKED) != draft_id:
        st.rerun(scope="app")
    found = sheet.read(draft_id)
    if found is not None and pressing.granted(found):
        found = sheet.read(draft_id)
    if found is None:
        st.rerun(scope="app")
    plans.said()
    _drawn(found)


def _drawn(found: Sheet) -> None:
    head.show(found)
    conflict.show(found)
    plans.wrong(pressing.FORM)
    if found.pressed.message is not None:
        life.show(found.pressed.message)
    if found.pressed.sending is not None:
        many.show(found.pressed.sending)
    left, right = st.columns([1.55, 1], gap="large")
    with left:
        editor.show(found)
        outgoing.show(found)
    with right:
        preview.show(found)
