"""What can be connected: a card per source with its platforms, and what none of them can."""

from collections.abc import Sequence

import streamlit as st

from data.queries.sources import Card
from data.types import Kind, Vendor
from pages.ui import cards, formats, links, plans
from pages.ui.connect import beginning, words
from pages.ui.connect.choice import Choice
from pages.ui.text import plain
from services.connecting import ways


def connecting(found: Sequence[Card]) -> list[Card]:
    """Give the sources that can connect something, by name."""
    able = [card for card in found if ways.platforms(Vendor(card.vendor))]
    return sorted(able, key=lambda card: (card.state == "off", card.name))


def grid(found: Sequence[Card]) -> None:
    """Draw a card for each source that can connect something."""
    able = connecting(found)
    if not able:
        cards.empty("No source can connect an account yet.", "An admin adds one under Sources.")
        return
    may = beginning.may()
    plans.wrong(beginning.FORM)
    with st.grid(2, min_column_width=320, gap="small"):
        for card in able:
            with st.container(border=True, gap="small", height="stretch", key=f"offer_{card.name}"):
                _offer(card, may=may)


def _offer(card: Card, *, may: bool) -> None:
    vendor, name = Vendor(card.vendor), plain(card.name)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{formats.vendor(vendor)}**", width="content")
        if card.name.lower() != formats.vendor(vendor).lower():
            st.caption(name, width="content")
    with st.container(gap="xsmall"):
        st.markdown(f":small[:gray[Needs] {words.NEEDS[vendor]}]")
        st.markdown(f":small[:gray[What happens] {words.HAPPENS[vendor]}]")
    st.space("stretch")
    if card.state == "off":
        st.markdown(":small[:gray[:material/power_settings_new: This source is off; an admin can switch it on.]]")
    elif not may:
        told = [words.platform(each) for each in ways.platforms(vendor)]
        told += [f"{kind.value}s" for kind in _kinds(vendor)]
        st.markdown(f":small[:gray[Connects] {', '.join(told)}]")
    else:
        _ways(card, vendor)


def _ways(card: Card, vendor: Vendor) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(":small[:gray[Connect]]", width="content")
        for platform in ways.platforms(vendor):
            _button(Choice(card.name, vendor, platform), words.platform(platform))
        for kind in _kinds(vendor):
            _button(Choice(card.name, vendor, "", kind), kind.value.capitalize())
    if vendor is Vendor.ZOCIAL:
        _only_by_approval()


def _kinds(vendor: Vendor) -> list[Kind]:
    """Give what a vendor connects besides networks."""
    return [kind for kind in ways.KINDS.get(vendor, ()) if kind is not Kind.NETWORK]


def _button(choice: Choice, label: str) -> None:
    key = f"offer_{choice.source}_{choice.kind.value}_{choice.platform}"
    if choice.in_window:
        st.button(label, key=key, on_click=beginning.begin, args=(choice,))
    else:
        st.button(label, key=key, on_click=beginning.open_form, args=(choice,))


def _only_by_approval() -> None:
    told = ", ".join(words.platform(each) for each in words.NO_WAY)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[:gray[{told} can't be connected here, only submitted for approval.]]", width="stretch")
        st.page_link(links.APPROVALS, label="Approvals", icon=":material/approval:", width="content")
