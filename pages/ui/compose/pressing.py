"""The send button: bound to what is shown, used once, and a deliberate second step to use it again."""

from typing import NamedTuple

import streamlit as st

from data.errors import DatabaseProblem
from pages.ui import formats, plans, resources, session
from pages.ui.compose import words
from pages.ui.compose.sheet import Sheet
from pages.ui.text import plain, short
from services.failures import Failure
from services.messaging import drafts, sending

FORM = "compose_send"
"""Under this name stands what was refused."""
_WISH = "compose_wish"
_NAME = 40


class _Wish(NamedTuple):
    """A press: of which one-time id, and for which JSON the button stood."""

    press: str
    digest: str


def button(sheet: Sheet) -> None:
    """Draw the button that sends it; once it was pressed, the one that makes the draft ready again."""
    if sheet.pressed:
        _again(sheet)
        return
    reason = why_not(sheet)
    told = (sheet.draft.press, sheet.prepared.digest if sheet.prepared else "")
    st.button(
        label(sheet),
        icon=":material/send:",
        type="primary",
        disabled=reason is not None,
        help=plain(reason) if reason else None,
        key="compose_send",
        on_click=_wish,
        args=told,
    )


def label(sheet: Sheet) -> str:
    """Name the recipient and the sender on the button."""
    to, by = sheet.tab.recipient, sheet.tab.source
    if to is None or by is None:
        return "Send"
    return f"Send to {plain(short(to, _NAME))} as {plain(short(by, _NAME))}"


def why_not(sheet: Sheet) -> str | None:
    """Say what keeps it from being sent; None when nothing does."""
    refused = (sheet.sender.refusal if sheet.sender else None) or sheet.refused
    reasons = (
        (sheet.tab.source is None, "Choose who sends it, under From."),
        (sheet.tab.recipient is None, "Choose a test recipient, under To."),
        (refused is not None, refused.message if refused else ""),
        (sheet.tab.unsaved is not None, "The last change is not saved."),
        (bool(sheet.errors), f"{formats.plural(len(sheet.errors), 'error')} first: the fields are marked."),
        (bool(sheet.empty), f"Still to fill: {', '.join(words.place(each) for each in sheet.empty)}."),
    )
    return next((told for true, told in reasons if true), None)


def granted(sheet: Sheet) -> bool:
    """Send what a press asked for, if it is still what was shown; tells whether a press was there.

    A press arrives together with what was typed just before it. So it is only noted in its callback, and compared here,
    once all of that is saved: what changed meanwhile is not sent.
    """
    wish: _Wish | None = st.session_state.pop(_WISH, None)
    if wish is None:
        return False
    plans.attempted(lambda: _send(sheet, wish), "", FORM)
    return True


def _send(sheet: Sheet, wish: _Wish) -> None:
    order = sheet.order()
    if order is None or sheet.prepared is None or sheet.tab.unsaved is not None:
        raise Failure("changed", "Nothing was sent: the draft is not ready.", why_not(sheet) or "Look at it again.")
    if wish.press != sheet.draft.press:
        raise Failure("changed", "Nothing was sent: this press was used already.", "Below is what it sent.")
    if not sheet.pressed and wish.digest != sheet.prepared.digest:
        advice = "Look at it as it is now, then press again."
        raise Failure("changed", "Nothing was sent: the message changed while you pressed.", advice)
    try:
        sending.begin(resources.desk(), session.actor(), order, wish.digest)
    except DatabaseProblem as problem:
        raise Failure(problem.kind, f"Nothing was sent. {problem.message}", problem.advice) from problem


def _wish(press: str, digest: str) -> None:
    st.session_state[_WISH] = _Wish(press, digest)


def _again(sheet: Sheet) -> None:
    with st.popover("Send again…", icon=":material/replay:", key="compose_again_ask"):
        st.markdown("**This draft was sent.** :gray[Each press sends once.]")
        st.markdown(":small[:gray[To send it once more, as it is or changed, make it ready; the next press sends it.]]")
        st.button("Make it ready again", key="compose_again", on_click=_ready, args=(sheet.draft.id,))


def _ready(draft_id: str) -> None:
    plans.attempted(lambda: drafts.press_again(resources.desk(), session.actor(), draft_id), "", FORM)
