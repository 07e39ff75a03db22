"""Charts as Vega-Lite: marks that read on both backgrounds, words only in axes and legends."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries.dots import Dot
from data.queries.totals import Count
from pages.ui import formats

HEIGHT = 168
OTHERS = "Others"
_STATUSES = [look.word for look in formats.STATUSES.values()]
_MARKS = [look.mark for look in formats.STATUSES.values()]
Clicked = Callable[[], None]
"""Called when a mark is clicked; what was clicked stands in the session under the chart's key."""


def _all(*_words: str) -> bool:
    return True


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


def large(**parts: Any) -> dict[str, Any]:
    """Give an axis of large numbers in the words that figures have: a thousand millions are 1B, not 1G."""
    return axis(labelExpr="replace(format(datum.value, '~s'), 'G', 'B')", **parts)


def _picking(*names: str, legend: bool = False) -> dict[str, Any]:
    """Let a click choose a mark by these fields, or its word in the legend; each further click is told apart."""
    one = {"name": "pick", "select": {"type": "point", "fields": list(names), "toggle": "true", "clear": False}}
    named = {"name": "named", "select": {"type": "point", "fields": list(names), "toggle": "true"}, "bind": "legend"}
    return {"params": [one, named] if legend else [one]}


_FAINT = {"condition": {"test": "datum.chosen", "value": 1}, "value": 0.25}


def _show(table: pa.Table, spec: dict[str, Any], key: str, alt: str, clicked: Clicked | None) -> None:
    st.vega_lite_chart(table, spec, key=key, alt=alt, on_select=clicked or "ignore")


def status_by_platform(
    counts: Sequence[Count], *, key: str, chosen: Callable[[str, str], bool] = _all, clicked: Clicked | None = None
) -> None:
    """Draw how many connections of each platform have which status, the largest platform first."""
    sums = _ranked(tuple((count.platform, count.connections) for count in counts))
    table = pa.table(
        {
            "platform": [formats.platform(count.platform) for count in counts],
            "status": [formats.status(count.status).word for count in counts],
            "connections": [count.connections for count in counts],
            "chosen": [chosen(count.platform, count.status) for count in counts],
        }
    )
    labels = axis(labelOverlap=False, labelFlush=False, labelBound=False, labelLimit=90, grid=False)
    names = [formats.platform(word) for word in sums]
    encoding = {
        "y": {"field": "platform", "type": "nominal", "sort": names, "axis": labels},
        "x": {"field": "connections", "type": "quantitative", "axis": large(), "stack": "zero"},
        "color": {
            "field": "status",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": _STATUSES, "range": _MARKS},
        },
        "opacity": _FAINT,
        "order": {"field": "rank", "type": "quantitative"},
        "tooltip": [{"field": "platform"}, {"field": "status"}, {"field": "connections", "format": ","}],
    }
    rank = {"calculate": f"indexof({_STATUSES}, datum.status)", "as": "rank"}
    mark = {
        "type": "bar",
        "size": min(9, max(4, 110 // max(len(sums), 1))),
        "cursor": "pointer" if clicked else "default",
    }
    picking = _picking("platform", "status") if clicked else {}
    spec = frame(height=HEIGHT, mark=mark, encoding=encoding, transform=[rank], **picking)
    _show(table, spec, key, "Bars: connections by platform, split by status", clicked)


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


def followers(
    figures: Sequence[tuple[date, str, int]],
    *,
    key: str,
    change: bool = True,
    chosen: Callable[[str], bool] = _all,
    clicked: Clicked | None = None,
) -> None:
    """Draw the followers of the four largest platforms, and of all others together, day by day; a gap stays a gap.

    As a change, a share of each one's own first day: beside a platform of millions, one of thousands would be a flat
    line at 0.
    """
    shown = _largest(figures)
    sums: dict[tuple[date, str], int] = {}
    for day, platform, number in figures:
        word = formats.platform(platform) if platform in shown else OTHERS
        sums[day, word] = sums.get((day, word), 0) + number
    marks = {formats.platform(word): formats.mark(word) for word in shown}
    if any(word == OTHERS for _, word in sums):
        marks[OTHERS] = formats.OTHER_MARK
    faint = {name for word, name in zip(shown, marks, strict=False) if not chosen(word)}
    legend = {"title": None, "orient": "top", "symbolType": "stroke", "symbolStrokeWidth": 2, "labelFontSize": 11}
    encoding = {
        "x": {"field": "day", "type": "temporal", "axis": axis(grid=False, format="%d %b", labelFlush=True)},
        "y": {
            "field": "change" if change else "followers",
            "type": "quantitative",
            "axis": axis(format="+.0%") if change else large(),
            "scale": {"zero": False},
        },
        "color": {
            "field": "platform",
            "type": "nominal",
            "legend": legend
            | {"offset": 4, "columnPadding": 7, "symbolSize": 36, "labelOffset": 2, "labelFontSize": 10},
            "scale": {"domain": list(marks), "range": list(marks.values())},
        },
        "opacity": _FAINT,
        "tooltip": [
            {"field": "day", "type": "temporal", "format": "%d %B %Y"},
            {"field": "platform"},
            {"field": "followers", "format": ","},
            {"field": "change", "format": "+.1%"},
        ],
    }
    mark = {"type": "line", "strokeWidth": 2, "invalid": "break-paths-show-path-domains"}
    picking = _picking("platform", legend=True) if clicked else {}
    spec = frame(height=HEIGHT, mark=mark, encoding=encoding, **picking)
    what = "change of followers by platform since the first" if change else "followers by platform on each"
    _show(changes(sums, faint), spec, key, f"Lines: {what} of the last 90 days", clicked)


def changes(sums: dict[tuple[date, str], int], faint: Collection[str]) -> pa.Table:
    """Set each sum beside its change against the first day of its platform; a first day of 0 is no baseline.

    Each platform has a row for each day: one that nobody told is empty, and breaks the line.
    """
    first: dict[str, int] = {}
    for (_, word), number in sorted(sums.items()):
        first.setdefault(word, number)
    days = [day for day, _ in sums]
    span = range((max(days) - min(days)).days + 1) if days else ()
    every = [(min(days) + timedelta(days=number), word) for word in first for number in span]
    told = [(sums.get(one), first[one[1]]) for one in every]
    changes = [(number - base) / base if number is not None and base else None for number, base in told]
    return pa.table(
        {
            "day": pa.array([day for day, _ in every], pa.date32()),
            "platform": [word for _, word in every],
            "followers": pa.array([number for number, _ in told], pa.int64()),
            "change": pa.array(changes, pa.float64()),
            "chosen": [word not in faint for _, word in every],
        }
    )


def engagement(
    dots: Sequence[Dot], *, key: str, chosen: Callable[[str], bool] = _all, clicked: Clicked | None = None
) -> None:
    """Draw connections as dots: engagement against followers, coloured by platform."""
    platforms = _ranked(tuple((dot.platform, 1) for dot in dots))
    table = pa.table(
        {
            "account": pa.array([dot.name for dot in dots], pa.string()),
            "platform": [formats.platform(dot.platform) for dot in dots],
            "followers": [dot.followers for dot in dots],
            "engagement": [dot.engagement_rate / 100 for dot in dots],
            "chosen": [chosen(dot.platform) for dot in dots],
        }
    )
    marks = {
        "domain": [formats.platform(word) for word in platforms],
        "range": [formats.mark(word) for word in platforms],
    }
    across = axis(values=[1e2, 1e3, 1e4, 1e5, 1e6, 1e7], format="~s", grid=False)
    encoding = {
        "x": {"field": "followers", "type": "quantitative", "scale": {"type": "log"}, "axis": across},
        "y": {"field": "engagement", "type": "quantitative", "axis": axis(format="~%")},
        "color": {"field": "platform", "type": "nominal", "legend": None, "scale": marks},
        "opacity": {"condition": {"test": "datum.chosen", "value": 0.75}, "value": 0.15},
        "tooltip": [
            {"field": "account"},
            {"field": "platform"},
            {"field": "followers", "format": ","},
            {"field": "engagement", "format": ".2%"},
        ],
    }
    mark = {"type": "circle", "size": 46, "cursor": "pointer" if clicked else "default"}
    picking = _picking("platform") if clicked else {}
    spec = frame(height=HEIGHT, mark=mark, encoding=encoding, **picking)
    _show(table, spec, key, "Dots: engagement against followers, coloured by platform", clicked)


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
