"""A send to a list of recipients: how far it is, what became of each, and the button that stops it."""

import streamlit as st

from data.queries import messages
from data.queries.messages import SendingRow
from data.types import LEAVING, SendingState
from pages.ui import cards, formats, plans, resources, session
from pages.ui.formats import Look
from pages.ui.sent import looks
from pages.ui.text import plain
from services.access import Permission
from services.messaging import stopping

FORM = "sending"
"""Under this name stands what was refused."""
_EVERY = 1.0
_STATES = {
    SendingState.RUNNING: Look("Running", "blue", "sync"),
    SendingState.DONE: Look("Done", "green", "check"),
    SendingState.STOPPED: Look("Stopped", "orange", "front_hand"),
}


def live(number: int | None) -> None:
    """Draw the send to a list that the address names, and again every second while it runs."""
    if number is None:
        return
    with resources.reading() as reading:
        found = messages.sending(reading, number)
    if found is None:
        cards.empty(f"There is no send to a list {number}.", "“Clear” shows all messages.")
        return
    runs = found.state == SendingState.RUNNING
    st.fragment(run_every=_EVERY if runs else None)(_drawn)(found)


def _drawn(shown: SendingRow) -> None:
    with resources.reading() as reading:
        found, states = messages.sending(reading, shown.id), messages.results(reading, shown.id)
    if found is None or found.state != shown.state:
        st.rerun(scope="app")
        return
    left = sum(number for state, number in states.items() if state in LEAVING)
    with cards.card(f"Sent to a list of {found.total:,}", f"list {found.id:,}", key="sending_card"):
        _head(found)
        done = found.total - left
        st.progress(done / max(found.total, 1), text=f":small[{done:,} of {found.total:,} are done]")
        st.markdown(" ".join(_count(state, number) for state, number in sorted(states.items())))
        plans.wrong(FORM)
        if found.state == SendingState.RUNNING and session.actor().may(Permission.SEND_TESTS):
            st.button("Stop", icon=":material/stop_circle:", key="sending_stop", on_click=_stop, args=(found.id,))


def _head(found: SendingRow) -> None:
    stopped = f" · stopped by {plain(found.stopped_by)}" if found.stopped_by else ""
    ended = f", ended {found.ended_at:%H:%M:%S}" if found.ended_at else ""
    told = f"as {plain(found.source)} · by {plain(found.person)} · begun {found.began_at:%H:%M:%S}{ended} UTC{stopped}"
    st.markdown(
        f"{_STATES[SendingState(found.state)].badge} :small[:gray[{told}]]",
        help=f"Begun {formats.exact(found.began_at)}",
    )


def _count(state: str, number: int) -> str:
    look = looks.state(state)
    colour = f":{look.colour}[:material/{look.icon}:]" if look.colour else f":gray[:material/{look.icon}:]"
    return f":small[{colour} {number:,} {look.word.lower()}]"


def _stop(number: int) -> None:
    said = "Stopped: what had not left never leaves."
    plans.attempted(lambda: stopping.stop(resources.desk(), session.actor(), number), said, FORM)
