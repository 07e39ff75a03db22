"""What the forms of the Connect page share: fields with their errors beside them, and sending what was typed.

A token is taken out of its field before anything else happens and lives as long as the call: when something is wrong
with a form, its tokens are typed anew.
"""

import streamlit as st

from pages.ui import links, plans, resources, session
from pages.ui.connect import beginning
from pages.ui.text import plain
from services.connecting import submitting
from services.connecting.submitting import Form

_WRONG = "connect_wrong"


def text(label: str, field: str, hint: str = "", *, key: str = "") -> None:
    """Draw a field; what is wrong with it stands under it."""
    st.text_input(label, key=name(key or field), placeholder=hint, autocomplete="off", max_chars=2_000)
    wrong(field)


def secret(label: str, field: str, *, key: str = "") -> None:
    """Draw a field for a token."""
    plans.secret(label, name(key or field))
    wrong(field)


def wrong(field: str) -> None:
    """Say what is wrong with a field."""
    told = st.session_state.get(_WRONG, {}).get(field)
    if told:
        st.markdown(f":small[:red[:material/error: {plain(told)}]]")


def name(field: str) -> str:
    """Give the key of a field."""
    return f"connect_{field}"


def typed(field: str) -> str:
    """Give what was typed into a field that holds no token."""
    return str(st.session_state.get(name(field)) or "").strip()


def taken(*fields: str) -> list[str]:
    """Take tokens out of their fields, which are empty from then on."""
    return [each.strip() for each in plans.taken(*(name(field) for field in fields))]


def foot(*, tokens: bool = True) -> None:
    """Say under a form what was refused of it, and what becomes of its tokens."""
    if st.session_state.get(_WRONG):
        again = " Paste the tokens again: they were not kept." if tokens else ""
        st.markdown(f":small[:red[:material/error: Nothing was sent.] Correct what is marked.{again}]")
    plans.wrong(beginning.FORM)
    if tokens:
        st.markdown(":small[:gray[The tokens are used for this one call, and kept nowhere.]]")


def forget() -> None:
    """Forget what was wrong with the form before."""
    st.session_state.pop(_WRONG, None)


def send(source: str, form: Form) -> None:
    """Send a form whose fields are right, and lead to what became of each account."""
    found = st.session_state[_WRONG] = form.faults()
    if found:
        return

    def act() -> None:
        made = submitting.submit(resources.desk(), session.actor(), source, form)
        st.query_params.from_dict(links.attempts(each.id or 0 for each in made).query)

    plans.attempted(act, "", beginning.FORM)
