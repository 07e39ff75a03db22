"""The cards of a carousel: one is edited at a time, with its picture, its buttons and where a tap leads."""

from typing import Any

import streamlit as st

from pages.ui import cards
from pages.ui.compose import inputs, rows, tab
from pages.ui.compose.sheet import Sheet
from pages.ui.text import plain, short
from services.messaging import editing
from services.messaging.editing import CARDS

_CHOSEN = "compose_card"
_PICK = "compose_card_pick"
_TITLE = 16
_KINDS = {"web_url": "Opens an address", "postback": "Sends something back"}


def chosen(sheet: Sheet) -> int:
    """Give the place of the card that is edited."""
    number = len(editing.rows(sheet.body, CARDS))
    return max(0, min(int(st.session_state.get(_CHOSEN, 0)), number - 1))


def show(sheet: Sheet) -> None:
    """Draw the card editor."""
    found, place = editing.rows(sheet.body, CARDS), chosen(sheet)
    with cards.card("Cards", f"{len(found)} of {editing.most(CARDS)} (imiconnect)", key="compose_cards"):
        inputs.under(sheet, CARDS)
        if found:
            st.session_state[_PICK] = place
            st.segmented_control(
                "Card",
                range(len(found)),
                format_func=lambda at: f"{at + 1} {plain(short(_title(found[at]), _TITLE))}",
                required=True,
                label_visibility="collapsed",
                key=_PICK,
                on_change=_picked,
            )
            _card(sheet, place)
        _deeds(place, len(found))


def _title(card: dict[str, Any]) -> str:
    title = card.get("title")
    return title if isinstance(title, str) and title.strip() else "New"


def _card(sheet: Sheet, place: int) -> None:
    at = f"{CARDS}[{place}]"
    if not editing.get(sheet.body, at):
        st.markdown(":small[:gray[Still to fill: a title, and besides it a subtitle, an image, a tap or a button.]]")
    left, right = st.columns(2, gap="small")
    with left:
        inputs.text(sheet, "Title", f"{at}.title")
    with right:
        inputs.text(sheet, "Subtitle", f"{at}.subtitle")
    left, right = st.columns(2, gap="small")
    with left:
        inputs.text(sheet, "Image address", f"{at}.imageUrl", hint="https://…, png or jpeg")
    with right:
        inputs.text(sheet, "A tap on the card opens", f"{at}.defaultAction.url", hint="https://…, or nothing")
    for path in (f"{at}.defaultAction", f"{at}.defaultAction.type", at):
        inputs.under(sheet, path)
    path = f"{at}.buttons"
    for number in range(len(editing.rows(sheet.body, path))):
        _button(sheet, path, number)
    inputs.under(sheet, path)
    rows.more(sheet, path, "button")


def _button(sheet: Sheet, path: str, number: int) -> None:
    at = f"{path}[{number}]"
    kind = editing.text(sheet.body, f"{at}.type").lower()
    with st.container(horizontal=True, vertical_alignment="top", gap="small", key=f"button_{number}"):
        with st.container(width="stretch"):
            inputs.text(sheet, f"Button {number + 1}", f"{at}.title", narrow=True)
        with st.container(width=190):
            key = f"kind_{at}"
            st.session_state[key] = kind if kind in _KINDS else None
            st.selectbox(
                "What it does",
                list(_KINDS),
                index=0 if kind in _KINDS else None,
                format_func=_kind,
                key=key,
                on_change=_turned,
                args=(key, at),
            )
            inputs.under(sheet, f"{at}.type")
        with st.container(width="stretch"):
            if kind == "postback":
                inputs.text(sheet, "What comes back", f"{at}.payload", narrow=True)
            else:
                inputs.text(sheet, "Opens", f"{at}.url", narrow=True, hint="https://…")
        with st.container(width="content"):
            rows.menu(sheet, path, number, "button")
    with st.container(horizontal_alignment="right"):
        inputs.fix(sheet, f"{at}.url")


def _kind(word: str) -> str:
    return _KINDS[word]


def _turned(key: str, at: str) -> None:
    tab.edit(editing.turn_button, at, st.session_state[key])


def _deeds(place: int, number: int) -> None:
    """Draw what can be done with the card as a whole."""
    full = number >= editing.most(CARDS)
    with st.container(horizontal=True, gap="small", key="compose_card_deeds"):
        _deed("Add a card", "add", editing.add, (CARDS,), number, off=full)
        if number:
            _deed("Copy", "content_copy", editing.copy, (CARDS, place), place + 1, off=full)
            _deed("Move left", "arrow_back", editing.move, (CARDS, place, -1), place - 1, off=place == 0)
            last = place + 1 >= number
            _deed("Move right", "arrow_forward", editing.move, (CARDS, place, 1), place + 1, off=last)
            _deed("Remove", "delete", editing.remove, (CARDS, place), max(place - 1, 0))


def _deed(label: str, icon: str, change: Any, told: tuple[Any, ...], then: int, *, off: bool = False) -> None:
    name = label.lower().replace(" ", "_")
    st.button(
        label,
        icon=f":material/{icon}:",
        type="tertiary",
        disabled=off,
        key=f"card_{name}",
        on_click=_done,
        args=(change, told, then),
    )


def _done(change: Any, told: tuple[Any, ...], then: int) -> None:
    st.session_state[_CHOSEN] = then
    tab.arrange(change, *told)


def _picked() -> None:
    st.session_state[_CHOSEN] = st.session_state[_PICK]
