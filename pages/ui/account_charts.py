"""The two charts of an account: followers with what happened on the line, and engagement below on the same days."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries.account import Curve, Figure, Gap, Mark
from pages.ui import charts, formats

_HEIGHT, _LANE, _SMALL = 190, 14, 92
_NARROW = 48
"""Pixels for the figures beside both charts, so that their days stand above each other."""
_LABEL = 0.17
"""The share of the width that a label of a status may need."""
_SHAPE = (",.0f", 4)
_GREY = formats.OTHER_MARK
_DOUBTED = "#C0861A"
_BOTTOM: dict[str, Any] = {"grid": False, "format": "%d %b", "tickCount": 5, "labelFlush": True}


def followers(curve: Curve, gaps: Sequence[Gap], marks: Sequence[Mark], *, platform: str, key: str) -> None:
    """Draw the followers as a line that breaks where days are missing, with each change of status marked on it."""
    statuses = [mark for mark in marks if mark.field == "status" and mark.after is not None]
    lanes = _lanes(statuses, curve)
    doubted = doubted_days(marks)
    rules = [_rules(curve, lane, shift) for shift, lane in enumerate(lanes) if lane]
    line = _line(
        curve,
        formats.mark(platform),
        shapes=(_SHAPE[0], ",.0f"),
        title="Followers",
        days=not has_engagement(curve),
    )
    layers = [_shade(curve, gaps), *rules, *line, *([_doubts()] if doubted else [])]
    spec = _spec(layers, _HEIGHT + len(rules) * _LANE)
    words = ", ".join(f"{formats.status(mark.after or '').word} on {mark.at:%d %B}" for mark in statuses)
    alt = f"Line: followers of the last {curve.days} days{f'; {words}' if words else ''}"
    st.vega_lite_chart(_table(curve, "followers", gaps, doubted), spec, key=key, alt=alt)


def engagement(curve: Curve, gaps: Sequence[Gap], *, key: str) -> None:
    """Draw the engagement rate below, smaller, over the same days."""
    layers = _line(curve, _GREY, shapes=(".2~f", ".2f"), title="Engagement, %", days=True, ticks=2)
    alt = f"Line: engagement rate of the last {curve.days} days"
    table = _table(curve, "engagement_rate", gaps)
    st.vega_lite_chart(table, _spec(layers, _SMALL), key=key, alt=alt)


def _spec(layers: list[dict[str, Any]], height: int) -> dict[str, Any]:
    """Give a chart whose layers have days of their own: those of the line, and the words of each lane above."""
    return charts.frame(height=height, layer=layers, resolve={"axis": {"x": "independent"}})


def has_engagement(curve: Curve) -> bool:
    """Tell whether any day of the range has an engagement rate."""
    return any(point.engagement_rate is not None for point in curve.points)


def doubted_days(marks: Sequence[Mark]) -> frozenset[date]:
    """Give the days on which a figure became suspect."""
    return frozenset(mark.at.date() for mark in marks if mark.field == "suspect" and mark.after)


def _table(curve: Curve, field: Figure, gaps: Sequence[Gap], doubted: frozenset[date] = frozenset()) -> pa.Table:
    """Give a row for each known day, and an empty one in each gap, where the line has to break."""
    rows = [(point.day, getattr(point, field)) for point in curve.points if getattr(point, field) is not None]
    rows = sorted([*rows, *((gap.first, None) for gap in gaps)], key=lambda row: row[0])
    told = [None, *(row[1] for row in rows), None]
    alone = [before is None and after is None for before, after in zip(told, told[2:], strict=False)]
    return pa.table(
        {
            "day": pa.array([row[0] for row in rows], pa.date32()),
            "date": pa.array([f"{row[0]:%A} {row[0].day} {row[0]:%B %Y}" for row in rows], pa.string()),
            "figure": pa.array([row[1] for row in rows], pa.float64()),
            "alone": pa.array(alone, pa.bool_()),
            "doubted": pa.array([row[0] in doubted for row in rows], pa.bool_()),
        }
    )


def _x(axis: dict[str, Any] | None = None, domain: Curve | None = None) -> dict[str, Any]:
    scale: dict[str, Any] = {"type": "utc"}
    if domain is not None:
        scale["domain"] = [_utc(domain.since + timedelta(days=1)), _utc(domain.until)]
    return {"field": "day", "type": "temporal", "scale": scale, "axis": axis}


def _y(shape: str, ticks: int) -> dict[str, Any]:
    beside = charts.axis(minExtent=_NARROW, maxExtent=_NARROW, tickCount=ticks, format=shape)
    return {"field": "figure", "type": "quantitative", "axis": beside, "scale": {"zero": False}}


def _line(
    curve: Curve, colour: str, *, shapes: tuple[str, str], title: str, days: bool, ticks: int = 4
) -> list[dict[str, Any]]:
    """Give the line, a dot for a day that stands alone, and the dot that the pointer finds."""
    y = _y(shapes[0], ticks)
    tooltip = [{"field": "date", "title": "Day"}, {"field": "figure", "title": title, "format": shapes[1]}]
    hovered = {
        "name": "near",
        "select": {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout", "encodings": ["x"]},
    }
    shows = {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0}
    dot = {"type": "point", "filled": True, "color": colour}
    known = [{"filter": "isValid(datum.figure)"}]
    return [
        {
            "mark": {"type": "line", "strokeWidth": 2, "color": colour, "invalid": "break-paths-show-path-domains"},
            "encoding": {"x": _x(charts.axis(**_BOTTOM) if days else None, curve), "y": y},
        },
        {
            "mark": dot | {"size": 24, "opacity": 1},
            "transform": [*known, {"filter": "datum.alone"}],
            "encoding": {"x": _x(), "y": y},
        },
        {
            "mark": dot | {"size": 46},
            "transform": known,
            "params": [hovered],
            "encoding": {"x": _x(), "y": y, "opacity": shows, "tooltip": tooltip},
        },
    ]


def _shade(curve: Curve, gaps: Sequence[Gap]) -> dict[str, Any]:
    """Give the tint over days that nobody told."""
    values = [{"day": _stamp(max(gap.first, curve.since + timedelta(days=1))), "end": _stamp(gap.last)} for gap in gaps]
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "opacity": 0.12, "color": _GREY},
        "encoding": {"x": _x(), "x2": {"field": "end"}},
    }


def _rules(curve: Curve, marks: Sequence[Mark], lane: int) -> dict[str, Any]:
    """Give the dashed lines of one lane, with their words above the chart."""
    looks = [formats.status(mark.after or "") for mark in marks]
    words = {f"{mark.at:%Y-%m-%d}": look.word for mark, look in zip(marks, looks, strict=True)}
    edge = _stamp(curve.until) - int(_LABEL * curve.days * 86_400_000)
    labels = charts.axis(
        orient="top",
        values=[_utc(mark.at.date()) for mark in marks],
        labelExpr=f"({words})[utcFormat(datum.value, '%Y-%m-%d')]",
        labelAlign={"condition": {"test": f"time(datum.value) > {edge}", "value": "right"}, "value": "left"},
        labelOverlap=False,
        labelFlush=False,
        labelBound=False,
        offset=_LANE * lane,
        grid=False,
        labelLimit=90,
    )
    values = [
        {"day": _instant(mark.at), "word": look.word, "when": f"{mark.at.day} {mark.at:%B %Y, %H:%M} UTC"}
        for mark, look in zip(marks, looks, strict=True)
    ]
    colours = {look.word: look.mark for look in formats.STATUSES.values()}
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {
        "data": {"values": values},
        "mark": {"type": "rule", "strokeDash": [3, 3], "strokeWidth": 1.5},
        "encoding": {
            "x": _x(labels),
            "color": {"field": "word", "type": "nominal", "legend": None, "scale": scale},
            "tooltip": [{"field": "word", "title": "Status"}, {"field": "when", "title": "Since"}],
        },
    }


def _doubts() -> dict[str, Any]:
    """Give the marks on figures that are not to be believed as they stand."""
    return {
        "mark": {"type": "point", "shape": "triangle-up", "size": 70, "color": _DOUBTED, "filled": True, "opacity": 1},
        "transform": [{"filter": "datum.doubted && isValid(datum.figure)"}],
        "encoding": {
            "x": _x(),
            "y": _y(*_SHAPE),
            "tooltip": [
                {"field": "date", "title": "Suspect since"},
                {"field": "figure", "title": "Followers", "format": ",.0f"},
            ],
        },
    }


def _lanes(marks: Sequence[Mark], curve: Curve) -> tuple[list[Mark], list[Mark]]:
    """Share the marks between two lanes so that words beside each other have room, the newest served first.

    A mark that finds none keeps its line and its tooltip in the first lane, without a word of its own.
    """
    lanes: tuple[list[Mark], list[Mark]] = ([], [])
    room = timedelta(days=curve.days * _LABEL)
    for mark in reversed(marks):
        free = next((lane for lane in lanes if not lane or lane[-1].at - mark.at >= room), None)
        if free is not None:
            free.append(mark)
    return lanes


def _utc(day: date) -> dict[str, Any]:
    return {"year": day.year, "month": day.month, "date": day.day, "utc": True}


def _stamp(day: date) -> int:
    return _instant(datetime.combine(day, time(), UTC))


def _instant(at: datetime) -> int:
    return int(at.timestamp()) * 1000
