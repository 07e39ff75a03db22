"""The list of networks with its choices: a choice runs both of them and nothing else, a tick or a step only the rows.

Each is a fragment. The whole page follows when what stands around the list would say something else by now: its
figures, its charts, a menu that is open.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from data.queries.inventory import Page
from pages.ui import asof, exporting, filters, formats, freshness, listing, overview, resources, session, tables, views
from pages.ui.disconnecting import buttons
from pages.ui.filters import Chosen
from pages.ui.listing import Around
from pages.ui.picks import Picks
from services.sessions import Person

_LASTS = timedelta(seconds=30)
"""So long the ages that the page tells are as good as new; and whoever works in the list is here, which is noted."""


@dataclass(frozen=True)
class Board:
    """What the address asks for, the rows that answer it, and when that was."""

    around: Around
    chosen: Chosen
    at: datetime | None
    picked: Picks
    page: Page
    asked_at: datetime


def asked() -> Board:
    """Read the address and ask; opens the account whose row was clicked."""
    around = resources.kept(listing.around, stale_after=freshness.stale_after())
    chosen, at = filters.chosen(around.words), asof.day()
    picked = listing.picked(chosen, at)
    return Board(around, chosen, at, picked, listing.page(chosen, at), formats.now())


def live(found: Board) -> None:
    """Draw the list; each choice made in it draws it anew."""
    _live(found, session.here(), [found])


@st.fragment
def _live(around: Board, person: Person, just_asked: list[Board]) -> None:
    """Draw the choices and the rows: those that were asked for a moment ago, then those of each choice."""
    if just_asked:
        _both(just_asked.pop(), person)
        return
    with _anew(person) as found:
        _both(found, person)
    _lead(around, found)


def _both(found: Board, person: Person) -> None:
    filters.row(found.chosen, found.around.words)
    filters.dropped(found.chosen)
    _rows(found, person, [found])


@st.fragment
def _rows(around: Board, person: Person, just_asked: list[Board]) -> None:
    """Draw the rows and what stands right above them, likewise: a tick or a step runs nothing else."""
    if just_asked:
        _table(just_asked.pop())
        return
    with _anew(person) as found:
        if _asks_else(found.chosen, around.chosen):
            st.rerun(scope="app")
        _table(found)
    _lead(around, found)


def _sort(order: str) -> None:
    filters.put("sort", (order,))


def _asks_else(now: Chosen, before: Chosen) -> bool:
    """Tell whether a filter was lifted or another order asked for in the rows: their choices must say so."""
    return (now.narrowing, now.order) != (before.narrowing, before.order)


def _table(found: Board) -> None:
    listing.actions(found.page, found.picked, found.chosen if found.at is None else None)
    if found.page.rows:
        tables.connections(
            listing.lines(found.page, found.picked),
            found.picked,
            order=found.chosen.sorted_by,
            ordered=_sort,
            then=found.at is not None,
        )
    else:
        listing.empty(found.around.standing, found.chosen)


@contextmanager
def _anew(person: Person) -> Iterator[Board]:
    """Ask again, for the same person; another one, or the plan of a disconnect, is for the whole page to draw."""
    if session.person() != person or buttons.pressed():
        st.rerun(scope="app")
    with session.staying(person):
        yield asked()


def _lead(around: Board, found: Board) -> None:
    """Let the whole page follow when it would say something else."""
    older = found.around != around.around or found.asked_at - around.asked_at > _LASTS
    held = views.is_open() or exporting.is_open()
    if older or held or overview.fades_others(found.chosen.filter, around.chosen.filter):
        st.rerun(scope="app")
