"""Contract drift in plain words: what a vendor sends that its contract does not say, and the screens it touches."""

import re
from collections.abc import Sequence

import streamlit as st

from data.queries.drift import Drifted
from pages.ui import cards, formats
from pages.ui.text import plain

_SHOWN = 6
_KINDS = {
    "new_field": (":orange[:material/add_circle:]", "sends a new field", "kept raw"),
    "new_value": (":orange[:material/new_label:]", "sends a new value in", "shown as unknown, its word is kept"),
    "bad_value": (":red[:material/do_not_disturb_on:]", "sends unreadable values in", "shown as not told, kept raw"),
}
_OTHER = (":orange[:material/difference:]", "differs from its contract in", "kept raw")
_SCREENS = (
    (r"follower|subscriber", "followers on Networks, Account, Trends and Today"),
    (r"engagement", "engagement on Networks, Account, Trends and Today"),
    (r"expire|reconnect|token|issues|errormessage", "health on Networks, Account and Today"),
    (r"verified", "the verified mark on Networks and Account"),
    (r"status|active|enabled|deleted|isconnected", "status on Networks, Account, Today and Approvals"),
    (r"category", "category on Networks and Account"),
    (r"connectedat|createdat", "connected at on Networks and Account"),
    (r"updated", "the age of what Account shows"),
    (r"url$", "the link on Account and in Approvals"),
    (r"picture|avatar", "no screen: Patchbay draws initials"),
    (r"name|nickname|channel$", "name and handle on Networks and Account"),
    (r"^network$|platform", "platform on Networks, Account and Trends"),
    (r"id$", "which rows are one account, on Networks and Account"),
    (r"extra|meta", "extra data on Account"),
)
"""What a field of a vendor becomes here, by its name without signs and capitals; the first that fits."""


def screens(kind: str, field: str) -> str:
    """Say which screens a field of a vendor touches; a new one touches none before somebody builds it in."""
    if kind == "new_field":
        return "on no screen yet"
    word = re.sub(r"[^a-z]", "", field.rpartition(".")[2].lower())
    return next((f"touches {where}" for pattern, where in _SCREENS if re.search(pattern, word)), "touches no screen")


def card(found: Sequence[Drifted]) -> None:
    """Draw where vendors' answers left their contracts, since when, and what that touches."""
    with cards.card("Contract drift", "last 30 days", stretch=True):
        if not found:
            st.markdown(":small[:gray[Every answer keeps to its contract.]]")
        for item in found[:_SHOWN]:
            icon, verb, meaning = _KINDS.get(item.kind, _OTHER)
            since, records = formats.clock(item.first_seen_at), formats.plural(item.records, "record")
            with st.container(gap=None):
                st.markdown(f"{icon} {plain(item.source)} {verb} **{plain(item.field)}**{_sample(item)}")
                told = f"{meaning} · {screens(item.kind, item.field)} · {records} · since {since}"
                st.markdown(f":small[:gray[{told}]]")
        if len(found) > _SHOWN:
            st.caption(f"and {len(found) - _SHOWN} more")


def _sample(item: Drifted) -> str:
    return f": {plain(item.sample[:60])}" if item.sample and item.kind != "new_field" else ""
