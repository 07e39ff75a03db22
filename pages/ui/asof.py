"""The time machine: a past day in the address (`asof`), what the page then says of it, and the way back to now."""

from datetime import date, datetime

import streamlit as st

from data.queries import past
from pages.ui import formats, resources
from pages.ui.text import plain
from services import dates

MENU = "asof_menu"
_SHOWN = 40


def day() -> datetime | None:
    """Give the end of the day in the address, in UTC, None for now."""
    found, _ = _asked()
    return dates.end_of(found) if found else None


def chosen() -> datetime | None:
    """Draw the control, a button with a calendar; gives the end of the chosen day in UTC, None for now."""
    found, _ = _asked()
    today = formats.now().date()
    label = f"As of {_short(found)}" if found else "As of now"
    words = "Show what was known on a past day"
    opened = st.popover(label, icon=":material/history:", help=words, key=MENU, on_change="rerun")
    if opened.open:
        with opened:
            _calendar(found, today)
    return day()


def _calendar(found: date | None, today: date) -> None:
    first = resources.kept(past.first)
    key = f"asof_{found or 'now'}"
    st.date_input(
        "Show what was known at the end of",
        found,
        min(first.date() if first else today, found or today),
        today,
        key=key,
        on_change=_choose,
        args=(key,),
        format="YYYY-MM-DD",
    )
    st.caption("Status, health, names and figures as they were known that day, in UTC.")


def line() -> None:
    """Say of what day the page tells, with the way back, or that the address held no past day; nothing for now."""
    found, dropped = _asked()
    if found is None and not dropped:
        return
    told = f"As of {found.day} {found:%B %Y}, 23:59 UTC: what was known then" if found else dropped
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="asof_line"):
        st.markdown(f":small[:orange[:material/history: {told}]]", width="content")
        st.button("Back to now" if found else "Dismiss", type="tertiary", key="asof_back", on_click=_go, args=(None,))


def _asked() -> tuple[date | None, str]:
    """Read the address: the past day (None: now), and what to say of a text that is none."""
    text = st.query_params.get("asof", "")
    if not text:
        return None, ""
    now = formats.now()
    try:
        found = dates.day(text, now=now)
    except dates.NoDate as error:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        return None, f"“{plain(shown)}” {error.reason}, so this is now."
    return (found, "") if found < now.date() else (None, "")


def _choose(key: str) -> None:
    _go(st.session_state[key])


def _go(found: date | None) -> None:
    """Put a day into the address, or take it out: today is now, and needs no date."""
    if found and found < formats.now().date():
        st.query_params["asof"] = found.isoformat()
    elif "asof" in st.query_params:
        del st.query_params["asof"]


def _short(found: date) -> str:
    return f"{found.day} {found:%b %Y}"
