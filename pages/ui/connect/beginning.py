"""Beginning an attempt, giving it up and asking about it: what the buttons of the Connect page do."""

import streamlit as st

from data.queries.attempts import Shown
from data.types import Kind
from pages.ui import links, plans, resources, session
from pages.ui.connect.choice import Choice
from services.access import Permission
from services.connecting import attempts, flows, messages

FORM = "connect"
"""Under this name stands what was refused."""


def may() -> bool:
    """Tell whether the signed-in person may connect."""
    person = session.person()
    return person is not None and person.actor.may(Permission.CONNECT)


def begin(choice: Choice, remaining: tuple[str, ...] = ()) -> None:
    """Begin what was chosen and lead to it; an attempt that is open already is gone on with."""
    reconnects = choice.reconnects.id if choice.reconnects else None

    def act() -> None:
        begun = attempts.begin(
            resources.desk(),
            session.actor(),
            choice.source,
            choice.platform,
            kind=choice.kind,
            reconnects=reconnects,
            remaining=remaining,
        )
        lead_to(begun.attempt.id or 0)

    plans.attempted(act, "", FORM)


def begin_again(shown: Shown) -> None:
    """Begin anew what an attempt was about that ended."""

    def act() -> None:
        begun = attempts.begin(
            resources.desk(),
            session.actor(),
            shown.source,
            shown.platform,
            kind=Kind(shown.kind),
            reconnects=shown.reconnects,
            remaining=tuple(shown.remaining or ()),
        )
        lead_to(begun.attempt.id or 0)

    plans.attempted(act, "", FORM)


def open_form(choice: Choice) -> None:
    """Put what was chosen into the address: its form is drawn next."""
    st.query_params.from_dict(choice.address)


def lead_to(number: int) -> None:
    """Put an attempt into the address."""
    st.query_params.from_dict(links.attempt(number).query)


def cancel(key: str) -> None:
    """Give an attempt up."""
    plans.attempted(lambda: attempts.cancel(resources.desk(), session.actor(), key), "", FORM)


def check(key: str) -> None:
    """Ask the vendor now."""
    plans.attempted(lambda: flows.check(resources.desk(), session.actor(), key), "", FORM)


def choose_offered(key: str, account: str | None) -> None:
    """Choose which of the offered accounts is connected."""
    plans.attempted(lambda: messages.choose(resources.desk(), session.actor(), key, account or ""), "", FORM)
