"""A message that went to several recipients: how far it is, the button that stops it, and a result for each."""

from datetime import datetime
from functools import partial
from typing import NamedTuple

import streamlit as st

from data.queries import composing, messages
from data.queries.messages import Filter, MessageRow, SendingRow
from data.types import MessageState, SendingState
from pages.ui import formats, links, plans, resources, session
from pages.ui.compose import pace
from pages.ui.sent import looks
from pages.ui.text import plain
from services.messaging import stopping

_STOP = "compose_many_stop"
_ROWS = 200
_WAITS = (MessageState.RESERVED, MessageState.POSTING)
_OUTCOMES = (
    ("accepted", (MessageState.ACCEPTED, MessageState.SUBMITTED)),
    ("delivered", (MessageState.DELIVERED,)),
    ("read", (MessageState.READ,)),
    ("not known", (MessageState.UNKNOWN,)),
    ("refused", (MessageState.REFUSED,)),
    ("failed", (MessageState.FAILED,)),
)


class _Standing(NamedTuple):
    """How a send to a list stands: itself, its messages by state, how many a stop refused, and the first of them."""

    row: SendingRow
    results: dict[str, int]
    stopped: int
    rows: list[MessageRow]

    def number(self, *states: MessageState) -> int:
        """Count the messages in some states."""
        return sum(self.results.get(state.value, 0) for state in states)

    @property
    def often(self) -> float | None:
        """Give the seconds until it is to be looked at again."""
        return pace.of([state for state, count in self.results.items() if count], self._last_word)

    @property
    def _last_word(self) -> datetime:
        heard = max((each.changed_at for each in self.rows), default=self.row.began_at)
        return max(heard, self.row.ended_at or self.row.began_at)


def show(number: int) -> None:
    """Draw how a send to a list stands; anew for as long as one of its messages may still move."""
    found = _read(number)
    if found is not None:
        st.fragment(run_every=found.often)(_drawn)(number, found.often)


def _read(number: int) -> _Standing | None:
    with resources.reading() as reading:
        row = messages.sending(reading, number)
        rows = messages.find(reading, Filter(sending=number), limit=_ROWS)[1]
        return (
            None
            if row is None
            else _Standing(row, messages.results(reading, number), composing.stopped(reading, number), rows)
        )


def _drawn(number: int, often: float | None) -> None:
    """Draw it as it is now; where it is to be looked at more or less often from now on, the page is drawn anew."""
    found = _read(number)
    if found is None:
        return
    if found.often != often:
        st.rerun(scope="app")
    left, total = found.number(*_WAITS), found.row.total
    out = total - left - found.stopped
    with st.container(border=True, gap="small", key="compose_list"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.progress(out / total if total else 1.0, text=_words(found), width="stretch")
            if found.row.state == SendingState.RUNNING and left:
                st.button("Stop", icon=":material/stop_circle:", key="compose_stop", on_click=_stop, args=(number,))
            way = links.messages(list=str(number))
            st.page_link(way.page, label="Open under Sent", query_params=way.query, icon=":material/outbox:")
        plans.wrong(_STOP)
        with st.expander(f"A result for each · {total:,}", key="compose_results"):
            _table(found.rows)


def _words(found: _Standing) -> str:
    """Say how many are out and what became of them; of a stopped list, how many were sent and how many never leave."""
    row, left = found.row, found.number(*_WAITS)
    told = {word: found.number(*states) for word, states in _OUTCOMES}
    if row.stopped_by is None:
        out = f"**{row.total - left:,} of {row.total:,}**"
        return f":small[{out} :gray[· {_counted(told | {'not out yet': left})}.]]"
    told["refused"] -= found.stopped
    never = found.stopped + found.number(MessageState.RESERVED)
    sent = f"**{row.total - never:,} of {row.total:,} left, {never:,} did not**"
    return f":small[{sent} :gray[· stopped by {plain(row.stopped_by)} · {_counted(told)}]]"


def _counted(told: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in told.items() if count)


def _table(rows: list[MessageRow]) -> None:
    st.dataframe(
        {
            "To": [row.recipient for row in rows],
            "State": [looks.state(row.state).word for row in rows],
            "Why": [row.reason for row in rows],
        },
        hide_index=True,
        placeholder=formats.DASH,
        column_config={"To": st.column_config.TextColumn(width=130), "State": st.column_config.TextColumn(width=80)},
        alt="Table of each recipient with the state of their message",
    )
    if len(rows) == _ROWS:
        st.caption(f"The first {_ROWS}; all are under Sent.")


def _stop(number: int) -> None:
    plans.attempted(partial(stopping.stop, resources.desk(), session.actor(), number), "", _STOP)
