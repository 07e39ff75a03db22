"""Above the sent messages: how many came how far in the last 30 days, by day and by kind, and how long that takes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries import message_figures
from data.queries.message_figures import Count, Reached, Times
from data.queries.messages import Filter
from data.types import LEAVING, Family, MessageState
from pages.ui import cards, charts, formats, resources
from pages.ui.sent import looks

_DAYS = 30
_WANTED = "sent_charts_wanted"
_HEIGHT = 176
_FOLD = "sent_charts"


class _Stand(NamedTuple):
    """The states that one part of a bar stands for, and its mark."""

    states: frozenset[str]
    mark: str


_STANDS = {
    "Read": _Stand(frozenset({MessageState.READ}), "#2E9968"),
    "Delivered": _Stand(frozenset({MessageState.DELIVERED}), "#7CC4A0"),
    "On its way": _Stand(frozenset({*LEAVING, MessageState.ACCEPTED, MessageState.SUBMITTED}), "#9AA7C7"),
    "Unknown": _Stand(frozenset({MessageState.UNKNOWN}), "#7D8594"),
    "Stopped or double": _Stand(frozenset(message_figures.NO_FAILURE), "#C7A15A"),
    "Failed": _Stand(message_figures.OF[Reached.FAILED], "#D9484C"),
}


def line(asked: Filter) -> None:
    """Say how far the messages of the last 30 days came."""
    st.markdown(resources.kept(_line, _within(asked), since=_first(), until=_today()))


def _line(session: Any, wanted: Filter, *, since: date, until: date) -> str:
    counts = message_figures.counts_by_day(session, wanted, since=since, until=until)
    told = " · ".join(f"{message_figures.reached(counts, how_far):,} {how_far}" for how_far in Reached)
    total = sum(count.number for count in counts)
    return f":small[:gray[{formats.plural(total, 'message')} in {_DAYS} days · {told}]]"


def figures(asked: Filter) -> None:
    """Draw the charts in a fold whose state is remembered for the session; on a phone it begins closed."""
    counts = _counts(asked)
    if not counts:
        return
    wanted = st.session_state.setdefault(_WANTED, "Mobi" not in st.context.headers.get("User-Agent", ""))
    fold = st.expander(f"The last {_DAYS} days", expanded=wanted, key=_FOLD, on_change=_remember)
    if wanted:
        with fold:
            left, middle, right = st.columns([1.3, 1.35, 0.85], gap="small")
            with left, cards.card("Messages by day", "what became of them", stretch=True):
                _by_day(counts)
            with middle, cards.card("By kind", stretch=True):
                _by_family(counts)
            with right, cards.card("Time to delivery", stretch=True):
                _times(resources.kept(message_figures.times, _within(asked), since=_first(), until=_today()))


def _remember() -> None:
    st.session_state[_WANTED] = bool(st.session_state[_FOLD])


def _today() -> date:
    return formats.now().date()


def _first() -> date:
    return _today() - timedelta(days=_DAYS - 1)


def _within(asked: Filter) -> Filter:
    """Leave out what is about a state: the figures tell of all states."""
    return replace(asked, states=(), silent=False)


def _counts(asked: Filter) -> list[Count]:
    return resources.kept(message_figures.counts_by_day, _within(asked), since=_first(), until=_today())


def _by_day(counts: Sequence[Count]) -> None:
    """Draw a bar for each day, stacked by how its messages stand."""
    words = [word for word, found in _STANDS.items() if any(count.state in found.states for count in counts)]
    table = pa.table(
        {
            "day": pa.array([count.day for count in counts], pa.date32()),
            "state": [_stand(count.state) for count in counts],
            "messages": [count.number for count in counts],
        }
    )
    rank = {"calculate": f"indexof({list(_STANDS)}, datum.state)", "as": "rank"}
    weeks = [_at(_today() - timedelta(days=7 * back)) for back in range(5)]
    days = charts.axis(grid=False, format="%d %b", values=weeks, labelAlign="center", labelFlush=True)
    ends = [f"{_first():%Y-%m-%d}", f"{_today() + timedelta(days=1):%Y-%m-%d}"]
    legend = {"title": None, "orient": "top", "labelFontSize": 10, "offset": 4, "columnPadding": 7, "symbolSize": 36}
    encoding = {
        "x": {"field": "day", "type": "temporal", "timeUnit": "utcyearmonthdate", "axis": days, "bandPosition": 0.5}
        | {"scale": {"type": "utc", "domain": ends}},
        "y": {
            "aggregate": "sum",
            "field": "messages",
            "type": "quantitative",
            "axis": charts.axis(format="~s", tickMinStep=1),
        },
        "color": {
            "field": "state",
            "type": "nominal",
            "legend": legend,
            "scale": {"domain": words, "range": [_STANDS[word].mark for word in words]},
        },
        "order": {"field": "rank", "type": "quantitative"},
        "tooltip": [
            {"field": "day", "type": "temporal", "format": "%d %B %Y"},
            {"field": "state"},
            {"aggregate": "sum", "field": "messages", "format": ",", "title": "messages"},
        ],
    }
    mark = {"type": "bar", "width": {"band": 0.75}}
    spec = charts.frame(height=_HEIGHT, mark=mark, encoding=encoding, transform=[rank])
    alt = f"Bars: messages of each of the last {_DAYS} days, split by what became of them"
    st.vega_lite_chart(table, spec, key="sent_by_day", alt=alt)


def _at(day: date) -> dict[str, int | bool]:
    """Give a day as charts name one."""
    return {"year": day.year, "month": day.month, "date": day.day, "utc": True}


def _stand(state: str) -> str:
    return next((word for word, found in _STANDS.items() if state in found.states), "Unknown")


def _by_family(counts: Sequence[Count]) -> None:
    """Draw how far the messages of each kind came."""
    every = {looks.family(family): [count for count in counts if count.family == family] for family in Family}
    shown = {name: found for name, found in every.items() if found} | {"All": list(counts)}
    sums = {
        how_far.capitalize(): [message_figures.reached(found, how_far) for found in shown.values()]
        for how_far in Reached
    }
    st.table({"Kind": list(shown), **sums}, border="horizontal", hide_index=True, alt="Table of messages by kind")


def _times(found: Times | None) -> None:
    """Draw how long delivery takes."""
    if found is None:
        st.markdown(":small[:gray[No delivery was told yet.]]")
        return
    with st.container(horizontal=True, gap="small"):
        st.metric("Median", length(found.median))
        st.metric("9 in 10 within", length(found.nine_in_ten))
    latest = "the latest " if found.more else ""
    messages = formats.plural(found.known, "message")
    st.caption(f"From our request until delivery was told, of {latest}{messages}. Slowest: {length(found.slowest)}.")


def length(taken: timedelta) -> str:
    """Give a length of time with its seconds, while they matter."""
    seconds = taken.total_seconds()
    if seconds < 10:  # noqa: PLR2004 (below, tenths matter)
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else formats.span(taken)  # noqa: PLR2004 (two minutes)
