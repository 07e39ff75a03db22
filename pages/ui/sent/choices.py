"""The choices above the sent messages: search, filters and order. The address holds all."""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from data.queries import messages
from pages.ui import exporting, file_menu, filters, links, resources, session
from pages.ui.text import plain
from services import messages_address
from services.access import Permission
from services.messages_address import DAYS, KEYS, ORDERS, SILENT, Asked

NAMES = {"q": "search", "family": "kind", "by": "sent by", "only": "only", "list": "list", "sort": "sorted by"}
"""What an address's key is called where that is not the key itself."""
_MORE = ("source", "by", "only")
_LONG = {"source", "recipient", "by"}


def asked() -> Asked:
    """Read the address."""
    query = st.query_params
    return messages_address.parse(
        [(key, word) for key in query for word in query.get_all(key)], resources.kept(messages.words)
    )


def row(found: Asked) -> None:
    """Draw the row of choices."""
    options = messages_address.choices(resources.kept(messages.words))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        label = "Search recipient, text, transid or correlation id"
        filters.search(found.filter.search, label=label, placeholder="Recipient, text, id")
        for key in ("state", "family", "recipient"):
            name = NAMES.get(key, key)
            with filters.popover(f"{key}_filter", name.capitalize(), len(found.narrowing.get(key, ()))) as opened:
                if opened:
                    _several(key, options, found)
        _more(options, found)
        if found.narrowing:
            st.button("Clear", type="tertiary", key="clear_filters", on_click=clear)
        st.space("stretch")
        order = next(word for word, oldest in ORDERS.items() if oldest is found.oldest_first)
        bound = filters.bound("sort", order)
        bound |= {"on_change": _sort, "args": (bound["key"],)}
        st.selectbox("Sort by", list(ORDERS), label_visibility="collapsed", width=140, **bound)


def _sort(name: str) -> None:
    word = st.session_state[name]
    filters.write({"sort": () if word == next(iter(ORDERS)) else (word,)})


def _several(key: str, options: Mapping[str, Mapping[str, str]], found: Asked) -> None:
    values = found.narrowing.get(key, ())
    words = list(dict.fromkeys([*options[key], *values]))
    filters.several(key, NAMES.get(key, key), words, values, many=key in _LONG)


def _more(options: Mapping[str, Mapping[str, str]], found: Asked) -> None:
    """Draw the rarer choices: source, person, days, and those of which nothing was heard."""
    number = sum(key in found.narrowing for key in (*_MORE, *DAYS))
    with filters.popover("more_filters", "More", number, ":material/tune:") as opened:
        if not opened:
            return
        filters.several("only", "only", [SILENT], found.narrowing.get("only", ()))
        for key in ("source", "by"):
            _several(key, options, found)
        for place, key in zip(st.columns(2), DAYS, strict=True):
            day = found.narrowing.get(key)
            with place:
                filters.day(key, date.fromisoformat(day[0][:10]) if day else None)


def dropped(found: Asked) -> None:
    """Say what of the address made no sense and was left out."""
    filters.left_out(found.dropped, NAMES)


def clear() -> None:
    """Lift every filter."""
    filters.write(dict.fromkeys(KEYS, ()))


def empty(found: Asked) -> None:
    """Say why the list is empty, with a button for each filter to lift."""
    with st.container(border=True, gap="small", key="empty"):
        if not found.narrowing:
            st.markdown("**No message was sent yet.**  \n:gray[What is sent from Compose stands here, with its story.]")
            if session.actor().may(Permission.COMPOSE):
                st.page_link(links.COMPOSE, label="Compose one", icon=":material/edit_square:", width="content")
            return
        told = ", ".join(f"{NAMES.get(key, key)} {plain(', '.join(words))}" for key, words in found.narrowing.items())
        st.markdown(f"**No message matches**: {told}.")
        with st.container(horizontal=True, gap="small"):
            for key in found.narrowing:
                icon = ":material/filter_alt_off:"
                st.button(
                    f"Lift {NAMES.get(key, key)}", icon=icon, key=f"lift_{key}", on_click=filters.lift, args=(key,)
                )
            if len(found.narrowing) > 1:
                st.button("Clear all", type="tertiary", key="clear_all", on_click=clear)


def files(found: Asked) -> None:
    """Draw the menu of files."""
    said = "The oldest first, with the JSON that left and each instant of its way."
    file_menu.whole("sent_export", "messages", found.query if found.narrowing else "", exporting.FORMS, said=said)
