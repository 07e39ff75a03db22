"""Pieces of My account: the name, the password, and the sessions that one is signed in with."""

import streamlit as st

from pages.ui import agents, cards, credentials, formats, plans, resources, session
from pages.ui.plans import Plan
from pages.ui.text import plain
from services import myself
from services.myself import Open
from services.people import LONGEST_NAME, SHORTEST_PASSWORD
from services.sessions import Person

_NAME = "me_name"
_OLD, _NEW, _AGAIN = "me_old", "me_new", "me_again"


def line(someone: Person) -> None:
    """Say who one is to Patchbay."""
    mail = f" · {plain(someone.email)}" if someone.email else ""
    told = f"{plain(someone.username)} · {someone.role.value}{mail}"
    st.markdown(f":small[:gray[{told}]]")


def name(someone: Person) -> None:
    """Draw the form for the name that others see."""
    with cards.card("Name"), st.form("me_name_form", border=False):
        st.text_input("Shown name", someone.name, key=_NAME, max_chars=LONGEST_NAME, autocomplete="name")
        plans.wrong(_NAME)
        st.form_submit_button("Save the name", on_click=_rename)


def _rename() -> None:
    wanted = st.session_state[_NAME] or ""
    plans.attempted(
        lambda: myself.rename(resources.desk(), session.actor(), wanted), "Your name was changed.", form=_NAME
    )


def password(someone: Person) -> None:
    """Draw the form for a new password: the old one is asked for, the new one twice."""
    with cards.card("Password"), st.form("me_password_form", border=False):
        plans.secret("Old password", _OLD, new=False)
        plans.secret("New password", _NEW)
        plans.secret("New password again", _AGAIN)
        st.markdown(
            f":small[:gray[At least {SHORTEST_PASSWORD} characters. Your other sessions end, this one goes on.]]"
        )
        plans.wrong(_OLD)
        st.form_submit_button("Change the password", on_click=_change, args=(someone.session,))


def _change(here: int) -> None:
    old, new, again = plans.taken(_OLD, _NEW, _AGAIN)

    def change() -> None:
        plans.refuse_different(new, again)
        address, verify = session.address(), credentials.verify
        myself.change_password(resources.desk(), session.actor(), here, old, new, address=address, verify=verify)

    plans.attempted(change, "Your password was changed, and your other sessions have ended.", form=_OLD)


def sessions(someone: Person) -> None:
    """Draw the sessions that one is signed in with, each with the way to end it."""
    found = myself.signed_in(resources.desk(), someone.actor)
    others = [each for each in found if each.number != someone.session]
    with cards.card("Sessions", formats.plural(len(found), "session")):
        for each in found:
            _session(each, here=each.number == someone.session)
        st.markdown(
            ":small[:gray[A session ends by itself after 2 hours without a visit, and after 12 hours at most.]]"
        )
        if others and st.button("End all others …", icon=":material/logout:", key="end_others"):
            _ask_all(len(others), someone)


def _session(each: Open, *, here: bool) -> None:
    badge = " :green-badge[:material/check: this one]" if here else ""
    since, seen = formats.ago(each.since), formats.ago(each.last_seen_at)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"session_{each.number}"):
        st.markdown(
            f"**{plain(agents.spoken(each.agent))}**{badge}  \n"
            f":small[:gray[from {plain(each.address) or 'not told'} · since {since} · last seen {seen}]]",
            width="stretch",
            help=f"Signed in {formats.exact(each.since)}",
        )
        if not here and st.button("End …", type="tertiary", key=f"end_{each.number}"):
            _ask_one(each)


def _ask_one(each: Open) -> None:
    browser = plain(agents.spoken(each.agent))
    what = f"{browser} is signed out within a minute. Whoever uses it needs the password to come back."
    plan = Plan("End this session", ":material/logout:", what, "End the session", "The session has ended.")
    plans.ask(plan, lambda: myself.end(resources.desk(), session.actor(), each.number))


def _ask_all(number: int, someone: Person) -> None:
    what = f"{formats.plural(number, 'other session')} of yours will end within a minute. This one goes on."
    plan = Plan("End all other sessions", ":material/logout:", what, "End them", "All your other sessions have ended.")
    plans.ask(plan, lambda: myself.end_others(resources.desk(), session.actor(), someone.session))
