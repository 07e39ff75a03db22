"""Charts as Vega-Lite: marks that read on both backgrounds, words only in axes and legends."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries.totals import Count
from pages.ui import formats

HEIGHT = 168
_OTHERS = "Others"
_STATUSES = [look.word for look in formats.STATUSES.values()]
_MARKS = [look.mark for look in formats.STATUSES.values()]


def frame(**parts: Any) -> dict[str, Any]:
    """Give a chart's outline: no border, little room around it, and labels that can be read on white."""
    labels = {"labelColor": "#5B6270"} if st.context.theme.type == "light" else {}
    return {
        "padding": {"left": 2, "right": 4, "top": 4, "bottom": 5},
        "config": {"view": {"strokeWidth": 0}, "axis": labels, "legend": labels},
        **parts,
    }


def axis(**parts: Any) -> dict[str, Any]:
    """Give an axis as all charts have it: thin lines, small figures."""
    usual = {"title": None, "ticks": False, "domain": False, "gridOpacity": 0.5, "tickCount": 4, "labelFontSize": 11}
    return usual | parts


def status_by_platform(counts: Sequence[Count], *, key: str) -> None:
    """Draw how many connections of each platform have which status, the largest platform first."""
    sums = _ranked(tuple((count.platform, count.connections) for count in counts))
    table = pa.table(
        {
            "platform": [formats.platform(count.platform) for count in counts],
            "status": [formats.status(count.status).word for count in counts],
            "connections": [count.connections for count in counts],
        }
    )
    encoding = {
        "y": {
            "field": "platform",
            "type": "nominal",
            "sort": [formats.platform(word) for word in sums],
            "axis": axis(labelOverlap=False, labelFlush=False, labelBound=False, labelLimit=90, grid=False),
        },
        "x": {"field": "connections", "type": "quantitative", "axis": axis(format="~s"), "stack": "zero"},
        "color": {
            "field": "status",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": _STATUSES, "range": _MARKS},
        },
        "order": {"field": "rank", "type": "quantitative"},
        "tooltip": [{"field": "platform"}, {"field": "status"}, {"field": "connections", "format": ","}],
    }
    rank = {"calculate": f"indexof({_STATUSES}, datum.status)", "as": "rank"}
    size = min(9, max(4, 110 // max(len(sums), 1)))
    spec = frame(height=HEIGHT, mark={"type": "bar", "size": size}, encoding=encoding, transform=[rank])
    st.vega_lite_chart(table, spec, key=key, alt="Bars: connections by platform, split by status")


def connections_by_status(counts: Sequence[Count], *, key: str) -> None:
    """Draw how many connections have which status; the numbers stand in the labels."""
    sums = dict.fromkeys(formats.STATUSES, 0)
    for count in counts:
        word = count.status if count.status in sums else "unknown"
        sums[word] += count.connections
    labels = [f"{formats.STATUSES[word].word} {number:,}" for word, number in sums.items()]
    table = pa.table({"status": labels, "connections": list(sums.values())})
    encoding = {
        "y": {"field": "status", "type": "nominal", "sort": labels, "axis": axis(labelLimit=170, grid=False)},
        "x": {"field": "connections", "type": "quantitative", "axis": None},
        "color": {"field": "status", "type": "nominal", "legend": None, "scale": {"domain": labels, "range": _MARKS}},
        "tooltip": [{"field": "status"}, {"field": "connections", "format": ","}],
    }
    mark = {"type": "bar", "size": 13, "cornerRadiusEnd": 2}
    st.vega_lite_chart(
        table, frame(height=HEIGHT, mark=mark, encoding=encoding), key=key, alt="Bars: connections by status"
    )


def followers(figures: Sequence[tuple[date, str, int]], *, key: str) -> None:
    """Draw how the followers of the four largest platforms, and of all others together, changed since the first day.

    A share of each one's own first day: beside a platform of millions, one of thousands would be a flat line at 0.
    """
    shown = _largest(figures)
    sums: dict[tuple[date, str], int] = {}
    for day, platform, number in figures:
        word = formats.platform(platform) if platform in shown else _OTHERS
        sums[day, word] = sums.get((day, word), 0) + number
    names = [formats.platform(word) for word in shown]
    marks = [formats.mark(word) for word in shown]
    if any(word == _OTHERS for _, word in sums):
        names, marks = [*names, _OTHERS], [*marks, formats.OTHER_MARK]
    legend = {"title": None, "orient": "top", "symbolType": "stroke", "symbolStrokeWidth": 2, "labelFontSize": 11}
    encoding = {
        "x": {"field": "day", "type": "temporal", "axis": axis(grid=False, format="%d %b", labelFlush=True)},
        "y": {"field": "change", "type": "quantitative", "axis": axis(format="+.0%"), "scale": {"zero": False}},
        "color": {
            "field": "platform",
            "type": "nominal",
            "legend": legend | {"offset": 4, "columnPadding": 12},
            "scale": {"domain": names, "range": marks},
        },
        "tooltip": [
            {"field": "day", "type": "temporal", "format": "%d %B %Y"},
            {"field": "platform"},
            {"field": "followers", "format": ","},
            {"field": "change", "format": "+.1%"},
        ],
    }
    spec = frame(height=HEIGHT, mark={"type": "line", "strokeWidth": 2}, encoding=encoding)
    alt = "Lines: change of followers by platform since the first of the last 90 days"
    st.vega_lite_chart(_changes(sums), spec, key=key, alt=alt)


def _changes(sums: dict[tuple[date, str], int]) -> pa.Table:
    """Set each sum beside its change against the first day of its platform; a first day of 0 is no baseline."""
    first: dict[str, int] = {}
    for (_, word), number in sorted(sums.items()):
        first.setdefault(word, number)
    return pa.table(
        {
            "day": pa.array([day for day, _ in sums], pa.date32()),
            "platform": [word for _, word in sums],
            "followers": list(sums.values()),
            "change": pa.array(
                [(number - first[word]) / first[word] if first[word] else None for (_, word), number in sums.items()],
                pa.float64(),
            ),
        }
    )


@lru_cache(maxsize=64)
def _ranked(pairs: tuple[tuple[str, int], ...]) -> list[str]:
    sums: dict[str, int] = {}
    for word, number in pairs:
        sums[word] = sums.get(word, 0) + number
    return sorted(sums, key=lambda word: (-sums[word], word))


def _largest(figures: Sequence[tuple[date, str, int]], number: int = 4) -> list[str]:
    last = max((day for day, _, _ in figures), default=None)
    ranked = _ranked(tuple((platform, count) for day, platform, count in figures if day == last))
    return ranked[:number]
