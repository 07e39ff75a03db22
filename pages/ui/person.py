"""One person on the People page: how they stand, and what an admin can do; each deed shows its plan first."""

import streamlit as st

from data.queries.people import Listed
from data.types import Role
from pages.ui import cards, formats, plans, resources, roster, session
from pages.ui.plans import Plan
from pages.ui.text import plain
from services import people

_ROLE, _NEW_ROLE = "person_role", "person_new_role"
_PASSWORD, _FIRST, _AGAIN = "person_password", "person_first", "person_again"


def card(each: Listed) -> None:
    """Draw one person."""
    with cards.card(plain(each.name) or plain(each.username), plain(each.username), key="person_card"):
        st.table(_facts(each), border="horizontal", alt=f"Table of what is known of {plain(each.username)}")
        _deeds(each)


def _facts(each: Listed) -> dict[str, str]:
    seen = formats.ago(each.last_seen_at) if each.last_seen_at else ":gray[never]"
    open_now = formats.plural(each.sessions, "session") if each.sessions else ":gray[none open]"
    return {
        ":gray[State]": roster.state(each).badge + _since(each),
        ":gray[Role]": f"{each.role.value.capitalize()} :gray[· {roster.DOES[each.role]}]",
        ":gray[E-mail]": plain(each.email) or ":gray[not told]",
        ":gray[Sessions]": open_now,
        ":gray[Last seen]": seen,
        ":gray[Added]": formats.exact(each.created_at),
    }


def _since(each: Listed) -> str:
    if each.disabled_at:
        return f" :gray[{formats.ago(each.disabled_at)}]"
    return f" :gray[until {formats.clock(each.locked_until)} UTC]" if each.locked_until else ""


def _deeds(each: Listed) -> None:
    """Draw what can be done with this person now."""
    with st.container(horizontal=True, gap="small", key="person_deeds"):
        if st.button("Role …", icon=":material/badge:", key="change_role"):
            plans.opened("Change the role", ":material/badge:", lambda: _role(each), form=_ROLE)
        if st.button("New password …", icon=":material/key:", key="reset_password"):
            plans.opened("Set a new password", ":material/key:", lambda: _password(each), form=_PASSWORD)
        if each.locked_until and st.button("Unlock …", icon=":material/lock_open:", key="unlock"):
            _ask_unlock(each)
        if each.sessions and st.button("Sign out everywhere …", icon=":material/logout:", key="sign_out_everywhere"):
            _ask_sign_out(each)
        if each.disabled_at is None and st.button("Disable …", icon=":material/person_off:", key="disable"):
            _ask_disable(each)
        if each.disabled_at is not None and st.button("Enable …", icon=":material/person:", key="enable"):
            _ask_enable(each)


def _ended(each: Listed) -> str:
    """Say what becomes of a person's sessions."""
    open_now = f"{formats.plural(each.sessions, 'open session')} will end" if each.sessions else "No session is open"
    return f"{open_now}." + (" **This is you.**" if each.username == session.actor().username else "")


def _role(each: Listed) -> None:
    with st.form("role_form", border=False):
        st.markdown(f"**{plain(each.name)}** is {each.role.value} now. With another role: {_ended(each)}")
        roles = list(Role)
        st.radio(
            "Role",
            roles,
            index=roles.index(each.role),
            format_func=str.capitalize,
            captions=list(roster.DOES.values()),
            key=_NEW_ROLE,
        )
        plans.wrong(_ROLE)
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button("Change the role", type="primary", on_click=_change_role, args=(each.username,))


def _change_role(username: str) -> None:
    role = Role(st.session_state[_NEW_ROLE])
    after = f"{username} is now {role.value}."
    plans.attempted(lambda: people.set_role(resources.desk(), session.actor(), username, role), after, form=_ROLE)


def _password(each: Listed) -> None:
    with st.form("reset_form", border=False):
        st.markdown(f"**{plain(each.name)}** signs in with it from now on. {_ended(each)} A lock-out is lifted.")
        plans.secret("New password", _FIRST)
        plans.secret("New password again", _AGAIN)
        plans.wrong(_PASSWORD)
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button("Set the password", type="primary", on_click=_reset, args=(each.username,))


def _reset(username: str) -> None:
    first, again = plans.taken(_FIRST, _AGAIN)

    def reset() -> None:
        plans.refuse_different(first, again)
        people.set_password(resources.desk(), session.actor(), username, first)

    plans.attempted(reset, f"{username} has a new password.", form=_PASSWORD)


def _ask_unlock(each: Listed) -> None:
    what = f"{plain(each.name)} failed too often to sign in and may try again at once. Was it really them? Ask first."
    plan = Plan("Unlock", ":material/lock_open:", what, "Unlock", f"{each.username} may try again.")
    plans.ask(plan, lambda: people.unlock(resources.desk(), session.actor(), each.username))


def _ask_sign_out(each: Listed) -> None:
    what = f"{_ended(each)} {plain(each.name)} can sign in again at once, with the same password."
    plan = Plan("Sign out everywhere", ":material/logout:", what, "Sign out", f"{each.username} is signed out.")
    plans.ask(plan, lambda: people.sign_out_everywhere(resources.desk(), session.actor(), each.username))


def _ask_disable(each: Listed) -> None:
    what = f"{plain(each.name)} can no longer sign in. {_ended(each)} What they did and wrote stays under their name."
    plan = Plan("Disable", ":material/person_off:", what, "Disable", f"{each.username} can no longer sign in.")
    plans.ask(plan, lambda: people.disable(resources.desk(), session.actor(), each.username))


def _ask_enable(each: Listed) -> None:
    what = f"{plain(each.name)} can sign in again as {each.role.value}, with the password they had."
    plan = Plan("Enable", ":material/person:", what, "Enable", f"{each.username} can sign in again.")
    plans.ask(plan, lambda: people.enable(resources.desk(), session.actor(), each.username))
