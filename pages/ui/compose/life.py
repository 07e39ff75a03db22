"""What became of the message that a draft sent: its state, drawn anew every second until it is told for good."""

import streamlit as st

from data.queries import messages
from data.queries.messages import Event, MessageRow
from data.types import MessageState
from pages.ui import links, resources
from pages.ui.sent import looks
from pages.ui.text import plain, short

_SOON, _SELDOM = 1.0, 5.0
_FINAL = frozenset({MessageState.READ, MessageState.FAILED, MessageState.REFUSED})
_STEPS, _WORDS = 8, 160


def show(number: int) -> None:
    """Draw the life of a message."""
    row = _read(number)[0]
    if row is None:
        return
    if row.state in _FINAL:
        _drawn(number)
    else:
        st.fragment(run_every=_SELDOM if row.state == MessageState.DELIVERED else _SOON)(_drawn)(number)


def _read(number: int) -> tuple[MessageRow | None, tuple[Event, ...]]:
    with resources.reading() as session:
        return messages.one(session, number), messages.events(session, number)


def _drawn(number: int) -> None:
    row, steps = _read(number)
    if row is None:
        return
    with st.container(border=True, gap="xsmall", key="compose_life"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            told = f"to {plain(row.recipient)} as {plain(row.source)}"
            sent = f":small[:gray[{told}, {row.created_at:%H:%M:%S} UTC, by {plain(row.person)}]]"
            st.markdown(looks.state(row.state).badge, width="content")
            st.markdown(sent, width="content")
            st.space("stretch")
            way = links.message(number)
            st.page_link(way.page, label="Open under Sent", query_params=way.query, icon=":material/outbox:")
        _why(row)
        st.markdown(" :gray[→] ".join(_step(each) for each in steps if each.moved)[-2_000:])


def _why(row: MessageRow) -> None:
    """Say what a person should know of it: why it was not sent, or that nobody knows."""
    quiet = looks.quiet(row)
    if row.reason:
        advice = f" :gray[{plain(row.advice)}]" if row.advice else ""
        st.markdown(f":small[**{plain(short(row.reason, _WORDS))}**{advice}]")
    if quiet:
        st.markdown(f":small[:orange[:material/hourglass_disabled: {plain(quiet)}.]]")


def _step(event: Event) -> str:
    look = looks.state(event.after)
    return f":small[:gray[{event.at:%H:%M:%S}] {look.word}]"
