"""The figures of Today: each with its line over the period, and its change against the period before."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import streamlit as st

from data.queries import history
from data.queries.history import Day
from pages.ui import formats, resources

PERIODS = {"7 days": 7, "30 days": 30, "90 days": 90}
_SHORTEST = 14
"""Days that a line shows at least: seven points say little."""


def period() -> int:
    """Let a person choose the period; gives its days."""
    chosen = st.segmented_control(
        "Period",
        list(PERIODS),
        default="7 days",
        key="period",
        required=True,
        label_visibility="collapsed",
        bind="query-params",
    )
    return PERIODS.get(chosen or "7 days", 7)


def since(now: datetime, days: int) -> date:
    """Give the first day that a period of this length and its comparison need."""
    return now.date() - timedelta(days=max(days, _SHORTEST))


def known(now: datetime, days: int) -> list[Day]:
    """Give the figures of the period and of what it is compared with."""
    stamp = resources.kept(history.stamp)
    return _known(resources.desk().store.url, stamp, since(now, days), now.date())


@st.cache_data(max_entries=8, show_spinner=False)
def _known(database: str, stamp: int, first: date, last: date) -> list[Day]:
    """Keep the sums until a sync changes them: they are the same for everyone."""
    del database, stamp
    with resources.reading() as session:
        return history.days(session, since=first, until=last)


def metrics(known: Sequence[Day], days: int) -> None:
    """Draw followers, engagement and accepted connections; what is not known has no figure, no line and no change."""
    before = known[-1 - days]
    shown = known[-max(days, _SHORTEST) :]
    last = known[-1]
    with st.grid(3, min_column_width=150, gap="small"):
        _metric(
            "Followers",
            None if last.followers is None else _compact(last.followers),
            _percent(last.followers, before.followers),
            [day.followers for day in shown],
            "Not told yet"
            if last.followers is None
            else f"{last.followers:,} of all listed connections; one that is missing today counts as last known",
        )
        _metric(
            "Engagement",
            None if last.engagement is None else f"{last.engagement:.2f}%",
            _points(last.engagement, before.engagement),
            [day.engagement for day in shown],
            "Mean engagement rate, weighted by followers, of the connections that tell both",
        )
        _metric(
            "Accepted",
            None if last.accepted is None else f"{last.accepted:,}",
            None if last.accepted is None or before.accepted is None else last.accepted - before.accepted,
            [day.accepted for day in shown],
            "Connections that their vendor says are accepted",
        )


def _metric(
    label: str, value: str | None, delta: str | int | None, line: Sequence[float | None], explained: str
) -> None:
    told = [number for number in line if number is not None]
    st.metric(
        label,
        value or formats.DASH,
        delta,
        border=True,
        height="stretch",
        chart_data=told if len(told) > 1 else None,
        help=explained,
    )


def _percent(last: int | None, before: int | None) -> str | int | None:
    if last is None or not before:
        return None
    change = (last - before) / before * 100
    return 0 if abs(change) < 0.05 else f"{change:+.1f}%"  # noqa: PLR2004 (what one digit shows as zero)


def _points(last: float | None, before: float | None) -> str | int | None:
    if last is None or before is None:
        return None
    change = last - before
    return 0 if abs(change) < 0.005 else f"{change:+.2f} pp"  # noqa: PLR2004 (what two digits show as zero)


def _compact(number: int) -> str:
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if number >= size:
            shown = number / size
            return f"{shown:.2f}{unit}" if shown < 10 else f"{shown:.1f}{unit}"  # noqa: PLR2004 (three figures)
    return f"{number:,}"
