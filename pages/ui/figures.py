"""The figures of Today: each with its line over the period, and its change against the period before."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries import case_figures, history, message_figures
from data.queries.history import Day
from data.queries.message_figures import Day as Sent
from pages.ui import cards, filters, formats, resources, words

USUAL = "7 days"
PERIODS = {USUAL: 7, "30 days": 30, "90 days": 90}
_SHORTEST = 14
"""Days that a line shows at least: seven points say little."""
_ROW, _HEAD = 32, 34


def period() -> int:
    """Let a person choose the period; gives its days."""
    shown = words.chosen("period", PERIODS) or USUAL
    tied = filters.bound("period", shown) | {"label_visibility": "collapsed"}
    return PERIODS[st.segmented_control("Period", list(PERIODS), required=True, **tied)]


def dropped() -> None:
    """Say that the address names a period that is none."""
    words.dropped("period", "period", PERIODS)


def known(now: datetime, days: int) -> list[Day]:
    """Give the figures of the period and of what it is compared with; the last one is that of the day asked for."""
    stamp = resources.kept(history.stamp)
    first = now.date() - timedelta(days=max(days, _SHORTEST))
    return _known(resources.desk().store.url, stamp, first, now.date())


@st.cache_data(max_entries=8, show_spinner=False)
def _known(database: str, stamp: int, first: date, last: date) -> list[Day]:
    """Keep the sums until a sync changes them: they are the same for everyone."""
    del database, stamp
    with resources.reading() as session:
        return history.days(session, since=first, until=last)


def open_cases(now: datetime, days: int) -> list[int | None]:
    """Give how many cases were open on each day of the period and of what it is compared with."""
    first = now.date() - timedelta(days=max(days, _SHORTEST))
    return resources.kept(case_figures.open_by_day, since=first, until=now.date())


def sent(now: datetime, days: int) -> list[Sent | None]:
    """Give the messages of each day of the period and of the one before it."""
    first = now.date() - timedelta(days=2 * max(days, _SHORTEST) - 1)
    return resources.kept(message_figures.days, since=first, until=now.date())


def metrics(known: Sequence[Day], cases: Sequence[int | None], messages: Sequence[Sent | None], days: int) -> None:
    """Draw the six figures; what is not known has no figure, and without a baseline there is no change."""
    last, before = known[-1], _baseline(known, days)
    shown = known[-max(days, _SHORTEST) :]
    silent = _why_no_change(known, days)
    with st.grid(6, min_column_width=150, gap="small"):
        _metric(
            "Followers",
            None if last.followers is None else _compact(last.followers),
            _percent(last.followers, before.followers),
            [day.followers for day in shown],
            (
                "Not told yet"
                if last.followers is None
                else f"{last.followers:,} of all listed accounts: each counts once, however many sources tell of it, "
                "and a figure that is missing today as last known"
            )
            + silent,
        )
        _metric(
            "Engagement",
            None if last.engagement is None else f"{last.engagement:.2f}%",
            _points(last.engagement, before.engagement),
            [day.engagement for day in shown],
            "Mean engagement rate, weighted by followers, of the connections that tell both" + silent,
        )
        _metric(
            "Connections",
            None if last.listed is None else f"{last.listed:,}",
            _difference(last.listed, before.listed),
            [day.listed for day in shown],
            "What all sources list" + silent,
        )
        _cases(cases, known[-1 - days].day, days)
        for label, number_of, explained, colour in _MESSAGES:
            counted = [None if day is None else number_of(day) for day in messages]
            _messages(label, counted, days, explained, colour)


def _messages(label: str, counted: Sequence[int | None], days: int, explained: str, colour: "_Colour") -> None:
    """Draw what was sent in the period, against the period before it; one that is not known whole is no baseline."""
    last = [number for number in counted[-days:] if number is not None]
    before = [number for number in counted[-2 * days : -days] if number is not None]
    change = sum(last) - sum(before) if last and len(before) == days else None
    silent = "" if change is not None else f". No change is told: not all of the {days} days before are known"
    _metric(
        label,
        f"{sum(last):,}" if last else None,
        change,
        counted[-max(days, _SHORTEST) :],
        f"Messages of the last {days} days {explained}{silent}",
        colour=colour,
        chart="bar",
    )


def _cases(counted: Sequence[int | None], compared: date, days: int) -> None:
    last, before = counted[-1], counted[-1 - days]
    silent = f". No change is told: no case was known on {compared.day} {compared:%B}" if before is None else ""
    _metric(
        "Open cases",
        None if last is None else f"{last:,}",
        _difference(last, before),
        counted[-max(days, _SHORTEST) :],
        "Cases that are to be decided, or that wait for Zocial" + silent,
        colour="inverse",
    )


_Colour = Literal["normal", "inverse", "off"]
_MESSAGES: tuple[tuple[str, Callable[[Sent], int], str, _Colour], ...] = (
    (
        "Messages sent",
        lambda day: day.sent,
        "that the vendor took; unknown outcomes are not counted",
        "off",
    ),
    ("Messages failed", lambda day: day.failed, "that failed or were refused", "inverse"),
)


def _baseline(known: Sequence[Day], days: int) -> Day:
    """Give the day to compare with; when other sources were known then, nothing is: a new source is no growth."""
    before = known[-1 - days]
    return before if before.sources == known[-1].sources else Day(before.day)


def _why_no_change(known: Sequence[Day], days: int) -> str:
    last, before = known[-1], known[-1 - days]
    if not last.sources or before.sources == last.sources:
        return ""
    when = f"{before.day.day} {before.day:%B}"
    if not before.sources:
        return f". No change is told: nothing is known of {when}"
    return f". No change is told: on {when} other sources were known than now"


def _metric(
    label: str,
    value: str | None,
    delta: str | int | None,
    line: Sequence[float | None],
    explained: str,
    *,
    colour: _Colour = "normal",
    chart: Literal["line", "bar"] = "line",
) -> None:
    st.metric(
        label,
        value or formats.DASH,
        delta,
        delta_color=colour,
        border=True,
        height="stretch",
        chart_data=_line(line),
        chart_type=chart,
        help=explained,
    )


def _line(days: Sequence[float | None]) -> list[float] | None:
    """Give the days that are known: a small line can draw no gap, and one point is no line."""
    told = [number for number in days if number is not None]
    return told if len(told) > 1 else None


def _percent(last: int | None, before: int | None) -> str | int | None:
    if last is None or not before:
        return None
    change = (last - before) / before * 100
    return 0 if abs(change) < 0.05 else f"{change:.1f}%"  # noqa: PLR2004 (what one digit shows as zero)


def _points(last: float | None, before: float | None) -> str | int | None:
    if last is None or before is None:
        return None
    change = last - before
    return 0 if abs(change) < 0.005 else f"{change:.2f} pp"  # noqa: PLR2004 (what two digits show as zero)


def _difference(last: int | None, before: int | None) -> int | None:
    return None if last is None or before is None else last - before


def _compact(number: int) -> str:
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if number >= size:
            shown = number / size
            return f"{shown:.2f}{unit}" if shown < 10 else f"{shown:.1f}{unit}"  # noqa: PLR2004 (three figures)
    return f"{number:,}"


def by_status(known: Sequence[Day], days: int) -> None:
    """Draw how many connections have which status, how that changed, and its line over the period."""
    last = known[-1]
    with cards.card("Connections by status", "" if last.listed is None else f"{last.listed:,}"):
        if last.statuses is None:
            st.markdown(":small[:gray[No connection is known yet.]]")
            return
        st.dataframe(
            _statuses(known, days),
            hide_index=True,
            row_height=_ROW,
            height=_ROW * len(formats.STATUSES) + _HEAD,
            placeholder=formats.DASH,
            column_config=_columns(days, last.listed or 1, now=last.day == formats.now().date()),
            key="by_status",
            alt=f"Table of connections by status, with the change in {days} days",
        )


def _statuses(known: Sequence[Day], days: int) -> pa.Table:
    shown, before = known[-max(days, _SHORTEST) :], _baseline(known, days)
    words = list(formats.STATUSES)
    lines = [_line([_of_status(day, word) for day in shown]) for word in words]
    counts = [_of_status(known[-1], word) for word in words]
    changes = [_difference(count, _of_status(before, word)) for count, word in zip(counts, words, strict=True)]
    return pa.table(
        {
            "status": pa.array([[formats.STATUSES[word].word] for word in words], pa.list_(pa.string())),
            "connections": pa.array(counts, pa.int64()),
            "change": pa.array(changes, pa.int64()),
            "line": pa.array(lines, pa.list_(pa.float64())),
        }
    )


def _of_status(day: Day, word: str) -> int | None:
    """Count one status; a word that is new to us counts as unknown."""
    if day.statuses is None:
        return None
    if word != "unknown":
        return day.statuses[word]
    return sum(number for told, number in day.statuses.items() if told == word or told not in formats.STATUSES)


def _columns(days: int, most: int, *, now: bool) -> dict[str, Any]:
    config, looks = st.column_config, formats.STATUSES.values()
    return {
        "status": config.MultiselectColumn(
            "Status", options=[look.word for look in looks], color=[look.tint for look in looks], width=104
        ),
        "connections": config.ProgressColumn(
            "Now" if now else "Then", format="localized", min_value=0, max_value=most, color="gray", width=92
        ),
        "change": config.NumberColumn(
            "Change", format="%+d", width=58, help=f"Against {days} days {'ago' if now else 'before'}"
        ),
        "line": config.LineChartColumn("Line", color="gray", width=70),
    }
