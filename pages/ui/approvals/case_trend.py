"""The followers of a case's account over 30 days, with a line where somebody decided."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries import account
from data.queries.account import Curve
from data.queries.cases import CaseRow, Happened
from pages.ui import charts, formats, resources

_DAYS, _HEIGHT = 30, 172
_TITLE = f"Followers, {_DAYS} days"
_DECISIONS = {
    "case.approve": ("approved", "#2E9968"),
    "case.decline": ("declined", "#D9484C"),
    "case.reopen": ("came back", "#C0861A"),
}


def show(case: CaseRow, steps: Sequence[Happened]) -> None:
    """Draw the line, or say that nothing is known of these days."""
    until = formats.now().date()
    connection = case.connection_id or ""
    asked = {"since": until - timedelta(days=_DAYS), "until": until}
    curve = resources.kept(account.curves, (connection,), **asked).get(connection)
    marks = [step for step in steps if step.action in _DECISIONS and step.at.date() > until - timedelta(days=_DAYS)]
    if curve is None or not curve.days_known:
        st.markdown(f"**{_TITLE}**  \n:small[:gray[No source has told its followers in these days.]]")
        return
    told = "; ".join(f"{_DECISIONS[step.action][0]} on {step.at:%d %B}" for step in marks)
    alt = f"Line: followers of the last {_DAYS} days{f'; {told}' if told else ''}"
    st.vega_lite_chart(_table(curve), _spec(case, curve, marks), key=f"case_trend_{case.id}", alt=alt)


def _last(marks: Sequence[Happened]) -> str:
    """Say which decision the last line stands for."""
    return f" ┆ {_DECISIONS[marks[-1].action][0]} {marks[-1].at:%d %b}" if marks else ""


def _table(curve: Curve) -> pa.Table:
    points = [point for point in curve.points if point.followers is not None]
    return pa.table(
        {
            "day": pa.array([point.day for point in points], pa.date32()),
            "followers": pa.array([point.followers for point in points], pa.int64()),
        }
    )


def _spec(case: CaseRow, curve: Curve, marks: Sequence[Happened]) -> dict[str, Any]:
    across = {"field": "day", "type": "temporal", "scale": {"type": "utc"}}
    bottom = charts.axis(grid=False, format="%d %b", tickCount=4, labelFlush=True)
    line = {
        "mark": {
            "type": "line",
            "strokeWidth": 2,
            "color": formats.mark(case.platform),
            "point": curve.days_known == 1,
        },
        "encoding": {
            "x": across | {"axis": bottom},
            "y": {
                "field": "followers",
                "type": "quantitative",
                "axis": charts.large(tickCount=3),
                "scale": {"zero": False},
            },
            "tooltip": [
                {"field": "day", "type": "temporal", "title": "Day", "format": "%d %b %Y"},
                {"field": "followers", "type": "quantitative", "title": "Followers", "format": ",.0f"},
            ],
        },
    }
    title = {"text": f"{_TITLE}{_last(marks)}", "fontSize": 14, "anchor": "start"}
    return charts.frame(title=title, height=_HEIGHT, layer=[line, _rules(marks)])


def _rules(marks: Sequence[Happened]) -> dict[str, Any]:
    """Give a dashed line where a decision was taken; its word stands in the tooltip, that of the last one above."""
    looks = dict(_DECISIONS.values())
    values = [
        {
            "day": int(step.at.timestamp()) * 1000,
            "word": _DECISIONS[step.action][0],
            "when": f"{step.at.day} {step.at:%B %Y, %H:%M} UTC",
        }
        for step in marks
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "rule", "strokeDash": [3, 3], "strokeWidth": 1.5},
        "encoding": {
            "x": {"field": "day", "type": "temporal", "scale": {"type": "utc"}},
            "color": {
                "field": "word",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": list(looks), "range": list(looks.values())},
            },
            "tooltip": [{"field": "word", "title": "Case"}, {"field": "when", "title": "When"}],
        },
    }
