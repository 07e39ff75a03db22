"""What could not be saved: another person was faster, the draft is gone, or the database did not take it."""

import streamlit as st

from pages.ui import plans
from pages.ui.compose import tab, words
from pages.ui.compose.sheet import Sheet
from pages.ui.text import plain
from services.messaging.drafts import Gone

_FORM = "compose_conflict"


def show(sheet: Sheet) -> None:
    """Draw the notice, with what a person can do; nothing while all is saved."""
    held = sheet.tab
    if held.taken_over:
        who = plain(held.taken_over)
        st.markdown(f":small[:orange[:material/sync:] {who} saved this draft meanwhile: this is how it is now.]")
    if held.unsaved is None:
        return
    with st.container(border=True, gap="small", key="compose_unsaved"):
        st.markdown(
            f":red[:material/error:] **Your last change is not saved.** {plain(held.unsaved.message)}  \n"
            f":small[:gray[{plain(held.unsaved.advice)}]]"
        )
        if held.theirs is not None:
            st.markdown(f":small[:gray[Theirs:] {plain(words.about(held.theirs.body))}]")
        with st.container(horizontal=True, gap="small"):
            if held.theirs is not None:
                st.button("Take theirs", key="compose_theirs", on_click=tab.forget)
            elif not isinstance(held.unsaved, Gone):
                st.button("Try again", key="compose_try", on_click=tab.again)
            st.button("Keep mine as a new draft", type="primary", key="compose_mine", on_click=_keep)
        plans.wrong(_FORM)


def _keep() -> None:
    plans.attempted(tab.keep_mine, "This is a draft of your own now.", _FORM)
