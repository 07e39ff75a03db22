"""What can be done with a message: a deliberate new attempt, and a new draft of it."""

import uuid

import streamlit as st

from data.errors import DatabaseProblem
from data.queries.messages import MessageRow
from data.types import MessageState
from pages.ui import dialogs, links, plans, resources, session
from pages.ui.dialogs import Dialog
from pages.ui.sent import looks
from pages.ui.text import plain, short
from services.access import Permission
from services.failures import Failure
from services.messages_address import OPEN
from services.messaging import codes, drafts, sending
from services.messaging.sending import Again

FORM = "message"
"""Under this name stands what was refused."""
_AGAIN, _COPY = "message_again", "message_copy"
_ENDED_BADLY = frozenset({MessageState.UNKNOWN, MessageState.REFUSED, MessageState.FAILED})
_NAME = 40


def buttons(row: MessageRow) -> None:
    """Draw what the signed-in person may do with a message."""
    copied = st.session_state.pop(_COPY, None)
    if copied:
        way = links.draft(copied)
        st.switch_page(way.page, query_params=way.query)
    me = session.actor()
    again = _may_want_another(row) and me.may(Permission.SEND_TESTS)
    if not again and not me.may(Permission.COMPOSE):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="message_deeds"):
        if again:
            icon = ":material/replay:"
            st.button("Send a new attempt …", icon=icon, key="message_again_ask", on_click=_ask, args=(row,))
        if me.may(Permission.COMPOSE):
            icon = ":material/edit_square:"
            st.button("Use as a new draft", icon=icon, key="message_copy_do", on_click=_copy, args=(row.id,))


def _may_want_another(row: MessageRow) -> bool:
    """Tell whether a new attempt makes sense: not of one that the vendor recognised, for then it has the message."""
    return (row.state in _ENDED_BADLY and row.code != codes.DUPLICATE) or bool(looks.quiet(row))


def _copy(number: int) -> None:
    def act() -> None:
        st.session_state[_COPY] = drafts.duplicate(resources.desk(), session.actor(), number).id

    plans.attempted(act, "", FORM)


def _ask(row: MessageRow) -> None:
    """Prepare the new attempt under a press of its own, and open the dialog that tells what it may do."""

    def act() -> None:
        again = sending.again(resources.desk(), session.actor(), row.id, str(uuid.uuid4()))
        dialogs.ask(Dialog(_AGAIN, "Send a new attempt", ":material/replay:", lambda: _plan(row, again)))

    plans.attempted(act, "", FORM)
    if dialogs.is_open(_AGAIN):
        st.rerun()  # the whole page: the card alone draws no dialog


def _plan(row: MessageRow, again: Again) -> None:
    st.markdown("**Nothing has happened yet.**")
    st.markdown(_what(row))
    st.markdown(f":small[:gray[It says:] {plain(short(looks.summary(row.payload), 200))}]")
    plans.wrong(_AGAIN)
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="message_again_cancel"):
            dialogs.close()
        label = f"Send again to {plain(short(row.recipient, _NAME))} as {plain(short(row.source, _NAME))}"
        st.button(label, type="primary", icon=":material/send:", key="message_again_do", on_click=_send, args=(again,))


def _what(row: MessageRow) -> str:
    """Say what a new attempt may do, as far as it is known how this one ended."""
    name = plain(row.recipient)
    if row.state in {MessageState.REFUSED, MessageState.FAILED}:
        return f"{name} did not get message {row.id}. The same message goes out once more."
    return (
        f"Nobody knows whether {name} got message {row.id}. The same message goes out once more, under the same "
        f"correlation id. **{name} may get it twice**, unless the vendor recognises the id: then it answers that it "
        "took the first one, which is settled by that."
    )


def _send(again: Again) -> None:
    def act() -> None:
        try:
            made = sending.begin(resources.desk(), session.actor(), again.order, again.digest)
        except DatabaseProblem as problem:
            raise Failure(problem.kind, f"Nothing was sent. {problem.message}", problem.advice) from problem
        dialogs.put_away()
        st.query_params[OPEN] = str(made.id)

    plans.attempted(act, "The new attempt is on its way.", _AGAIN)
    if not dialogs.is_open(_AGAIN):
        st.rerun()  # the whole page: the dialog alone would stay
