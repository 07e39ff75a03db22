"""The three views of one message: on the phone, the JSON that left, and the callbacks as they came; one at a time."""

import json
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from data.queries.messages import Event, MessageRow
from pages.ui import formats, resources
from pages.ui.compose import phone
from services.messaging import difference, senders

_PHONE, _JSON, _TOLD = "On the phone", "The JSON", "Raw callbacks"
_MOST = 50
"""Callbacks that are shown of one message."""


def show(row: MessageRow, steps: Sequence[Event]) -> None:
    """Draw the choice of a view, and the one that is chosen."""
    told = [step for step in steps if step.raw]
    named = {_PHONE: _PHONE, _JSON: _JSON, _TOLD: f"{_TOLD} · {len(told)}"}
    chosen = st.segmented_control(
        "View",
        list(named),
        format_func=named.__getitem__,
        default=_PHONE,
        required=True,
        label_visibility="collapsed",
        key="message_view",
    )
    if chosen == _JSON:
        _payload(row)
    elif chosen == _TOLD:
        _raw(told)
    else:
        _phone(row)


def _phone(row: MessageRow) -> None:
    mode: Literal["light", "dark"] = "dark" if st.context.theme.type == "dark" else "light"
    phone.phone(
        row.payload,
        sender=resources.kept(_brand, row.source),
        mode=mode,
        when=f"{row.created_at:%d %b %H:%M} UTC",
        key=f"sent_phone_{row.id}",
    )


def _brand(_session: object, name: str) -> str:
    return senders.brand(resources.desk(), name)


def _payload(row: MessageRow) -> None:
    st.code(difference.written(row.payload), language="json", wrap_lines=True)
    st.caption("Its callbackUrl is not shown: whoever knows it could tell us what they like of this message.")


def _raw(told: Sequence[Event]) -> None:
    """Draw the callbacks as they came, the newest first."""
    if not told:
        st.caption("The vendor has called back nothing yet.")
    for step in reversed(told[-_MOST:]):
        st.caption(formats.exact(step.at))
        st.code(difference.written(json.loads(step.raw or "null")), language="json", wrap_lines=True)
    if len(told) > _MOST:
        st.caption(f"{formats.plural(len(told) - _MOST, 'earlier callback')} not shown.")
