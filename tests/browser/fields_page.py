"""A page of the tests: fields of each kind and the phone that follows them, without the rest of Patchbay."""

import json
from typing import Any, Literal

import streamlit as st

from pages.ui.compose.field import field
from pages.ui.compose.phone import phone
from services.messaging import editing

VARIABLES = {"first_name": "Lena", "odd": "{{first_name}} <b>"}
EMPTY: dict[str, Any] = {"contentType": "TEMPLATE", "template": [{"buttons": [{}]}], "quickReplies": [{}]}
FIELDS: tuple[tuple[str, str, int, Literal["characters", "bytes"]], ...] = (
    ("Text", "content", 1000, "bytes"),
    ("Title", "template[0].title", 80, "characters"),
    ("Subtitle", "template[0].subtitle", 80, "characters"),
    ("Caption", "template[0].buttons[0].title", 20, "characters"),
    ("Reply", "quickReplies[0].title", 20, "characters"),
)


def put(path: str, text: str) -> None:
    """Put a text in its place."""
    st.session_state.body = editing.put(st.session_state.body, path, text)


st.set_page_config(layout="wide")
st.session_state.setdefault("body", EMPTY)
left, right = st.columns((3, 2))
with left:
    if st.button("Put a title"):
        put("template[0].title", "A title of ours")
    if len(editing.text(st.session_state.body, "template[0].title")) > 80:
        st.error("Something that stands above the fields now")
    for label, path, limit, unit in FIELDS:
        field(
            label,
            editing.text(st.session_state.body, path),
            path=path,
            key=f"field_{label}",
            limit=limit,
            unit=unit,
            whose="Meta",
            area=unit == "bytes",
            variables=VARIABLES,
            told=lambda text, path=path: put(path, text),
        )
    with st.container(key="held"):
        st.code(json.dumps(st.session_state.body, ensure_ascii=False), language=None)
with right:
    phone(
        st.session_state.body,
        sender="Café Zürich",
        handle="cafe.zuerich",
        mode="light",
        key="phone",
        variables=VARIABLES,
    )
