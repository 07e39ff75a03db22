"""What is open in front of a page: a dialog stays until it is done or put away, whatever draws the page anew meanwhile.

Streamlit shows a dialog only while each run of the whole page calls it, and a run may come from elsewhere: a sync that
ends, a table that is drawn a second time. So what is open is kept for the session, and the shell draws it in each run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, NoReturn

import streamlit as st

_OPEN, _PLACE = "dialog_open", "dialog_place"
Width = Literal["small", "medium", "large"]


@dataclass(frozen=True)
class Dialog:
    """One dialog: its name here, what it is called, and what draws it."""

    name: str
    title: str
    icon: str
    draw: Callable[[], None]
    width: Width = "medium"


def standing(page: str) -> None:
    """Draw what is open on this page; on another one, or of another account, it is open no more.

    The shell calls it first in each run.
    """
    place = (page, st.query_params.get("id"))
    if st.session_state.get(_PLACE) != place:
        st.session_state[_PLACE] = place
        put_away()
    found: Dialog | None = st.session_state.get(_OPEN)
    if found is not None:
        dismissed = partial(_dismissed, found)
        st.dialog(found.title, width=found.width, icon=found.icon, on_dismiss=dismissed)(_drawn)(found)


def ask(dialog: Dialog) -> None:
    """Let the run that follows open a dialog, in place of the one that is open: for the callback of a button."""
    st.session_state[_OPEN] = dialog


def show(dialog: Dialog) -> NoReturn:
    """Open a dialog now, in a run of its own: inputs that were drawn elsewhere first would be others to Streamlit."""
    ask(dialog)
    st.rerun()


def is_open(name: str) -> bool:
    """Tell whether the dialog of that name is open."""
    found: Dialog | None = st.session_state.get(_OPEN)
    return found is not None and found.name == name


def close() -> NoReturn:
    """Close what is open, and draw the page anew."""
    put_away()
    st.rerun()


def put_away() -> None:
    """Let the next run of the page draw no dialog."""
    st.session_state.pop(_OPEN, None)


def _drawn(dialog: Dialog) -> None:
    dialog.draw()


def _dismissed(dialog: Dialog) -> None:
    """Put away the one that a person closed, unless another one was asked for meanwhile."""
    if st.session_state.get(_OPEN) is dialog:
        put_away()
