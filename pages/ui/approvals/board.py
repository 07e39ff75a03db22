"""The queue with its choices, and the open case beside it, each a fragment.

A choice runs the choices and the rows, a tick or a step only the rows, a press on a row only the case. The rows are
painted first: the case follows once the browser rests, if it is another one then, or another thing is to be said of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.queries.cases import CasePage, CaseRow
from pages.ui import filters, formats, idle, plans, resources, session
from pages.ui.approvals import (
    case_card,
    case_open,
    case_taking,
    cases_bulk,
    cases_filters,
    cases_head,
    cases_list,
)
from pages.ui.approvals.cases_filters import Chosen
from pages.ui.approvals.cases_head import Around
from pages.ui.picks import Picks
from services.sessions import Person

_LASTS = timedelta(seconds=30)
"""So long the ages that the page tells are as good as new; and whoever works in the queue is here, which is noted."""
_SEEN, _SIGN = "cases_seen", "cases_sign"
_HEIGHT = 620
"""How high the place of a card is that is still to come."""


@dataclass(frozen=True)
class Board:
    """What the address asks for, the rows that answer it, the case that is open, and when that was."""

    around: Around
    chosen: Chosen
    page: CasePage
    picked: Picks
    case: int | None
    stays: bool
    """Whether the run before drew this page too: one that is new paints its rows first."""
    asked_at: datetime

    @property
    def follows(self) -> bool:
        """Tell whether the case is to follow the rows of a new page: it does unless the address names it."""
        return not self.stays and self.case is not None and self.chosen.asked.case is None

    @property
    def open(self) -> tuple[int | None, CaseRow | None]:
        """Give the case that is open, and how it stands in the list."""
        return self.case, next((row for row in self.page.rows if row.id == self.case), None)


def asked() -> Board:
    """Read the address and ask."""
    chosen = cases_filters.chosen()
    around = resources.kept(cases_head.around, chosen.filter.persons)
    page, stays = cases_list.page(chosen), filters.was_drawn("tab")
    case = case_open.number(page, chosen, stays=stays)
    return Board(around, chosen, page, cases_list.picked(chosen), case, stays, formats.now())


def live(found: Board) -> None:
    """Draw the queue and the case; each choice made in them draws anew what it changes."""
    person = session.here()
    top = st.container(gap="small")
    left, right = st.columns([1.45, 1.75], gap="medium")
    st.session_state[_SEEN] = None if found.follows else found.open
    with left:
        _live(found, person, top, [found])
    with right:
        _beside(found, person, [found])


@st.fragment
def _live(around: Board, person: Person, top: DeltaGenerator, just_asked: list[Board]) -> None:
    """Draw the choices and the rows: those that were asked for a moment ago, then those of each choice.

    The choices stand above both columns, outside of this place. What is drawn by the fragment within stays inside: of
    what that one leaves out elsewhere, a run of this one would clear nothing.
    """
    if just_asked:
        _both(just_asked.pop(), person, top)
        return
    with _anew(person) as found:
        _both(found, person, top)
    _lead(around, found)


def _both(found: Board, person: Person, top: DeltaGenerator) -> None:
    with top:
        cases_filters.tabs(found.chosen, found.around.counted)
        cases_filters.row(found.chosen)
        cases_filters.dropped(found.chosen)
        cases_head.doubts(found.around, found.chosen)
    _rows(found, person, [found])


@st.fragment
def _rows(around: Board, person: Person, just_asked: list[Board]) -> None:
    """Draw the rows and what stands right above them, likewise: a tick or a step runs nothing else."""
    if just_asked:
        _table(just_asked.pop())
        return
    with _anew(person) as found:
        if found.chosen.filter != around.chosen.filter:  # a filter was lifted here: its choice must say so
            st.rerun(scope="app")
        _table(found)
    _lead(around, found)


def _table(found: Board) -> None:
    page, chosen, many = found.page, found.chosen, cases_bulk.possible(found.chosen.filter.tab)
    if page.rows:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="cases_actions"):
            cases_list.line(page, found.picked, many=many)
            if many:
                cases_bulk.actions(page, found.picked, chosen)
            cases_list.steps(page)
        cases_list.table(chosen, found.picked, found.case, many=many)
    else:
        cases_filters.empty(chosen)
    if found.open != st.session_state.get(_SEEN):
        _sign([True])


@st.fragment(key=_SIGN)
def _sign(awaited: list[bool]) -> None:
    """Let the case follow once the browser rests; drawn a second time, when it did, this is nothing."""
    if awaited:
        awaited.clear()
        idle.then(_follow, key="cases_follow")


def _follow() -> NoReturn:
    st.rerun([case_open.CARD, _SIGN])


@st.fragment(key=case_open.CARD)
def _beside(around: Board, person: Person, just_asked: list[Board]) -> None:
    """Draw the case that is open; on a page that is new only its place, unless the address names it."""
    if just_asked:
        found = just_asked.pop()
        draw = _place if found.follows else _case
        draw(found)
        return
    with _anew(person) as found:
        _case(found)
    _lead(around, found)


def _place(_found: Board) -> None:
    with st.container(border=True, key="case_place"):
        st.skeleton(_HEIGHT)


def _case(found: Board) -> None:
    plans.said()
    case_taking.said()
    case_open.elsewhere(found.page, found.case, found.chosen.filter.tab)
    if found.case is not None:
        case_card.show(found.case)
    st.session_state[_SEEN] = found.open


@contextmanager
def _anew(person: Person) -> Iterator[Board]:
    """Ask again, for the same person; another one, or a plan that was asked for, is for the whole page to draw."""
    if session.person() != person or cases_bulk.pressed():
        st.rerun(scope="app")
    with session.staying(person):
        yield asked()


def _lead(around: Board, found: Board) -> None:
    """Let the whole page follow when it would say something else."""
    if found.around != around.around or found.asked_at - around.asked_at > _LASTS:
        st.rerun(scope="app")
