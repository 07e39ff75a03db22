"""The sent messages as a list of which a tick opens one; it is made once, and again after any commit."""

from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data import silence
from data.queries import messages
from data.queries.messages import Filter, MessageRow
from data.queries.newest import Stretch
from data.types import LEAVING
from pages.ui import choosing, formats, paging, resources
from pages.ui.sent import looks
from pages.ui.text import short
from services.messages_address import OPEN, SILENT, Asked

_SHOWN = 120
_HELP = f"{SILENT}: the vendor owes a word, and nothing was heard for {silence.AFTER // timedelta(minutes=1)} minutes"
_MOVING = frozenset({*LEAVING, *silence.AWAITED})
"""The states of a message of which more is about to be told."""


class Listed(NamedTuple):
    """A page of messages: its rows, the same as a table, and whether any of them moves."""

    rows: Stretch
    table: pa.Table
    moving: bool


def asked(found: Asked) -> Listed:
    """Ask for the page that the address names."""
    after, before = paging.places()
    return resources.kept(_page, found.filter, after=after, before=before, oldest_first=found.oldest_first)


def table(found: Listed) -> None:
    """Draw the page."""
    ids = [str(row.id) for row in found.rows.rows]
    alt = f"Table of {formats.plural(len(ids), 'message')} with recipient, state and text"
    choosing.row(found.table, ids, parameter=OPEN, columns=_columns(), alt=alt, required=False)


def _page(session: Any, wanted: Filter, *, after: int | None, before: int | None, oldest_first: bool) -> Listed:
    number = resources.kept(messages.counted, wanted)
    rows = messages.page(session, wanted, after=after, before=before, oldest_first=oldest_first, number=number)
    return Listed(rows, _as_table(rows.rows), any(row.state in _MOVING for row in rows.rows))


def _as_table(rows: list[MessageRow]) -> pa.Table:
    return pa.table(
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
