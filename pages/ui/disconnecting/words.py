"""The words of a receipt: what was sent, when and by whom, and what each source said when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from data.queries.receipts import Receipt
from data.types import DisconnectState
from pages.ui import formats
from pages.ui.formats import Look
from pages.ui.text import plain, short

STATES = {
    DisconnectState.SENDING: Look("Disconnect on its way", "orange", "hourglass_top"),
    DisconnectState.UNKNOWN: Look("Disconnect not proven yet", "orange", "help"),
    DisconnectState.REFUSED: Look("Disconnect refused", "red", "cancel"),
    DisconnectState.DISCONNECTED: Look("Disconnected, and proven", "gray", "link_off"),
    DisconnectState.ALIVE: Look("Lives on after its disconnect", "red", "error"),
}
_SIGNS = {
    "gone": ":green[:material/check:]",
    "alive": ":red[:material/error:]",
    "not_told": ":orange[:material/help:]",
}
_WORDS = 300


def look(receipt: Receipt) -> Look:
    """Give how the state of a receipt is shown; a vendor that was down has refused nothing."""
    if receipt.state == DisconnectState.REFUSED and receipt.problem in formats.NO_ANSWER:
        return formats.UNANSWERED
    return STATES[DisconnectState(receipt.state)]


def sent(receipt: Receipt) -> str:
    """Say what was sent by whom, as Markdown."""
    called = next(
        (each["called"] for each in receipt.plan.get("knowers", []) if each["connection"] == receipt.connection_id),
        receipt.sent_as,
    )
    return f"by {plain(receipt.person)} · {plain(receipt.source)} was asked, with {plain(called)}"


def asked(receipts: Sequence[Receipt]) -> str:
    """Say which sources were asked by whom, as Markdown; of one, with which id."""
    if len(receipts) == 1:
        return sent(receipts[0])
    return f"by {plain(receipts[0].person)} · {', '.join(plain(each.source) for each in receipts)} were asked"


def outcome(receipt: Receipt) -> str:
    """Say how it stands, as Markdown."""
    return plain(short(f"{receipt.message} {receipt.advice}".strip(), _WORDS))


def story(receipt: Receipt) -> list[str]:
    """Say what each source said and when, or how it stands where nobody was asked, as Markdown."""
    if not receipt.proof:
        return [outcome(receipt)]
    return [f"{_SIGNS[each['said']]} {_one(each)}{_when(each)}" for each in receipt.proof]


def _one(each: dict[str, Any]) -> str:
    return f"{plain(each['source'])} {plain(short(each['words'], _WORDS))}"


def _when(each: dict[str, Any]) -> str:
    return "" if each["at"] is None else f" ({datetime.fromisoformat(each['at']):%d %b %H:%M} UTC)"


def said(receipt: Receipt) -> None:
    """Draw what each source said, and when its list was read."""
    for each in receipt.proof:
        when = f" · {plain(each['called'])}{_when(each)}"
        st.markdown(f":small[{_SIGNS[each['said']]} {_one(each)} :gray[{when}]]")
