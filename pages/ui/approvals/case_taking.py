"""Taking a step of a case: done once a press, told at the corner, or refused with who decided what meanwhile.

The keys of the buttons carry the version that was looked at: the second press of a double click finds no such button.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from data.queries import cases
from data.queries.cases import CaseRow, Happened
from pages.ui import resources
from pages.ui.approvals import case_looks, case_open, case_story
from pages.ui.text import plain
from services.approvals.steps import Outcome
from services.failures import Failure

_TOLD, _REFUSED, _TURN = "case_told", "case_refused", "case_turn"
LOOK_EVERY = "20s"
"""How often an open case is looked at again."""
_ICONS = {"done": ":material/check:", "refused": ":material/error:", "unknown": ":material/help:"}


class _Refused(NamedTuple):
    """Why a step was not taken, by what was looked at then."""

    case: int
    version: int
    message: str
    advice: str
    kind: str


def said() -> None:
    """Say once how the step of the run before ended."""
    outcome: Outcome | None = st.session_state.pop(_TOLD, None)
    if outcome is not None:
        told = f"{outcome.message.rstrip('.')}. {outcome.advice}" if outcome.advice else outcome.message
        st.toast(plain(told), icon=_ICONS.get(outcome.kind, _ICONS["unknown"]))


def key(name: str, case: CaseRow) -> str:
    """Name a button of a case as it was looked at."""
    return f"case_{name}_{case.id}_{case.version}"


def words_key(case: CaseRow) -> str:
    """Name the input of a case's reason: what was typed stays until a step was taken with it."""
    return f"case_words_{case.id}_{st.session_state.get(_TURN, 0)}"


def take(case: CaseRow, doing: str, deed: Callable[[], Outcome]) -> None:
    """Take a step, and draw the page as it is then; a step that was refused is kept for `refusal`."""
    st.session_state.pop(_REFUSED, None)
    with st.spinner(doing):
        try:
            st.session_state[_TOLD] = deed()
        except Failure as failure:
            told = (failure.message, failure.advice, failure.kind)
            st.session_state[_REFUSED] = _Refused(case.id, case.version, *told)
            return
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        case_open.go_on()
    st.rerun()


def is_stale(case: CaseRow) -> bool:
    """Tell whether somebody did something else meanwhile, as far as a refused step has shown."""
    refused = _of(case)
    return refused is not None and refused.kind in {"conflict", "state"}


def refusal(case: CaseRow) -> None:
    """Say why the last step was not taken; where the case moved meanwhile, lead to how it is now."""
    refused = _of(case)
    if refused is None:
        return
    with st.container(border=True, gap="small", key="case_refusal"):
        icon = "sync_problem" if is_stale(case) else "error"
        st.markdown(f":red[:material/{icon}:] **{plain(refused.message)}** :gray[{plain(refused.advice)}]")
        if is_stale(case):
            st.button("Look at it as it is now", icon=":material/refresh:", key=key("look", case), on_click=_look)


def moved(case: CaseRow, me: str) -> None:
    """Draw nothing until somebody did something to the case that is looked at: then who and what.

    It stands where a refused step is told of, which says the same.
    """
    last = resources.kept(_since, case.id, case.version)
    if last is None or is_stale(case):
        return
    name, icon, colour = case_story.title(last)
    with st.container(border=True, gap="small", key="case_moved"):
        by = case_looks.who(last.actor, me)
        st.markdown(f":{colour}[:material/{icon}:] **{name} by {by}, after you opened it.**")
        st.button("Look at it as it is now", icon=":material/refresh:", key=key("moved", case), on_click=_look)


def _since(reading: Any, number: int, version: int) -> Happened | None:
    """Give the last step of a case that was looked at in a version, if it is another one by now."""
    return cases.story(reading, number)[-1] if cases.some(reading, [number])[number].version != version else None


def _look() -> None:
    st.session_state.pop(_REFUSED, None)
    st.session_state["case_look"] = True


def looked() -> None:
    """Draw the whole page anew once somebody asked to see a case as it is now."""
    if st.session_state.pop("case_look", False):
        st.rerun()


def _of(case: CaseRow) -> _Refused | None:
    refused: _Refused | None = st.session_state.get(_REFUSED)
    return refused if refused is not None and (refused.case, refused.version) == (case.id, case.version) else None
