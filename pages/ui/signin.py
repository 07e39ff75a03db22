"""The sign-in page: the form, where it leads, and in sandbox mode the people to sign in as."""

import streamlit as st

from pages.ui import credentials, frame, resources, session
from pages.ui.text import plain
from services import people, sessions
from services.failures import Failure
from services.people import DEMO_PEOPLE, DemoPerson

USERNAME = "signin_username"
PASSWORD = "signin_password"  # noqa: S105 (the widget's key)
TYPED = "signin_typed"
TICKET = "signin_ticket"
FIRST_ADMIN = "python -m services users add NAME --role admin"
_DOES = {
    "analyst": (":material/query_stats:", "Reads everything, decides nothing"),
    "marketer": (":material/campaign:", "Writes messages, asks for approvals"),
    "admin": (":material/shield_person:", "Decides, connects, manages people"),
}


def show(goes_on_to: str) -> None:
    """Draw the sign-in page; `goes_on_to` is the title of the page behind it."""
    demo = resources.desk().settings.demo
    with st.container(horizontal_alignment="center"), st.container(width=720 if demo else 332, key="signin"):
        st.space("large")
        if not demo:
            _left(goes_on_to)
            return
        left, right = st.columns(2, gap="large")
        with left:
            _left(goes_on_to)
        with right:
            _demo_people()


def _left(goes_on_to: str) -> None:
    st.image(frame.logo_file(), width=130, alt="Patchbay")
    st.header("Sign in", anchor=False)
    if not people.anybody(resources.desk()):
        _nobody_yet()
        return
    st.markdown(f":small[:gray[You will go on to **{plain(goes_on_to)}** after signing in.]]")
    told = _form()
    if told:
        st.markdown(f":red[:material/error: {plain(told)}]")


def _nobody_yet() -> None:
    st.markdown("Nobody can sign in yet. Make the first admin on the machine that runs Patchbay:")
    st.code(FIRST_ADMIN, language=None, wrap_lines=True)
    st.markdown(":small[:gray[It asks for a password. Then reload this page.]]")


def _form() -> str | None:
    """Draw the form and take the next step of signing in; gives a sentence when that is refused."""
    with st.form("signin_form", border=False):
        st.text_input("User name", key=USERNAME, autocomplete="username", icon=":material/person:")
        st.text_input("Password", key=PASSWORD, type="password", autocomplete="current-password", icon=":material/key:")
        st.form_submit_button("Sign in", type="primary", width="stretch", on_click=_take_password)
    typed = st.session_state.pop(TYPED, None)
    told = None if typed is None else _try(st.session_state[USERNAME] or "", typed)
    ticket = st.session_state.get(TICKET)
    if not ticket:
        return told
    refused = session.hand_over(ticket)
    if refused:
        del st.session_state[TICKET]
    return refused


def _take_password() -> None:
    """Take the password out of the form before it is drawn again: it is looked at once and stays nowhere."""
    st.session_state[TYPED] = st.session_state[PASSWORD] or ""
    st.session_state[PASSWORD] = ""


def _try(username: str, password: str) -> str | None:
    if not username.strip() or not password:
        return "Enter your user name and your password."
    try:
        st.session_state[TICKET] = sessions.sign_in(
            resources.desk(),
            username,
            password,
            address=session.address(),
            agent=session.agent(),
            verify=credentials.verify,
        )
    except Failure as failure:
        return failure.message
    return None


def _demo_people() -> None:
    with st.container(border=True, gap="small"):
        st.markdown("**Demo people**")
        st.markdown(":small[:gray[Pick one to fill in the form, or type it.]]")
        for person in DEMO_PEOPLE:
            _demo_person(person)


def _demo_person(person: DemoPerson) -> None:
    icon, does = _DOES[person.role.value]
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"{icon} **{person.name}** :gray-badge[{person.role.value}]  \n"
            f":small[:gray[{does}]]  \n"
            f":small[`{person.username} · {person.password}`]",
            width="stretch",
        )
        st.button("Use", key=f"use_{person.username}", type="tertiary", on_click=_fill, args=(person,))


def _fill(person: DemoPerson) -> None:
    st.session_state[USERNAME] = person.username
    st.session_state[PASSWORD] = person.password
