"""The queue of cases as a list: each row can be ticked, and a press on it opens its case beside the list."""

from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from data.queries import cases
from data.queries.cases import CaseFilter, CaseOrder, CasePage, CaseRow, Tab
from data.types import CaseState
from pages.ui import filters, formats, links, paging, picks, resources, tables
from pages.ui.approvals import case_looks, case_open
from pages.ui.approvals.cases_filters import Chosen
from pages.ui.formats import Colour
from pages.ui.picks import Picks
from pages.ui.table import cells
from pages.ui.table.cells import Cell, Chip, Column
from pages.ui.table.draw import Sheet, Ticks, draw
from services.approvals.steps import UNDECIDED

TABLE = "cases_table"
"""The key of the table of cases."""
_PICKS = "cases_picks"
_USUAL = {Tab.TO_DECIDE: CaseState.REQUESTED, Tab.WAITING: CaseState.SUBMITTED}
"""The state that a tab's cases have unless it is said."""
_MARKS: dict[str, Colour] = {"Came back": "orange", "Escalated": "red", "Reminded": "orange", "Disagreement": "violet"}
_TOLD = {"red": " · late", "orange": " · soon"}
"""Said beside an age that has a tint: a colour alone says nothing, and a tint belongs to its word."""
_AGES = "Red: past the agreed time. Orange: due within two hours. Of others: since when they stand as they do"


class _Drawn(NamedTuple):
    """A stretch of the queue as it is drawn: the same for everyone who asks it, until anybody commits."""

    page: CasePage
    sheet: Sheet


def page(found: Chosen) -> CasePage:
    """Ask for the rows."""
    return _kept(found).page


def _kept(found: Chosen) -> _Drawn:
    asked, minute = found.asked, formats.now().replace(second=0, microsecond=0)
    place = (found.after, found.before)
    return resources.kept(_drawn, asked.filter, minute, order=asked.order, size=asked.size, place=place)


def _drawn(
    session: Any, wanted: CaseFilter, at: datetime, *, order: CaseOrder, size: int, place: tuple[str | None, str | None]
) -> _Drawn:
    after, before = place
    found = cases.page(session, wanted, order=order, size=size, after=after, before=before)
    return _Drawn(found, _sheet(found.rows, wanted.tab, at))


def picked(found: Chosen) -> Picks:
    """Give what is chosen of the queue."""
    return picks.kept(f"{found.asked.query} {found.filter.persons}", accounts=False, of=_PICKS)


def table(asked: Chosen, found: Picks, open_case: int | None, *, many: bool) -> None:
    """Draw the rows; those that are chosen are ticked where `many` can be, the one that is open is marked."""
    sheet = _kept(asked).sheet
    ticked = found.place(tuple((each, int(each)) for each in sheet.ids))
    draw(
        sheet,
        key=TABLE,
        label=f"Table of {formats.plural(len(sheet.ids), 'case')} with account, age and state",
        opens="row",
        open_row=None if open_case is None else str(open_case),
        opened=_open,
        ticks=Ticks(found.turn, ticked, partial(picks.ticking, found)) if many else None,
        named=1,
    )


def _open(number: str) -> None:
    case_open.press(int(number))


def _sheet(rows: tuple[CaseRow, ...], tab: Tab, at: datetime) -> Sheet:
    """Give the rows as they are drawn, with the state only where it says something."""
    stated = tab not in _USUAL or any(_state(row, tab) for row in rows)
    return Sheet(
        columns=[column for column in _columns(tab) if stated or column.name != "state"],
        rows=[_cells(row, tab, at, stated=stated) for row in rows],
        ids=[str(row.id) for row in rows],
        links=[links.case(row.id).address for row in rows],
    )


def _columns(tab: Tab) -> list[Column]:
    since = "Since" if tab in {Tab.DECIDED, Tab.WAITING} else "Waiting"
    return [
        Column("avatar", "", "tile", 44),
        Column("account", "Account", "link", 134),
        Column("age", since, "chips", 92, _AGES),
        Column("state", "State", "chips", 110),
        Column("case", "Case", "number", 56, format="plain"),
    ]


def _cells(row: CaseRow, tab: Tab, at: datetime, *, stated: bool) -> list[Cell]:
    tile = tables.tile(row.name or row.handle or "", row.platform)
    state: list[Cell] = [_state(row, tab)] if stated else []
    return [tile, cells.text(case_looks.title(row)), [_age(row, at)], *state, row.id]


def _state(row: CaseRow, tab: Tab) -> list[Chip]:
    """Give a case's state, unless it is the usual one of its tab, and what else a reviewer has to know."""
    waits = row.state in UNDECIDED
    marks = {
        "Came back": waits and row.difference is not None,
        "Escalated": waits and row.escalated_at is not None,
        "Reminded": waits and row.reminded_at is not None and row.flagged_at is None,
        "Disagreement": row.disagrees,
    }
    state = [] if row.state == _USUAL.get(tab) else [cells.chip(case_looks.state(row.state))]
    return [*state, *((word, _MARKS[word]) for word, holds in marks.items() if holds)]


def _age(row: CaseRow, at: datetime) -> Chip:
    """Give how long a case waits for us, tinted by its agreed time; of others, since when they stand as they do."""
    if row.state not in UNDECIDED:
        return formats.span(at - row.changed_at), "plain"
    look, waited = case_looks.age(row, at), formats.span(at - row.requested_at)
    colour = None if look is None else look.colour
    return waited + _TOLD.get(colour or "", ""), colour or "plain"


def line(shown: CasePage, found: Picks, *, many: bool) -> None:
    """Say how many match or are chosen, which stretch of them this is, and what a press does."""
    if shown.first <= 1 and filters.placed():
        filters.write({})  # the first rows need no place
    opens = "A press opens a case, a tick chooses" if many else "A press opens a case"
    if not shown.believed:
        opens = "The place in the address is not one of this list: it begins at its start"
    stretch = f"{shown.first:,}{formats.DASH}{shown.last:,} · " if _is_stretch(shown) else ""
    st.markdown(f"{_counted(shown, found)} :small[:gray[· {stretch}{opens}.]]", width="stretch")


def total(shown: CasePage) -> str:
    """Say how many match."""
    return f"{shown.total:,}" if shown.total_is_exact else f"more than {shown.total:,}"


def _counted(shown: CasePage, found: Picks) -> str:
    every, number = total(shown), found.number()
    if found.every is not None:
        return f"**All {every}** :gray[selected]"
    return (
        f"**{number:,} selected** :gray[of {every}]"
        if number
        else f"**{every}** :gray[{'case' if every == '1' else 'cases'}]"
    )


def _is_stretch(shown: CasePage) -> bool:
    return bool(shown.next or shown.previous)


def steps(shown: CasePage) -> None:
    """Draw the ways to the other stretches of the queue."""
    if _is_stretch(shown):
        paging.step("before", shown.previous, ":material/chevron_left:", "Cases before these")
        paging.step("after", shown.next, ":material/chevron_right:", "Cases after these")
