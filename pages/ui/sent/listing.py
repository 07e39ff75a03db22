"""The sent messages as a list that follows them: drawn anew by itself, a tick opens one beside it."""

from datetime import timedelta
from functools import cache
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import silence
from data.queries import messages
from data.queries.messages import MessageRow
from data.queries.newest import Stretch
from data.types import LEAVING
from pages.ui import choosing, formats, paging, resources
from pages.ui.sent import choices, looks
from pages.ui.text import short
from services.messages_address import OPEN, SILENT, Asked

_SOON, _SELDOM = 3.0, 20.0
_SHOWN = 120
_HELP = f"{SILENT}: the vendor owes a word, and nothing was heard for {silence.AFTER // timedelta(minutes=1)} minutes"
_MOVING = frozenset({*LEAVING, *silence.AWAITED})
"""The states of a message of which more is about to be told."""


def page(found: Asked) -> Stretch:
    """Ask for the rows."""
    after, before = paging.places()
    return resources.kept(messages.page, found.filter, after=after, before=before, oldest_first=found.oldest_first)


def places(*, beside: bool) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Give the place of the list and that of the message beside it; on a phone the message stands above the list."""
    if not beside:
        return st.container(), st.container()
    if "Mobi" in st.context.headers.get("User-Agent", ""):
        message, listed = st.container(), st.container()
        return listed, message
    left, right = st.columns([1.45, 1.25], gap="medium")
    return left, right


def live(found: Asked) -> None:
    """Draw the list, and again every few seconds while a message in it moves."""
    moving = any(row.state in _MOVING for row in page(found).rows)
    st.fragment(run_every=_SOON if moving else _SELDOM)(_drawn)(found, st.query_params.get(OPEN))


def _drawn(found: Asked, opened: str | None) -> None:
    rows = page(found)
    if rows.rows:
        paging.bar(rows, "message")
        _table(rows)
    else:
        choices.empty(found)
    if st.query_params.get(OPEN) != opened:
        st.rerun(scope="app")


def _table(found: Stretch) -> None:
    rows: list[MessageRow] = found.rows
    drawn = pa.table(
        {
            "at": pa.array([row.created_at for row in rows], pa.timestamp("us", tz="UTC")),
            "to": pa.array([row.recipient for row in rows], pa.string()),
            "state": pa.array([_state(row) for row in rows], pa.list_(pa.string())),
            "says": pa.array([short(looks.summary(row.payload), _SHOWN) for row in rows], pa.string()),
            "kind": pa.array([looks.family(row.family) for row in rows], pa.string()),
            "why": pa.array([row.reason for row in rows], pa.string()),
            "from": pa.array([row.source for row in rows], pa.string()),
            "by": pa.array([row.person for row in rows], pa.string()),
            "message": pa.array([row.id for row in rows], pa.int64()),
        }
    )
    alt = f"Table of {formats.plural(len(rows), 'message')} with recipient, state and text"
    ids = [str(row.id) for row in rows]
    choosing.row(drawn, ids, parameter=OPEN, columns=_columns(), alt=alt, required=False)


def _state(row: MessageRow) -> list[str]:
    return [looks.state(row.state).word, *([SILENT] if looks.quiet(row) else [])]


@cache
def _columns() -> dict[str, Any]:
    config = st.column_config
    tints = {look.word: look.tint for look in looks.STATES.values()} | {SILENT: "orange"}
    return {
        "at": config.DatetimeColumn("When", format="distance", width=112),
        "to": config.TextColumn("To", width=130),
        "state": config.MultiselectColumn(
            "State", options=list(tints), color=list(tints.values()), width=132, help=_HELP
        ),
        "says": config.TextColumn("Message", width=210),
        "kind": config.TextColumn("Kind", width=62),
        "why": config.TextColumn("Why", width=190),
        "from": config.TextColumn("As", width=90),
        "by": config.TextColumn("By", width=70),
        "message": config.NumberColumn("Number", format="%d", width=70, alignment="left"),
    }
