"""Zocial's forms: a person's own access to a network, and what is known of a page, a wall or a channel."""

import streamlit as st

from data.types import Kind
from pages.ui import formats
from pages.ui.connect import fields
from pages.ui.connect.choice import Choice
from services.connecting import ways
from services.connecting.zocial import Access, Addition

_AUDIENCE = {Kind.CHANNEL: "Subscribers"}
_PLATFORM = "platform"


def access(choice: Choice) -> None:
    """Draw the form for a network: the person's token and user id at the platform."""
    with st.form("zocial_access_form", border=False):
        left, right = st.columns(2, gap="small")
        with left:
            fields.secret(f"Access token of {formats.platform(choice.platform)}", "access_token")
        with right:
            fields.text("User id there", "user_id")
        fields.foot()
        st.form_submit_button("Connect", type="primary", on_click=_connect, args=(choice,))


def addition(choice: Choice) -> None:
    """Draw the form for a page, a wall or a channel."""
    kind = choice.kind.value
    with st.form("zocial_addition_form", border=False):
        left, middle, right = st.columns(3, gap="small")
        with left:
            _platform(choice)
        with middle:
            fields.text(f"Id or handle of the {kind}", "external_id")
        with right:
            fields.text("Name", "name")
        left, middle, right = st.columns(3, gap="small")
        with left:
            fields.text("Address", "url", "https://")
        with middle:
            fields.text(_AUDIENCE.get(choice.kind, "Followers"), "followers", "A whole number")
        with right:
            fields.text("Category", "category")
        fields.foot(tokens=False)
        st.form_submit_button(f"Add the {kind}", type="primary", on_click=_add, args=(choice,))


def _platform(choice: Choice) -> None:
    known = list(ways.platforms(choice.vendor, choice.kind))
    place = known.index(choice.platform) if choice.platform in known else None
    st.selectbox(
        "Platform",
        known,
        index=place,
        format_func=formats.platform,
        placeholder="Choose one",
        key=fields.name(_PLATFORM),
    )
    fields.wrong(_PLATFORM)


def _connect(choice: Choice) -> None:
    (token,) = fields.taken("access_token")
    fields.send(choice.source, Access(choice.platform, token, fields.typed("user_id")))


def _add(choice: Choice) -> None:
    told = {name: fields.typed(name) for name in ("external_id", "name", "url", "followers", "category")}
    fields.send(choice.source, Addition(choice.kind, fields.typed(_PLATFORM), **told))
