"""Which case is open beside the queue: the one that the address names, else one that opened itself."""

from typing import NamedTuple, NoReturn

import streamlit as st

from data.queries import cases
from data.queries.cases import CasePage, Tab
from pages.ui import resources
from pages.ui.approvals import cases_filters
from pages.ui.approvals.cases_filters import Chosen

CASE, CARD = "case", "cases_card"
"""Its key in the address, and the name of the fragment that draws it."""
_HELD = "cases_held"


class _Held(NamedTuple):
    """What was open when the list was last asked for: of which question, what opened itself, and what was seen."""

    question: tuple[object, ...]
    itself: int | None
    seen: int | None


def number(shown: CasePage, asked: Chosen, *, stays: bool) -> int | None:
    """Give the case that is open: the one that the address names, else the one that opened itself.

    It stays the one, whatever becomes of it or of the list meanwhile, until a person takes a step with it or opens
    another, or comes from another page. In another list what was open stays if that list holds it; else the first of
    that list opens itself. `stays` tells whether the run before drew this page too.
    """
    question = (asked.filter, asked.asked.order, asked.asked.size, asked.after, asked.before)
    held: _Held | None = st.session_state.get(_HELD) if stays else None
    rows = [row.id for row in shown.rows]
    itself = next(iter(rows), None)
    if held is not None and held.question == question and held.itself is not None:
        itself = held.itself
    elif held is not None and held.seen in rows:
        itself = held.seen
    seen = itself if asked.asked.case is None else asked.asked.case
    st.session_state[_HELD] = _Held(question, itself, seen)
    return seen


def is_still(case: int) -> bool:
    """Tell whether a case whose card is drawn is the one that is open: another one's card may be on its way."""
    held: _Held | None = st.session_state.get(_HELD)
    return held is not None and held.seen == case


def press(case: int) -> NoReturn:
    """Open another case, as its row was pressed: nothing but its card is drawn."""
    hold(case)
    st.rerun(CARD)


def hold(case: int) -> None:
    """Let the address name a case of which more is asked for than a step."""
    st.query_params[CASE] = str(case)


def go_on() -> None:
    """Let the first of the list open itself anew once a step was taken; a case that the address names stays."""
    st.session_state.pop(_HELD, None)


def elsewhere(shown: CasePage, case: int | None, tab: Tab) -> None:
    """Say that the open case is none of this list, and lead to the first one that is."""
    if case is None or any(row.id == case for row in shown.rows):
        return
    with resources.reading() as reading:
        there = case in cases.some(reading, [case])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="elsewhere"):
        if there:  # the card says it of one that there is not
            told = f"Case {case} is not among the cases shown under {cases_filters.TABS[tab]}."
            st.markdown(f":small[:gray[:material/info: {told}]]", width="content")
        if shown.rows:
            st.button(
                "Open the first of these",
                icon=":material/arrow_forward:",
                type="tertiary",
                key="open_first",
                on_click=_first,
            )


def _first() -> NoReturn:
    st.query_params.pop(CASE, None)
    go_on()
    st.rerun()
