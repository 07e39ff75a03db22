"""Two dates in the address (`since`, `until`), and a word about what stood there and was no date of the past."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import streamlit as st

from pages.ui import formats
from pages.ui.text import plain, short
from services import dates

USUAL = timedelta(days=7)
_SHOWN = 40


@dataclass(frozen=True)
class Between:
    """From the beginning of one day to the end of another, in UTC, and what was dropped from the address."""

    since: datetime
    until: datetime
    dropped: tuple[str, ...] = ()


def chosen() -> Between:
    """Draw the two dates, the last week unless told; gives the time between them."""
    between = _asked()
    _date("since", "From", between.since.date())
    _date("until", "To", between.until.date())
    return between


def dropped(between: Between) -> None:
    """Say what of the address was no date of the past; nothing when all was."""
    for words in between.dropped:
        st.markdown(f":small[:orange[:material/filter_alt_off: {words}]]")


def _asked() -> Between:
    now = formats.now()
    until, nonsense = _day("until", now)
    since, further = _day("since", now)
    words = [*further, *nonsense]
    if since and since > (until or now.date()):
        words.append("“From” was after “To”, so it is a week before.")
        since = None
    last = until or now.date()
    first = since or last - USUAL
    return Between(dates.start(first.isoformat(), now=now), dates.end_of(last), tuple(words))


def _day(key: str, now: datetime) -> tuple[date | None, list[str]]:
    text = st.query_params.get(key, "")
    if not text:
        return None, []
    try:
        return dates.day(text, now=now), []
    except dates.NoDate as error:
        return None, [f"Dropped from the address: “{plain(short(text, _SHOWN))}” {error.reason}."]


def _date(name: str, label: str, shown: date) -> None:
    """Draw one date; its widget is another one as soon as the address says another day."""
    key = f"{name}_{shown}"
    st.date_input(
        label,
        shown,
        min(date(2000, 1, 1), shown),
        formats.now().date(),
        key=key,
        on_change=_choose,
        args=(name, key),
        format="YYYY-MM-DD",
        width=150,
    )


def _choose(name: str, key: str) -> None:
    found = st.session_state[key]
    if found:
        st.query_params[name] = found.isoformat()
    if "after" in st.query_params:  # a place in the list of other dates
        del st.query_params["after"]
