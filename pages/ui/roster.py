"""The list of people, and the form that adds one."""

from collections.abc import Sequence

import streamlit as st

from data.queries.people import Listed
from data.types import Role
from pages.ui import choosing, formats, plans, resources, session
from pages.ui.formats import Look
from pages.ui.table import cells
from pages.ui.table.cells import Column
from pages.ui.table.draw import Parts, Sheet
from services import people
from services.people import LONGEST_NAME, SHORTEST_PASSWORD

DOES = {
    Role.ANALYST: "Reads everything, decides nothing",
    Role.MARKETER: "Writes messages, asks for approvals",
    Role.ADMIN: "Decides, connects, manages sources and people",
}
_STATES = {
    "active": Look("Active", None, "person"),
    "locked": Look("Locked out", "orange", "lock_clock"),
    "disabled": Look("Disabled", "gray", "person_off"),
}
_ADD = "person_add"
_USERNAME, _NAME, _MAIL, _ROLE = "add_username", "add_name", "add_mail", "add_role"
_FIRST, _AGAIN = "add_password", "add_again"


def line(found: Sequence[Listed]) -> None:
    """Say how many may sign in, and how many can let others in."""
    active = [each for each in found if each.disabled_at is None]
    admins = sum(each.role is Role.ADMIN for each in active)
    off = len(found) - len(active)
    told = f"{len(active):,} may sign in · {formats.plural(admins, 'admin')}"
    st.markdown(f":small[:gray[{told}{f' · {off:,} disabled' if off else ''}]]")


def state(each: Listed) -> Look:
    """Give how a person stands, the gravest word first."""
    word = "disabled" if each.disabled_at else "locked" if each.locked_until else "active"
    return _STATES[word]


def table(found: Sequence[Listed]) -> Listed | None:
    """Draw everybody and give the chosen one."""
    label = f"Table of {len(found):,} people with role, state and last visit"
    by_name = {each.username: each for each in found}
    chosen = choosing.row(Sheet.of(_PARTS, found, list(by_name)), parameter="person", label=label)
    return by_name[chosen] if chosen else None


_PARTS: Parts[Listed] = [
    (Column("name", "Name", "link", 150), lambda each: cells.text(each.name)),
    (Column("username", "User name", "text", 120, later=True), lambda each: cells.text(each.username)),
    (Column("role", "Role", "text", 84), lambda each: each.role.value.capitalize()),
    (Column("state", "State", "chips", 100), lambda each: [cells.chip(state(each))]),
    (Column("sessions", "Sessions", "number", 76, "Browsers that are signed in now"), lambda each: each.sessions),
    (Column("seen", "Last seen", "ago", 100), lambda each: cells.instant(each.last_seen_at)),
]


def add_button() -> None:
    """Draw the button that opens the form for a new person."""
    if st.button("Add a person", icon=":material/person_add:", type="primary", key="add_person"):
        plans.opened("Add a person", ":material/person_add:", _form, form=_ADD)


def _form() -> None:
    with st.form("add_person_form", border=False):
        left, right = st.columns(2)
        left.text_input("User name", key=_USERNAME, max_chars=64, placeholder="ines.moreau", autocomplete="off")
        right.text_input("Shown name", key=_NAME, max_chars=LONGEST_NAME, placeholder="Inès Moreau", autocomplete="off")
        st.text_input("E-mail, if any", key=_MAIL, max_chars=LONGEST_NAME, autocomplete="off")
        st.radio("Role", list(Role), format_func=str.capitalize, captions=list(DOES.values()), key=_ROLE)
        plans.secret("First password", _FIRST)
        plans.secret("First password again", _AGAIN)
        st.markdown(
            f":small[:gray[At least {SHORTEST_PASSWORD} characters. Tell it in person: it is shown nowhere again, and "
            "can be changed under My account.]]"
        )
        plans.wrong(_ADD)
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button("Add the person", type="primary", on_click=_add)


def _add() -> None:
    first, again = plans.taken(_FIRST, _AGAIN)
    username, name, mail = (str(st.session_state[key] or "") for key in (_USERNAME, _NAME, _MAIL))
    role = Role(st.session_state[_ROLE])

    def add() -> None:
        plans.refuse_different(first, again)
        people.add(resources.desk(), session.actor(), username, role=role, password=first, name=name, email=mail)

    plans.attempted(add, f"{username.strip().lower()} may now sign in as {role.value}.", form=_ADD)
