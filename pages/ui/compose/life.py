"""What became of the message that a draft sent: its state, drawn anew until it is told for good."""

import streamlit as st

from data.queries import messages
from data.queries.messages import Event, MessageRow
from pages.ui import links, resources
from pages.ui.compose import pace
from pages.ui.sent import looks
from pages.ui.text import plain, short

_WORDS = 160


def show(number: int) -> None:
    """Draw the life of a message."""
    row, _steps = _read(number)
    if row is not None:
        often = pace.of({row.state}, row.changed_at)
        st.fragment(run_every=often)(_drawn)(number, often)


def _read(number: int) -> tuple[MessageRow | None, tuple[Event, ...]]:
    with resources.reading() as session:
        return messages.one(session, number), messages.events(session, number)


def _drawn(number: int, often: float | None) -> None:
    """Draw it as it is now; where it is to be looked at more or less often from now on, the page is drawn anew."""
    row, steps = _read(number)
    if row is None:
        return
    if pace.of({row.state}, row.changed_at) != often:
        st.rerun(scope="app")
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
        st.markdown(" :gray[→] ".join(_step(each) for each in steps if each.moved))


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
