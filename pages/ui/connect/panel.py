"""What was chosen to connect: what it needs, what will happen, and its form or the button that begins."""

from dataclasses import replace

import streamlit as st

from data.queries.accounts import Witness
from data.types import Kind, Vendor
from pages.ui import cards, formats, links, plans
from pages.ui.connect import beginning, gipper_form, words, zocial_form
from pages.ui.connect.choice import Choice
from pages.ui.text import plain, short


def show(choice: Choice) -> None:
    """Draw the card of what was chosen."""
    with cards.card(_title(choice), plain(choice.source), key="connect_chosen"):
        if choice.reconnects is not None:
            _about(choice.reconnects, refuses=choice.possible)
        if not choice.possible:
            _impossible(choice)
            return
        if not choice.in_window and beginning.may():
            _form(choice)
            return
        explain(choice)
        if beginning.may():
            plans.wrong(beginning.FORM)
            label = "Reconnect" if choice.reconnects is not None else "Begin"
            st.button(label, type="primary", key="connect_begin", on_click=beginning.begin, args=(choice,))


def _form(choice: Choice) -> None:
    happens = words.HAPPENS[choice.vendor] if choice.kind is Kind.NETWORK else words.ADDS
    st.markdown(f":small[:gray[What happens] {happens}]")
    if choice.vendor is Vendor.GIPPER:
        gipper_form.show(choice)
    elif choice.kind is Kind.NETWORK:
        zocial_form.access(choice)
    else:
        zocial_form.addition(choice)


def explain(choice: Choice) -> None:
    """Say what it needs and what will happen."""
    with st.container(gap="xsmall"):
        st.markdown(f":small[:gray[Needs] {words.NEEDS[choice.vendor]}]")
        st.markdown(f":small[:gray[What happens] {words.HAPPENS[choice.vendor]}]")


def whom_to_ask() -> None:
    """Say to those who may only look whom to ask."""
    st.markdown(":small[:material/lock: You can look here. To connect an account, ask a person with the role admin.]")


def line() -> None:
    """Say under the title what the page is for, or whom to ask."""
    if beginning.may():
        st.markdown(":small[:gray[Connect and reconnect accounts; every attempt stays here with its end.]]")
    else:
        whom_to_ask()


def back(*, anything: bool) -> None:
    """Lead back to everything that can be connected."""
    if anything:
        icon, do = ":material/arrow_back:", st.query_params.clear
        st.button("All ways to connect", icon=icon, type="tertiary", key="connect_back", on_click=do)


def dropped() -> None:
    """Say that the address names nothing that there is."""
    if any(name in st.query_params for name in ("attempt", "source", "reconnect")):
        cards.empty(
            "The address names nothing that can be connected.",
            "The link may be old, or its source was renamed or removed. Choose below what to connect.",
        )


def _title(choice: Choice) -> str:
    if choice.kind is not Kind.NETWORK and not choice.platform:
        return f"A {choice.kind.value} through {formats.vendor(choice.vendor)}"
    told = words.about(choice.platform, choice.kind.value, choice.vendor)
    return f"Reconnect {told}" if choice.reconnects is not None else told


def _about(witness: Witness, *, refuses: bool) -> None:
    """Say which account it is about, and where its sign-in refuses another one that it does."""
    name = words.account(witness)
    st.markdown(f"{'Sign in as ' if refuses else ''}**{name}** {formats.health(witness.health).badge}")
    if refuses:
        st.markdown(":small[:gray[Another account is refused by its name, and both stay as they are.]]")
    if witness.health_reason:
        st.markdown(f":small[:gray[{plain(short(witness.health_reason, 300))}]]")


def _impossible(choice: Choice) -> None:
    vendor, platform = formats.vendor(choice.vendor), words.platform(choice.platform)
    anew = replace(choice, reconnects=None)
    if choice.reconnects is None:
        st.markdown(f"**{platform} can't be connected here: {vendor} has no way for it.**")
        st.markdown(":gray[It can be submitted for approval.]")
        st.page_link(links.APPROVALS, label="Approvals", icon=":material/approval:", width="content")
    elif anew.possible and not anew.in_window:
        st.markdown(f"**{vendor} takes a new access by its form: connect the account anew with a fresh token.**")
        st.button("Open the form", key="connect_anew", on_click=beginning.open_form, args=(anew,))
    else:
        st.markdown(f"**{platform} can't be reconnected here: {vendor} has no way for it.**")
        st.markdown(f":gray[Reconnect it in {vendor}'s own console; the next sync shows it here.]")
