"""Tables of accounts whose figures moved, or moved strangely: text cells are text, a click opens the account."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries.movers import Mover
from data.queries.suspects import Doubtful
from pages.ui import formats, links, suspects

_ROW, _HEAD = 34, 36
_INSTANT = pa.timestamp("us", tz="UTC")
_WORDS, _FIGURES = pa.list_(pa.string()), pa.list_(pa.float64())
OPEN = ":material/arrow_forward:"


def movers(rows: Sequence[Mover], *, key: str, alt: str) -> None:
    """Show accounts with their followers then and now, and the change between."""
    table = pa.table(
        _named(rows)
        | {
            "growth": pa.array([row.growth for row in rows], pa.float64()),
            "trend": pa.array([_line(row.trend) for row in rows], _FIGURES),
            "then": pa.array([row.then for row in rows], pa.int64()),
            "followers": pa.array([row.followers for row in rows], pa.int64()),
        }
        | _told(rows)
    )
    show(table, [row.id for row in rows], columns=_mover_columns(), key=key, alt=alt)


def doubtful(rows: Sequence[Doubtful], *, key: str, alt: str) -> None:
    """Show accounts with suspect figures: what they did, and since when."""
    table = pa.table(
        _named(rows)
        | {
            "suspect": pa.array([[suspects.look(row.suspect).word] for row in rows], _WORDS),
            "since": pa.array([row.since for row in rows], _INSTANT),
            "followers": pa.array([row.followers for row in rows], pa.int64()),
        }
        | _told(rows)
        | {
            "engagement_rate": pa.array([row.engagement_rate for row in rows], pa.float64()),
            "words": pa.array([suspects.words(row.suspect) for row in rows], pa.string()),
        }
    )
    show(table, [row.id for row in rows], columns=_doubtful_columns(), key=key, alt=alt, most=6)


def show(
    table: pa.Table, opens: Sequence[str | None], *, columns: dict[str, Any], key: str, alt: str, most: int = 10
) -> None:
    """Show a table whose first column opens an account: for each row the connection that names it, or None."""
    opening = f"{key}_open"
    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW,
        height=_ROW * min(len(opens), most) + _HEAD,
        placeholder=formats.DASH,
        column_config={"open": _opener(opening), "name": st.column_config.TextColumn("Account", width=98)} | columns,
        key=key,
        alt=alt,
    )
    pressed = st.session_state.get(opening)
    connection = opens[pressed["row"]] if pressed is not None and pressed["row"] < len(opens) else None
    if connection is not None:
        way = links.account(connection)
        st.switch_page(way.page, query_params=way.query)


def _opener(key: str) -> Any:
    return st.column_config.ButtonColumn("", width=34, type="tertiary", help="Open the account", key=key)


def _named(rows: Sequence[Mover] | Sequence[Doubtful]) -> dict[str, pa.Array]:
    return {
        "open": pa.array([OPEN] * len(rows), pa.string()),
        "name": pa.array([row.name or row.handle or "(no name given)" for row in rows], pa.string()),
        "platform": pa.array([formats.platform(row.platform) for row in rows], pa.string()),
    }


def _told(rows: Sequence[Mover] | Sequence[Doubtful]) -> dict[str, pa.Array]:
    return {
        "source": pa.array([row.source for row in rows], pa.string()),
        "last_seen_at": pa.array([row.last_seen_at for row in rows], _INSTANT),
    }


def _line(trend: Sequence[int | None]) -> list[int] | None:
    """Give the days that are known: a cell can draw no gap, and one point is no line."""
    known = [number for number in trend if number is not None]
    return known if len(known) > 1 else None


@cache
def _mover_columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "growth": config.NumberColumn("Change", format="%+.1f%%", width=60, help="Followers now against 30 days ago"),
        "trend": config.LineChartColumn("30 days", color="gray", width=56),
        "then": config.NumberColumn("Then", format="compact", width=50, help="Followers 30 days ago"),
        "followers": config.NumberColumn("Now", format="compact", width=50, help="Followers now"),
        "source": config.TextColumn("Source", width=60),
        "last_seen_at": _as_of(),
        "platform": config.TextColumn("Platform", width=68),
    }


@cache
def _doubtful_columns() -> dict[str, Any]:
    config, looks = st.column_config, suspects.looks()
    return {
        "suspect": config.MultiselectColumn(
            "What", options=[look.word for look in looks], color=[look.tint for look in looks], width=74
        ),
        "since": config.DatetimeColumn("Since", format="D MMM YYYY", width=86, help="In UTC"),
        "followers": config.NumberColumn("Followers", format="compact", width=68),
        "source": config.TextColumn("Source", width=60),
        "last_seen_at": _as_of(),
        "engagement_rate": config.NumberColumn("Engaged", format="%.2f%%", width=74),
        "words": config.TextColumn("In words", width=210),
        "platform": config.TextColumn("Platform", width=68),
    }


def _as_of() -> Any:
    return st.column_config.DatetimeColumn(
        "As of", format="distance", width=94, help="When its source last told us of it"
    )
