"""Gipper's form: a person's Facebook access, and one or more Instagram accounts that are sent together."""

import streamlit as st

from pages.ui.connect import fields
from pages.ui.connect.choice import Choice
from services.connecting.gipper import MOST_ACCOUNTS, Account, Form

_ROWS = "connect_gipper_rows"
_LOCATION = "location"
_PLACES = {
    "": "Not told",
    "personalSettingsPage": "Personal settings",
    "workspaceSettingsPage": "Workspace settings",
    "signUpForm": "Sign-up form",
    "guidedWalkthrough": "Guided walkthrough",
    "progressMeter": "Progress meter",
    "templateBranding": "Template branding",
}
"""Where in Gipper the access was given, by Gipper's own words for it."""


def show(choice: Choice) -> None:
    """Draw the form, and below it the buttons for more or fewer accounts."""
    number = st.session_state.setdefault(_ROWS, 1)
    with st.form("gipper_form", border=False):
        _person()
        for place in range(number):
            _account(place, number)
        fields.wrong("accounts")
        fields.foot()
        label = "Connect" if number == 1 else f"Connect {number} accounts"
        st.form_submit_button(label, type="primary", on_click=_send, args=(choice.source, number))
    with st.container(horizontal=True, gap="small"):
        full, icon = number >= MOST_ACCOUNTS, ":material/add:"
        st.button("Add an account", icon=icon, disabled=full, key="gipper_add", on_click=_count, args=(number + 1,))
        if number > 1:
            st.button("Remove the last", type="tertiary", key="gipper_less", on_click=_count, args=(number - 1,))


def _person() -> None:
    left, middle, right = st.columns(3, gap="small")
    with left:
        fields.secret("Facebook token", "token")
    with middle:
        fields.text("Facebook user id", "uid", "10150000000000000")
    with right:
        st.selectbox("Where it was given", list(_PLACES), format_func=_place, key=fields.name(_LOCATION))
        fields.wrong(_LOCATION)


def _place(word: str) -> str:
    return _PLACES[word]


def _account(place: int, number: int) -> None:
    st.markdown(f"**Instagram account {place + 1}**" if number > 1 else "**Instagram account**")
    first, second, third, fourth = st.columns(4, gap="small")
    with first:
        fields.text("Instagram id", f"accounts[{place}].id", "17841400000000000")
    with second:
        fields.text("User name", f"accounts[{place}].username", "nova.coffee")
    with third:
        fields.secret("Access token", f"accounts[{place}].token")
    with fourth:
        fields.text("Address of the picture", f"accounts[{place}].picture", "Optional")


def _count(number: int) -> None:
    st.session_state[_ROWS] = number


def _send(source: str, number: int) -> None:
    names = [f"accounts[{place}]" for place in range(number)]
    token, *tokens = fields.taken("token", *(f"{each}.token" for each in names))
    accounts = tuple(_typed(each, own) for each, own in zip(names, tokens, strict=True))
    fields.send(source, Form(token, fields.typed("uid"), accounts, fields.typed(_LOCATION) or None))


def _typed(name: str, token: str) -> Account:
    number, username, picture = (fields.typed(f"{name}.{part}") for part in ("id", "username", "picture"))
    return Account(number, username, token, picture)
