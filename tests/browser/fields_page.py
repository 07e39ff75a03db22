"""A page of the tests: fields of each kind and the phone that follows them, without the rest of Patchbay.

Whatever changes its rows waits until a test lets it go on: a slow server, on which people type meanwhile.
"""

import json
from typing import Any, Literal

import streamlit as st

from pages.ui.compose.field import Place, field, keeper
from pages.ui.compose.phone import phone
from services.messaging import editing, places
from tests.browser.fields_app import GATE

VARIABLES = {"first_name": "Lena", "odd": "{{first_name}} <b>"}
EMPTY: dict[str, Any] = {"contentType": "TEMPLATE", "template": [{"buttons": [{}]}], "quickReplies": [{}]}
FIELDS: tuple[tuple[str, str, int, Literal["characters", "bytes"]], ...] = (
    ("Text", "content", 1000, "bytes"),
    ("Title", "template[{}].title", 80, "characters"),
    ("Subtitle", "template[{}].subtitle", 80, "characters"),
    ("Caption", "template[{}].buttons[0].title", 20, "characters"),
    ("Reply", "quickReplies[0].title", 20, "characters"),
)


PATIENCE = 60.0
state = st.session_state


def put(path: str, moves: int, text: str) -> None:
    """Put a text in its place."""
    place = places.now(path, state.moves[moves:])
    if place is not None:
        state.body = editing.put(state.body, place, text)


def arrange(change: Any, card: int, *told: int) -> None:
    """Change the cards, slowly, and go on with another one."""
    GATE.wait(PATIENCE)
    GATE.clear()
    state.moves = [*state.moves, places.moved(state.body, change, "template", *told)]
    state.body, state.card = change(state.body, "template", *told), card


@st.fragment
def composing() -> None:
    """Draw the fields and the phone, as a piece of its own: a press is never cut off by the next one."""
    left, right = st.columns((3, 2))
    with left:
        if st.button("Put a title"):
            put("template[0].title", len(state.moves), "A title of ours")
        st.button("Add a card", on_click=arrange, args=(editing.add, 1))
        st.button("Move right", on_click=arrange, args=(editing.move, 1, 0, 1))
        st.button("First card", on_click=state.update, kwargs={"card": 0})
        if len(editing.text(state.body, "template[0].title")) > 80:
            st.error("Something that stands above the fields now")
        for label, pattern, limit, unit in FIELDS:
            path = pattern.format(state.card)
            field(
                label,
                editing.text(state.body, path),
                place=Place(path, len(state.moves), places.identity(path, state.moves), label),
                limit=limit,
                unit=unit,
                whose="Meta",
                area=unit == "bytes",
                variables=VARIABLES,
                told=put,
            )
        with st.container(key="held"):
            st.code(json.dumps(state.body, ensure_ascii=False), language=None)
        keeper("a draft", put)
    with right:
        phone(
            state.body,
            sender="Café Zürich",
            handle="cafe.zuerich",
            mode="light",
            key="phone",
            variables=VARIABLES,
        )


st.set_page_config(layout="wide")
for name, value in {"body": EMPTY, "moves": [], "card": 0}.items():
    state.setdefault(name, value)
composing()
