"""Beginning an attempt, giving it up and asking about it: what the buttons of the Connect page do."""

from collections.abc import Iterable

import streamlit as st

from data.queries.attempts import Shown
from data.types import Kind
from pages.ui import formats, links, plans, resources, session
from pages.ui.connect.choice import Choice
from services.access import Permission
from services.connecting import attempts, flows, messages, naming
from services.connecting.beginning import begin as begin_attempt

FORM = "connect"
"""Under this name stands what was refused."""
NAMED = "connect_named"
"""Under this name stands what was refused of the account's id."""
_ASKED = "connect_asked"


def may() -> bool:
    """Tell whether the signed-in person may connect."""
    person = session.person()
    return person is not None and person.actor.may(Permission.CONNECT)


def begin(choice: Choice, remaining: Iterable[str] = ()) -> None:
    """Begin what was chosen and lead to it; an attempt that is open already is gone on with."""
    reconnects = choice.reconnects.id if choice.reconnects else None
    _begin(choice.source, choice.platform, choice.kind, reconnects, remaining)


def begin_again(shown: Shown) -> None:
    """Begin anew what an attempt was about that ended."""
    _begin(shown.source, shown.platform, Kind(shown.kind), shown.reconnects, shown.remaining or ())


def _begin(source: str, platform: str, kind: Kind, reconnects: str | None, remaining: Iterable[str]) -> None:
    desk = resources.desk()

    def act() -> None:
        me = session.actor()
        begun = begin_attempt(desk, me, source, platform, kind=kind, reconnects=reconnects, remaining=remaining)
        show(begun.attempt.id or 0)

    plans.attempted(act, "", FORM)


def show(number: int) -> None:
    """Put an attempt into the address: it is drawn next."""
    st.query_params.from_dict(links.attempt(number).query)


def open_form(choice: Choice) -> None:
    """Put what was chosen into the address: its form is drawn next."""
    st.query_params.from_dict(choice.address)


def cancel(key: str) -> None:
    """Give an attempt up."""
    plans.attempted(lambda: attempts.cancel(resources.desk(), session.actor(), key), "", FORM)


def check(key: str) -> None:
    """Ask the vendor now."""

    def act() -> None:
        flows.check(resources.desk(), session.actor(), key)
        st.session_state[_ASKED] = (key, formats.now())

    plans.attempted(act, "", FORM)


def asked(key: str) -> None:
    """Say of an attempt that goes on when a person had its vendor asked: a press that changes nothing was heard."""
    about, at = st.session_state.get(_ASKED, ("", None))
    if about == key and at is not None:
        st.markdown(f":small[:gray[:material/done: Checked at {at:%H:%M:%S} UTC: nothing new is known.]]")


def name_account(key: str, typed: str) -> None:
    """Pass on the id of the account that a person typed, which stands in the field until it counts."""

    def act() -> None:
        naming.named(resources.desk(), session.actor(), key, str(st.session_state.get(typed) or ""))

    plans.attempted(act, "", NAMED)


def choose_offered(key: str, account: str | None) -> None:
    """Choose which of the offered accounts is connected."""
    plans.attempted(lambda: messages.choose(resources.desk(), session.actor(), key, account or ""), "", FORM)
