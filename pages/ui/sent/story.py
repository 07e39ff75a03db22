"""The story of one message, step by step as it is told; drawn anew by itself until nothing more can come."""

import json
from datetime import datetime, timedelta

import streamlit as st

from data.queries import messages
from data.queries.messages import Event, MessageRow
from pages.ui import formats, resources
from pages.ui.sent import looks
from pages.ui.text import plain, short
from services.messaging import codes, difference, silence, states

_SOON, _SELDOM = 2.0, 20.0
_LATELY = timedelta(hours=1)
_AT_ONCE = timedelta(seconds=5)
"""A callback that says an instant closer than this to its arrival tells no news by it."""
_WORDS = 1_000
_BY = {"system": "Patchbay", "callback": "a callback", "vendor": "the vendor's answer"}
"""Who took a step, when it was no person."""


def live(row: MessageRow) -> None:
    """Draw the story, and again while it can go on; when the state has moved, the page is drawn anew."""
    ended = row.state in {state.value for state in states.FINAL}
    often = _SOON if formats.now() - row.changed_at < _LATELY else _SELDOM
    st.fragment(run_every=None if ended else often)(_drawn)(row)


def _drawn(shown: MessageRow) -> None:
    with resources.reading() as reading:
        row, steps = messages.one(reading, shown.id), messages.events(reading, shown.id)
    if row is None or (row.state, row.reason) != (shown.state, shown.reason):
        st.rerun(scope="app")
        return
    _silence(row)
    with st.container(gap="xsmall", key="message_story"):
        st.markdown(f"**What happened** :small[:gray[newest first, UTC, made on {row.created_at:%d %b %Y}]]")
        for step in reversed(steps):
            _step(step, row.created_at)
    _raw([step for step in steps if step.raw])


def _silence(row: MessageRow) -> None:
    quiet = looks.quiet(row)
    if quiet:
        st.markdown(f":orange-badge[:material/hourglass_bottom: {quiet}] :small[{silence.advice(row.state)}]")


def _step(step: Event, made: datetime) -> None:
    look = looks.state(step.after)
    mark = f":{look.colour or 'gray'}[:material/{look.icon}:]" if step.moved else ":gray[·]"
    name = f"**{look.word}**" if step.moved else f":gray[{look.word}, moves nothing]"
    code = f" · code {plain(step.code)}" if step.code else ""
    late = step.told_at is not None and abs(step.at - step.told_at) > _AT_ONCE
    told = f" · told for {_clock(step.told_at, made)}" if step.told_at and late else ""
    aside = f":gray[· {plain(_BY.get(step.by, step.by))}{code}{told}]"
    words = plain(short(step.words, _WORDS))
    st.markdown(f":small[{_clock(step.at, made)} {mark} {name} {words} {aside}]")
    advice = codes.told(step.code).advice if step.code and step.code.isdigit() else ""
    if advice and not step.moved:
        st.markdown(f":small[:gray[{plain(advice)}]]")


def _clock(at: datetime, made: datetime) -> str:
    """Give an instant to the second, with its day where that is another one than the message's."""
    return f"{at:%H:%M:%S}" if at.date() == made.date() else f"{at:%d %b %H:%M:%S}"


def _raw(told: list[Event]) -> None:
    """Draw the callbacks as they came."""
    label = f"Raw callbacks · {len(told)}"
    with st.expander(label, icon=":material/webhook:", key="message_callbacks"):
        if not told:
            st.caption("The vendor has called back nothing yet.")
        for step in reversed(told):
            st.caption(f"{formats.exact(step.at)}")
            st.code(difference.written(json.loads(step.raw or "null")), language="json", wrap_lines=True)
