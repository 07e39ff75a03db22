"""The sent messages, and the open one beside them: one fragment, so that a tick in the list runs nothing else.

It is drawn anew by itself. Whatever else the page shows is drawn with it as soon as any message has moved.
"""

from datetime import timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.queries import messages
from data.queries.messages import MessageRow
from pages.ui import formats, paging, resources
from pages.ui.sent import card, choices, listing
from pages.ui.sent.listing import Listed
from services.messages_address import OPEN, Asked
from services.messaging import states

_SOON, _SELDOM = 2.0, 20.0
_LATELY = timedelta(hours=1)
_LASTING = frozenset(state.value for state in states.FINAL)


def live(asked: Asked) -> None:
    """Draw both, and again by themselves: every few seconds while a message in sight moves."""
    number = paging.number(OPEN)
    mark = resources.kept(messages.mark)
    often = _often(listing.asked(asked), None if number is None else card.row(number))
    st.fragment(run_every=often)(_drawn)(asked, often, mark, beside=number is not None)


def _often(listed: Listed, row: MessageRow | None) -> float:
    """Give the seconds until all is drawn again."""
    moves = row is not None and row.state not in _LASTING and formats.now() - row.changed_at < _LATELY
    return _SOON if listed.moving or moves else _SELDOM


def _drawn(asked: Asked, often: float, mark: tuple[int, ...], *, beside: bool) -> None:
    number, listed = paging.number(OPEN), listing.asked(asked)
    row = None if number is None else card.row(number)
    others = (_often(listed, row), resources.kept(messages.mark), number is not None)
    if others != (often, mark, beside):
        st.rerun(scope="app")
    left, right = _places(beside=beside)
    with left:
        if listed.rows.rows:
            paging.bar(listed.rows, "message")
            listing.table(listed)
        else:
            choices.empty(asked)
    if number is not None:
        with right:
            card.show(number, row)


def _places(*, beside: bool) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Give the place of the list and that of the message beside it; on a phone the message stands above the list."""
    if not beside:
        only = st.container()
        return only, only
    if "Mobi" in st.context.headers.get("User-Agent", ""):
        message, listed = st.container(), st.container()
        return listed, message
    left, right = st.columns([1.45, 1.25], gap="medium")
    return left, right
