"""The story of one message, step by step as it was told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from data.queries.messages import Event, MessageRow
from pages.ui import formats
from pages.ui.sent import looks
from pages.ui.text import plain, short
from services.messaging import codes

_AT_ONCE = timedelta(seconds=5)
"""A callback that says an instant closer than this to its arrival tells no news by it."""
_WORDS = 1_000
_MOST = 100
"""Steps that are shown of one message."""
_BY = {"system": "Patchbay", "callback": "a callback", "vendor": "the vendor's answer"}
"""Who took a step, when it was no person."""


def show(row: MessageRow, steps: Sequence[Event]) -> None:
    """Draw the story, the newest step first."""
    lines = [f"**What happened** :small[:gray[newest first, UTC, made on {row.created_at:%d %b %Y}]]"]
    for step in reversed(steps[-_MOST:]):
        lines += _step(step, row.created_at)
    if len(steps) > _MOST:
        lines.append(f":small[:gray[{formats.plural(len(steps) - _MOST, 'earlier step')} not shown.]]")
    st.markdown("  \n".join(lines))


def _step(step: Event, made: datetime) -> list[str]:
    look = looks.state(step.after)
    mark = f":{look.colour or 'gray'}[:material/{look.icon}:]" if step.moved else ":gray[·]"
    name = f"**{look.word}**" if step.moved else f":gray[{look.word}, moves nothing]"
    code = f" · code {plain(step.code)}" if step.code else ""
    late = step.told_at is not None and abs(step.at - step.told_at) > _AT_ONCE
    told = f" · told for {_clock(step.told_at, made)}" if step.told_at and late else ""
    aside = f":gray[· {plain(_BY.get(step.by, step.by))}{code}{told}]"
    line = f":small[{_clock(step.at, made)} {mark} {name} {plain(short(step.words, _WORDS))} {aside}]"
    advice = codes.told(step.code).advice if step.code and step.code.isdigit() and not step.moved else ""
    return [line, f":small[:gray[{plain(advice)}]]"] if advice else [line]


def _clock(at: datetime, made: datetime) -> str:
    """Give an instant to the second, with its day where that is another one than the message's."""
    return f"{at:%H:%M:%S}" if at.date() == made.date() else f"{at:%d %b %H:%M:%S}"
