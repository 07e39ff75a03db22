"""What changed since a person was last here."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from data.queries.today import Happening
from pages.ui import cards, formats
from pages.ui.text import plain

_SHORT = 28


def card(happened: Sequence[Happening], since: datetime | None) -> None:
    """Draw the changes, the latest first, each with its time."""
    with cards.card("Since your last visit", formats.ago(since) if since else ""):
        if since is None:
            st.markdown(":small[:gray[This is your first visit. Next time, what changed meanwhile stands here.]]")
        elif not happened:
            st.markdown(":small[:gray[Nothing changed.]]")
        with st.container(gap="xsmall"):
            for item in happened:
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.markdown(_words(item), width="stretch")
                    st.caption(formats.clock(item.at), width="content")


def _words(item: Happening) -> str:
    name = plain(_cut(item.name or item.handle or "A connection"))
    who = f"**{name}**" if item.number == 1 else f"**{formats.plural(item.number, 'connection')}**"
    source, verb = plain(item.source), "is" if item.number == 1 else "are"
    if item.field == "status":
        look = formats.status(item.after or "unknown")
        return f"{_icon(look)} {who} {look.word.lower()} by {source}"
    if item.field == "health":
        return f":red[:material/heart_broken:] {who} broke at {source}"
    if item.field == "new":
        return f":blue[:material/add_link:] {who} {verb} new from {source}"
    if item.field == "vanished":
        gone = item.after == "vanished"
        return f"{':gray[:material/visibility_off:]' if gone else ':blue[:material/visibility:]'} {who} " + (
            f"no longer listed by {source}" if gone else f"listed again by {source}"
        )
    before, after = (plain(_cut(text)) if text else "(none)" for text in (item.before, item.after))
    return f":gray[:material/badge:] **{before}** is now **{after}**"


def _icon(look: formats.Look) -> str:
    return f":{look.colour or 'gray'}[:material/{look.icon}:]"


def _cut(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
