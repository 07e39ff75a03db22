"""The rows of a plan of many cases, before and after: what will happen to each, and what became of it."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from pages.ui import formats
from pages.ui.formats import Look
from pages.ui.text import plain
from services.approvals.carrying import Done
from services.approvals.plans import Plan, Row
from services.approvals.work import Work

_ROW, _HEAD, _SHOWN = 36, 36, 10
_SIGNS = dict.fromkeys(("approve", "request"), ":green[:material/check_circle:]")
_LEFT = {
    "forbidden": "your own request, or one that you approved first",
    "state": "another step is due first, or it is decided already",
    "not_sendable": "Zocial takes no such account",
    "second_case": "the account has an active case",
    "vanished": "its source no longer lists it",
    "disconnected": "it is disconnected at its source",
    "twice": "the same account stands in the plan already",
}
RESULTS = {
    "done": Look("Done", "green", "check_circle"),
    "unknown": Look("Not known", "orange", "help"),
    "refused": Look("Refused by Zocial", "red", "cancel"),
    "came_back": Look("Came back", "orange", "undo"),
    "conflict": Look("Changed meanwhile", "orange", "difference"),
    "stopped": Look("Not begun", "gray", "stop_circle"),
    "planned_out": Look("Left alone", "gray", "do_not_disturb_on"),
}
_OTHER = Look("Not done", "red", "error")
_LAST = ("stopped", "done", "planned_out")
"""The kinds of results that nobody has to look at one by one: they come after the others."""


def outcome(row: Row, plan: Plan) -> str:
    """Say what will happen to a row, in words that are the same for all rows alike."""
    if not row.problem:
        what = f"approve and send to {row.source}" if row.source else row.what
        sign = _SIGNS.get(plan.action, ":blue[:material/arrow_forward:]")
        doubt = f" :orange[:material/visibility_off: though {plain(row.warning)}]" if row.warning else ""
        return f"{sign} {plain(what[:1].upper() + what[1:])}{doubt}"
    why = _LEFT.get(row.why, "") or ("it can't be requested" if plan.action == "request" else "it can't be done")
    return f":gray[:material/do_not_disturb_on:] :gray[Left alone: {why}]"


def planned(plan: Plan) -> None:
    """Show every row of a plan."""
    rows = plan.rows
    table = pa.table(
        {
            "name": pa.array([row.name for row in rows], pa.string()),
            "case": _links([row.case or row.standing for row in rows]),
            "what": pa.array([_said(row) for row in rows], pa.string()),
            "advice": pa.array([row.advice or None for row in rows], pa.string()),
        }
    )
    columns = {
        "name": st.column_config.TextColumn("Account", width=150),
        "case": _case(),
        "what": st.column_config.TextColumn("What will happen", width=290),
        "advice": st.column_config.TextColumn("What to do", width=200),
    }
    _table(table, columns, key="case_plan_table", alt=f"Table of {len(rows):,} rows of the plan")


def _said(row: Row) -> str:
    return row.problem or (f"{row.what}, though {row.warning}" if row.warning else row.what)


def told(work: Work) -> None:
    """Show what became of each row, with a choice of outcomes."""
    if work.problem is not None:
        st.markdown(
            f":red[:material/error: **{plain(work.problem.message)}**]  \n:small[:gray[{plain(work.problem.advice)}]]"
        )
    found = sorted(work.results, key=lambda each: _LAST.index(each.kind) if each.kind in _LAST else -1)
    if not found:
        return
    counted = _counted(found)
    every = f"All {len(found):,}"
    labels = {every: None} | {f"{look} {number:,}": look for look, number in counted.items()}
    chosen = st.segmented_control(
        "Outcome", list(labels), default=every, required=True, label_visibility="collapsed", key="case_plan_outcomes"
    )
    wanted = labels.get(str(chosen))
    _rows([each for each in found if wanted is None or _look(each).word == wanted])
    if "Not known" in counted:
        st.caption(
            "Not known: the request left and no answer came. It is never sent twice; the next sync of Zocial reads "
            "its list, which tells."
        )


def _counted(found: Sequence[Done]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for each in found:
        counted[_look(each).word] = counted.get(_look(each).word, 0) + 1
    return counted


def _rows(found: Sequence[Done]) -> None:
    numbers = [each.outcome.case if each.outcome else each.row.case or each.row.standing for each in found]
    table = pa.table(
        {
            "name": pa.array([each.row.name for each in found], pa.string()),
            "case": _links(numbers),
            "outcome": pa.array([[_look(each).word] for each in found], pa.list_(pa.string())),
            "words": pa.array([each.message for each in found], pa.string()),
            "advice": pa.array([each.advice or None for each in found], pa.string()),
        }
    )
    looks = [*RESULTS.values(), _OTHER]
    words, tints = [look.word for look in looks], [look.tint for look in looks]
    columns = {
        "name": st.column_config.TextColumn("Account", width=130),
        "case": _case(),
        "outcome": st.column_config.MultiselectColumn("Outcome", options=words, color=tints, width=130),
        "words": st.column_config.TextColumn("In words", width=400),
        "advice": st.column_config.TextColumn("What to do", width=240),
    }
    _table(table, columns, key="case_results", alt=f"Table of {len(found):,} results")


def _links(numbers: Sequence[int | None]) -> pa.Array:
    return pa.array(
        [None if number is None else f"/approvals?tab=all&case={number}" for number in numbers], pa.string()
    )


def _case() -> Any:
    return st.column_config.LinkColumn("Case", display_text=r"case=(\d+)", width=52)


def _table(table: pa.Table, columns: dict[str, Any], *, key: str, alt: str) -> None:
    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW,
        height=_ROW * min(max(table.num_rows, 1), _SHOWN) + _HEAD,
        placeholder=formats.DASH,
        column_config=columns,
        key=key,
        alt=alt,
    )


def _look(done: Done) -> Look:
    return RESULTS.get(done.kind, _OTHER)


def mark(work: Work) -> str:
    """Give the sign of how it ended: all as planned, or not."""
    bad = work.problem is not None or any(not each.ok and each.kind != "planned_out" for each in work.results)
    return ":orange[:material/error:]" if bad else ":green[:material/check_circle:]"


def left(work: Work) -> list[Row]:
    """Give the rows that were not done though the plan said so, and that a new plan may do."""
    return [each.row for each in work.results if each.outcome is None and each.kind != "planned_out"]
