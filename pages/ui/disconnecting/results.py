"""What became of each row of a plan of disconnects, and what each source said afterwards."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries import receipts
from pages.ui import formats, resources
from pages.ui.disconnecting import words
from pages.ui.formats import Look
from pages.ui.text import plain
from services.disconnecting.doing import Done
from services.disconnecting.work import Work

_ROW, _HEAD, _SHOWN, _FEW = 36, 36, 10, 6
LOOKS = {
    "done": Look("Gone", "green", "check_circle"),
    "alive": Look("Lives on", "red", "error"),
    "unknown": Look("Not proven", "orange", "help"),
    "refused": Look("Refused", "red", "cancel"),
    "conflict": Look("Changed meanwhile", "orange", "difference"),
    "stopped": Look("Not begun", "gray", "stop_circle"),
    "planned_out": Look("Left alone", "gray", "do_not_disturb_on"),
}
_OTHER = Look("Not done", "red", "error")
_LAST = ("stopped", "done", "planned_out")
"""The kinds of results that nobody has to look at one by one: they come after the others."""


def mark(work: Work) -> str:
    """Give the sign of how it ended: all as planned, or not."""
    bad = work.problem is not None or any(not each.ok and each.kind != "planned_out" for each in work.results)
    return ":orange[:material/error:]" if bad else ":green[:material/check_circle:]"


def counted(work: Work) -> str:
    """Say how many ended how, what was planned first: "2 gone, 1 lives on, 1 left alone"."""
    words = Counter(_look(each).word.lower() for each in work.results)
    order = [look.word.lower() for look in LOOKS.values()]
    ended = sorted(words.items(), key=lambda each: order.index(each[0]) if each[0] in order else 0)
    return ", ".join(f"{number:,} {word}" for word, number in ended) or "nothing was begun"


def told(work: Work) -> None:
    """Show what became of each row; of a few, what each source said."""
    if work.problem is not None:
        st.markdown(f":red[:material/error: **{plain(work.problem.message)}**]")
        st.caption(plain(work.problem.advice))
    found = sorted(work.results, key=lambda each: _LAST.index(each.kind) if each.kind in _LAST else -1)
    if len(found) > _FEW:
        _table(found)
    else:
        _lines(found)
    if any(each.kind == "unknown" for each in found):
        st.caption("Not proven: the sources are asked again by themselves, and the receipt on the account says when.")


def _lines(found: Sequence[Done]) -> None:
    numbers = tuple(each.receipt for each in found if each.receipt is not None)
    known = {each.id: each for each in resources.kept(receipts.some, numbers)}
    shown: set[frozenset[str]] = set()
    for done in found:
        with st.container(border=True, gap="xsmall"):
            look = _look(done)
            st.markdown(f"{look.badge} **{plain(done.row.source)}** · {plain(done.row.name)}")
            st.markdown(f":small[{plain(done.message)} :gray[{plain(done.advice)}]]")
            receipt = known.get(done.receipt or 0)
            knowers = frozenset(each["connection"] for each in receipt.proof) if receipt is not None else frozenset()
            if receipt is not None and knowers not in shown:  # of one account all say the same
                shown.add(knowers)
                words.said(receipt)


def _table(found: Sequence[Done]) -> None:
    table = pa.table(
        {
            "name": pa.array([each.row.name for each in found], pa.string()),
            "outcome": pa.array([[_look(each).word] for each in found], pa.list_(pa.string())),
            "source": pa.array([each.row.source for each in found], pa.string()),
            "page": pa.array([_page(each) for each in found], pa.string()),
            "words": pa.array([each.message for each in found], pa.string()),
            "advice": pa.array([each.advice or None for each in found], pa.string()),
        }
    )
    looks = [*LOOKS.values(), formats.UNANSWERED, _OTHER]
    options, tints = [look.word for look in looks], [look.tint for look in looks]
    columns = {
        "name": st.column_config.TextColumn("Account", width=130),
        "page": st.column_config.LinkColumn("Receipt", display_text="Open", width=60),
        "source": st.column_config.TextColumn("Source", width=80),
        "outcome": st.column_config.MultiselectColumn("Outcome", options=options, color=tints, width=110),
        "words": st.column_config.TextColumn("In words", width=400),
        "advice": st.column_config.TextColumn("What to do", width=240),
    }
    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW,
        height=_ROW * min(table.num_rows, _SHOWN) + _HEAD,
        placeholder=formats.DASH,
        column_config=columns,
        key="part_results",
        alt=f"Table of {len(found):,} results",
    )


def _page(done: Done) -> str | None:
    """Give the address of the account's page, where the receipt is."""
    return None if done.receipt is None else f"/account?id={quote(done.row.connection, safe='')}"


def _look(done: Done) -> Look:
    if done.kind == "refused" and done.problem in formats.NO_ANSWER:
        return formats.UNANSWERED
    return LOOKS.get(done.kind, _OTHER)
