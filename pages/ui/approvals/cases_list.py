"""The queue of cases as a list: each row can be ticked, and a press on it opens its case beside the list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries import cases
from data.queries.cases import CaseFilter, CaseOrder, CasePage, CaseRow, Tab
from data.types import CaseState
from pages.ui import filters, formats, paging, picks, resources, tables
from pages.ui.approvals import case_looks, cases_filters
from pages.ui.approvals.cases_filters import Chosen
from pages.ui.formats import Colour
from pages.ui.picks import Picks
from services.approvals.steps import UNDECIDED
from services.cases_address import ORDERS

CASE = "case"
_ROW, _HEAD, _MOST = 40, 36, 12
_PICKS, _AT, _HELD = "cases_picks", "cases_at", "cases_held"
_USUAL = {Tab.TO_DECIDE: CaseState.REQUESTED, Tab.WAITING: CaseState.SUBMITTED}
"""The state that a tab's cases have unless it is said."""
_MARKS: dict[str, Colour] = {"Came back": "orange", "Escalated": "red", "Reminded": "orange", "Disagreement": "violet"}
_WORDS = pa.list_(pa.string())
_TOLD = {"red": " · late", "orange": " · soon"}
"""Said beside an age that has a tint: a colour alone says nothing, and a tint belongs to its word."""
_OPENS = "account"
"""The column whose cell is framed in the row that is open."""


class _Opened(NamedTuple):
    """The case that opened itself, and the list whose first it was."""

    question: tuple[object, ...]
    case: int


class _Sheet(NamedTuple):
    """A stretch of the queue as it is drawn: the same for everyone who asks it, until anybody commits."""

    page: CasePage
    drawn: pa.Table
    aged: Any
    """The column of ages."""


def page(found: Chosen) -> CasePage:
    """Ask for the rows."""
    return _kept(found).page


def _kept(found: Chosen) -> _Sheet:
    asked, minute = found.asked, formats.now().replace(second=0, microsecond=0)
    place = (found.after, found.before)
    return resources.kept(_sheet, asked.filter, minute, order=asked.order, size=asked.size, place=place)


def _sheet(
    session: Any, wanted: CaseFilter, at: datetime, *, order: CaseOrder, size: int, place: tuple[str | None, str | None]
) -> _Sheet:
    after, before = place
    found = cases.page(session, wanted, order=order, size=size, after=after, before=before)
    ages = {row.id: _age(row, at) for row in found.rows}
    return _Sheet(found, _drawn(found.rows, ages, wanted.tab), _aged(wanted.tab, ages.values()))


def picked(found: Chosen) -> Picks:
    """Give what is chosen of the queue."""
    return picks.kept(f"{found.asked.query} {found.filter.persons}", accounts=False, of=_PICKS)


def opened(shown: CasePage, asked: Chosen) -> int | None:
    """Give the case that is open: the one that the address names, else the one that was the first of this very list.

    It stays the one, whatever becomes of it or of the list meanwhile, until a person takes a step with it, opens
    another or asks for another list, or comes from another page.
    """
    if asked.asked.case is not None:
        return asked.asked.case
    question = (asked.filter, asked.asked.order, asked.asked.size, asked.after, asked.before)
    held: _Opened | None = st.session_state.get(_HELD) if cases_filters.stays() else None
    if held is None or held.question != question:
        held = _Opened(question, shown.rows[0].id) if shown.rows else None
        st.session_state[_HELD] = held
    return held.case if held else None


def go_on() -> None:
    """Let the first of the list open itself anew once a step was taken; a case that the address names stays."""
    st.session_state.pop(_HELD, None)


def hold(number: int) -> None:
    """Let the address name a case of which more is asked for than a step."""
    st.query_params[CASE] = str(number)


def table(asked: Chosen, found: Picks, open_case: int | None, *, many: bool) -> None:
    """Draw the rows; those that are chosen are ticked where `many` can be, the one that is open is framed."""
    sheet = _kept(asked)
    rows = sheet.page.rows
    ticked = found.place(tuple((str(row.id), row.id) for row in rows))
    at = next((place for place, row in enumerate(rows) if row.id == open_case), None)
    if at != st.session_state.get(_AT):  # opened by a link or a button: another widget, which frames that row
        st.session_state[_AT] = at
        found.turn += 1
    key = f"cases_table_{found.turn}_{many}"
    framed = [] if at is None else [(at, _OPENS)]
    st.dataframe(
        sheet.drawn,
        hide_index=True,
        row_height=_ROW,
        height=_ROW * min(len(rows), _MOST) + _HEAD,
        placeholder=formats.DASH,
        column_config=_columns() | {"age": sheet.aged},
        column_order=_order(rows, asked.filter.tab),
        key=key,
        alt=f"Table of {formats.plural(len(rows), 'case')} with account, age and state",
        on_select=partial(_chosen, found, key, found.turn, [row.id for row in rows], many=many),
        selection_mode=["multi-row", "single-cell"] if many else ["single-cell"],
        selection_default={"selection": {"rows": ticked if many else [], "columns": [], "cells": framed}},
    )


def _chosen(found: Picks, key: str, turn: int, numbers: Sequence[int], *, many: bool) -> None:
    """Take over what was ticked, and open the case whose row was pressed; unless another table is drawn by now."""
    if turn != found.turn:
        return
    selection = st.session_state[key]["selection"]
    if many:
        found.tick(frozenset(selection["rows"]))
    at = next((row for row, _ in selection["cells"]), None)
    if at is not None and at != st.session_state.get(_AT):
        st.session_state[_AT] = at
        st.query_params[CASE] = str(numbers[at])


def _order(rows: Sequence[CaseRow], tab: Tab) -> list[str]:
    """Give the columns, that of the state only where it says something."""
    if tab not in _USUAL:
        return ["avatar", _OPENS, "state", "age", "case"]
    return ["avatar", _OPENS, "age", *(["state"] if any(_state(row, tab) for row in rows) else []), "case"]


def _state(row: CaseRow, tab: Tab) -> list[str]:
    """Give the word of a case's state, unless it is the usual one of its tab, and what else a reviewer has to know."""
    waits = row.state in UNDECIDED
    marks = {
        "Came back": waits and row.difference is not None,
        "Escalated": waits and row.escalated_at is not None,
        "Reminded": waits and row.reminded_at is not None and row.flagged_at is None,
        "Disagreement": row.disagrees,
    }
    state = [] if row.state == _USUAL.get(tab) else [case_looks.state(row.state).word]
    return [*state, *(word for word, holds in marks.items() if holds)]


def _drawn(rows: Sequence[CaseRow], ages: Mapping[int, tuple[str, Colour | None]], tab: Tab) -> pa.Table:
    return pa.table(
        {
            "avatar": pa.array(
                [tables.avatar(row.name or row.handle or "", row.platform) for row in rows], pa.string()
            ),
            _OPENS: pa.array([case_looks.title(row) for row in rows], pa.string()),
            "age": pa.array([[ages[row.id][0]] for row in rows], _WORDS),
            "state": pa.array([_state(row, tab) for row in rows], _WORDS),
            "case": pa.array([row.id for row in rows], pa.int64()),
        }
    )


@cache
def _columns() -> dict[str, Any]:
    config = st.column_config
    looks = list(case_looks.STATES.values())
    words, tints = [*(look.word for look in looks), *_MARKS], [*(look.tint for look in looks), *_MARKS.values()]
    return {
        "avatar": config.ImageColumn("", width=44),
        _OPENS: config.TextColumn("Account", width=138),
        "state": config.MultiselectColumn("State", options=words, color=tints, width=118),
        "case": config.NumberColumn("Case", format="%d", width=56, alignment="left"),
    }


def _aged(tab: Tab, ages: Any) -> Any:
    """Give the column of ages: only words that are options have a tint."""
    tints = {word: colour or formats.PLAIN for word, colour in ages}
    title = "Since" if tab in {Tab.DECIDED, Tab.WAITING} else "Waiting"
    help_text = "Red: past the agreed time. Orange: due within two hours. Of others: since when they stand as they do"
    return st.column_config.MultiselectColumn(
        title, options=list(tints), color=list(tints.values()), width=88, help=help_text
    )


def _age(row: CaseRow, at: datetime) -> tuple[str, Colour | None]:
    """Give how long a case waits for us, tinted by its agreed time; of others, since when they stand as they do."""
    if row.state not in UNDECIDED:
        return formats.span(at - row.changed_at), None
    look, waited = case_looks.age(row, at), formats.span(at - row.requested_at)
    colour = None if look is None else look.colour
    return waited + _TOLD.get(colour or "", ""), colour


def line(shown: CasePage, asked: Chosen, *, many: bool) -> None:
    """Say how the rows are sorted, and what a press does; in a line of its own: the table's own buttons float there."""
    if shown.first <= 1 and filters.placed():
        filters.write({})  # the first rows need no place
    if not shown.believed:
        st.caption("The place in the address is not one of this list: it begins at its start.")
        return
    order = next(word for word, order in ORDERS.items() if order is asked.asked.order)
    tick = ", a tick chooses" if many else ""
    st.caption(f"{order}. A press opens a case{tick}.")


def paged(shown: CasePage) -> None:
    """Draw which stretch of the queue this is, and the ways to the others."""
    if not shown.next and not shown.previous:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="cases_place"):
        of = f"{shown.total:,}" if shown.total_is_exact else f"more than {shown.total:,}"
        st.caption(f"{shown.first:,}{formats.DASH}{shown.last:,} of {of}", width="stretch")
        paging.step("before", shown.previous, ":material/chevron_left:", "Cases before these")
        paging.step("after", shown.next, ":material/chevron_right:", "Cases after these")


def elsewhere(shown: CasePage, number: int | None, tab: Tab) -> None:
    """Say that the open case is none of this list, and lead to the first one that is."""
    if number is None or any(row.id == number for row in shown.rows):
        return
    with resources.reading() as reading:
        there = number in cases.some(reading, [number])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="elsewhere"):
        if there:  # the card says it of one that there is not
            where = cases_filters.TABS[tab]
            told = f"Case {number} is not among the cases shown under {where}."
            st.markdown(f":small[:gray[:material/info: {told}]]", width="content")
        if shown.rows:
            st.button(
                "Open the first of these",
                icon=":material/arrow_forward:",
                type="tertiary",
                key="open_first",
                on_click=_first,
            )


def _first() -> None:
    st.query_params.pop(CASE, None)
    go_on()
