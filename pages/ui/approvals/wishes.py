"""What goes with a request: a note for the reviewer, and until when it should be decided."""

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from pages.ui import dialogs, formats, plans, resources
from services.approvals import rules
from services.approvals.asking import Wish
from services.approvals.steps import LONGEST_WORDS

_NOTE, _DUE = "wish_note", "wish_due"


def inputs() -> None:
    """Draw the inputs, and what counts when no time is named."""
    st.text_area(
        "Note for the reviewer", key=_NOTE, max_chars=LONGEST_WORDS, height=80, placeholder="Why it should be approved"
    )
    st.datetime_input("Decide until, UTC", value=None, format="YYYY-MM-DD", key=_DUE, width=240)
    if is_over():
        st.markdown(":small[:red[:material/error: That time is over already.]] :small[Name a later one.]")
    else:
        st.markdown(f":small[:gray[{_rule()}]]")


def form(label: str, do: Callable[[], None], *, form: str, key: str) -> None:
    """Draw the inputs, what was refused of this form, and the buttons that leave it or do it."""
    inputs()
    plans.wrong(form)
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key=f"{key}_cancel"):
            dialogs.close()
        st.button(label, type="primary", disabled=is_over(), key=f"{key}_do", on_click=do)


def is_over() -> bool:
    """Tell whether the named time has passed."""
    due = _due()
    return due is not None and due <= formats.now()


def given() -> Wish:
    """Give what was typed."""
    return Wish(str(st.session_state.get(_NOTE) or ""), _due())


def _due() -> datetime | None:
    at = st.session_state.get(_DUE)
    return at.replace(tzinfo=UTC) if isinstance(at, datetime) else None


def _rule() -> str:
    """Say what the rule makes of a request that names no time."""
    with resources.reading() as session:
        due = rules.due(session, None, formats.now())
    if due is None:
        return "Left empty, no time is agreed: no rule names one."
    return f"Left empty, the rule counts: until {due:%A} {due.day} {due:%B}, {due:%H:%M} UTC."
