"""Tables of connections and of sync runs, as Arrow: text cells are text, whatever a vendor put into them."""

import base64
import html
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from data.queries.inventory import Row
from data.queries.sources import Run
from pages.ui import formats, lettering, picks, suspects
from pages.ui.picks import OPENING, Line, Picks

_ROW, _HEAD, _SHOWN = 40, 36, 12
_RUN_ROW, _RUNS_SHOWN = 34, 10
_FIGURES = pa.list_(pa.float64())
_WORDS = pa.list_(pa.string())
_INSTANT = pa.timestamp("us", tz="UTC")
_OPEN = ":material/chevron_right:"
_ORDER = (
    *("avatar", "open", "name", "handle", "platform", "status", "health", "followers", "trend", "change", "note"),
    *("engagement_rate", "figures", "source", "category", "kind", "verified", "connected_at", "last_seen_at"),
)


def connections(lines: Sequence[Line], found: Picks, *, then: bool) -> None:
    """Show a page of rows: what each is, how it stands and how it went; each can be ticked, and leads to its account.

    `then`: the rows are of a past day, so that their change is that of the 30 days before it.
    """
    ticked = found.draw(lines)
    key, opening = f"networks_table_{found.turn}", f"{OPENING}_{found.turn}"
    st.dataframe(
        _drawn(_Once(lines), then=then),
        hide_index=True,
        row_height=_ROW,
        height=_ROW * min(len(lines), _SHOWN) + _HEAD,
        placeholder=formats.DASH,
        column_config=_columns() | {"open": _opening(opening), "note": _noted(lines)},
        column_order=_order(lines),
        key=key,
        alt=f"Table of {formats.plural(len(lines), 'row')} with status, health, followers and trend",
        on_select=partial(picks.ticking, found, key, found.turn),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticked}},
    )


class _Once:
    """The rows of one answer of the cache: equal when they are the very same ones, which is quickly told."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines

    def __hash__(self) -> int:
        return hash(tuple(id(line.row) for line in self.lines))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Once)
            and len(self.lines) == len(other.lines)
            and all(
                mine.row is theirs.row and mine.beneath == theirs.beneath
                for mine, theirs in zip(self.lines, other.lines, strict=True)
            )
        )


@lru_cache(maxsize=32)
def _drawn(once: _Once, *, then: bool) -> pa.Table:
    """Keep the tables of the last answers: a rerun mostly shows the same rows."""
    return _connections(once.lines, then=then)


def _order(lines: Sequence[Line]) -> list[str]:
    """Give the columns, with that for exceptions only where there is one."""
    noted = any(line.row.suspect or line.row.differs for line in lines)
    return [name for name in _ORDER if noted or name != "note"]


def _connections(lines: Sequence[Line], *, then: bool) -> pa.Table:
    rows = [line.row for line in lines]

    def column(name: str, kind: pa.DataType | None = None) -> pa.Array:
        return pa.array([getattr(row, name) for row in rows], kind)

    def texts(read: Callable[[Row], str | None]) -> pa.Array:
        return pa.array([read(row) for row in rows], pa.string())

    return pa.table(
        {
            "avatar": texts(lambda row: avatar(row.name or row.handle or "", row.platform)),
            "open": pa.array([_OPEN] * len(rows), pa.string()),
            "name": pa.array([_name(line) for line in lines], pa.string()),
            "handle": texts(lambda row: _handle(row.handle)),
            "platform": texts(lambda row: formats.platform(row.platform)),
            "status": pa.array([[formats.status(row.status).word] for row in rows], _WORDS),
            "health": pa.array([[_health(row)] for row in rows], _WORDS),
            "followers": column("followers", pa.int64()),
            "trend": pa.array([_known(row) for row in rows], _FIGURES),
            "change": pa.array([row.trend.change if then else row.growth for row in rows], pa.float64()),
            "note": pa.array([list(_notes(row)) for row in rows], _WORDS),
            "engagement_rate": column("engagement_rate", pa.float64()),
            "source": texts(lambda row: ", ".join(row.sources) or row.source),
            "figures": texts(lambda row: row.figures or (None if row.followers is None else row.source)),
            "category": column("category", pa.string()),
            "kind": texts(lambda row: row.kind.capitalize()),
            "verified": texts(lambda row: _verified(row.verified)),
            "connected_at": column("connected_at", _INSTANT),
            "last_seen_at": column("last_seen_at", _INSTANT),
        }
    )


def _name(line: Line) -> str:
    told = line.row.name or line.row.handle or "(no name given)"
    return f"↳ {line.row.source} · {told}" if line.beneath else told


def _notes(row: Row) -> dict[str, formats.Colour]:
    """Say what makes a figure suspect (for a frozen one since when), and in what the sources of the account differ."""
    found: dict[str, formats.Colour] = {}
    if row.suspect is not None:
        look = suspects.look(row.suspect)
        since = row.followers_since if suspects.kind(row.suspect) == "frozen" else None
        found[f"{look.word} since {since.day} {since:%b}" if since else look.word] = "yellow"
    if row.differs:
        found[f"Differ: {', '.join(name.removesuffix('_rate') for name in row.differs)}"] = "orange"
    return found


def _handle(handle: str | None) -> str | None:
    return None if handle is None else handle if handle.startswith("@") or " " in handle else f"@{handle}"


def _health(row: Row) -> str:
    return "Vanished" if row.vanished_at is not None else formats.health(row.health).word


def _known(row: Row) -> list[int] | None:
    """Give the days that are known: a cell can draw no gap, and one point is no line."""
    known = [number for number in row.trend.followers if number is not None]
    return known if len(known) > 1 else None


def _verified(told: bool | None) -> str | None:  # noqa: FBT001 (the vendor's own word)
    return None if told is None else "Verified" if told else "No"


@cache
def _columns() -> dict[str, ColumnConfig | None]:
    config = st.column_config
    return {
        "avatar": config.ImageColumn("", width=44),
        "name": config.TextColumn("Account", width=160),
        "handle": config.TextColumn("Handle", width=118),
        "platform": config.TextColumn("Platform", width=80),
        "status": _badges("Status", list(formats.STATUSES.values()), 112),
        "health": _badges("Health", list(formats.HEALTHS.values()), 92),
        "followers": config.NumberColumn("Followers", format="compact", width=80),
        "trend": config.LineChartColumn("30 days", color="gray", width=90),
        "change": config.NumberColumn("Change", format="%+.1f%%", width=76, help="Followers now against 30 days ago"),
        "engagement_rate": config.NumberColumn("Engaged", format="%.2f%%", width=80),
        "figures": config.TextColumn("Told by", width=90, help="The source that tells the followers and their change"),
        "source": config.TextColumn(
            "Sources", width=130, help="Who witnesses the account; unfold it to see what each says"
        ),
        "category": config.TextColumn("Category", width=110),
        "kind": config.TextColumn("Kind", width=80),
        "verified": config.TextColumn("Verified", width=80),
        "connected_at": config.DatetimeColumn("Connected", format="distance", width=100),
        "last_seen_at": config.DatetimeColumn(
            "As of", format="distance", width=100, help="When its source last told us of it"
        ),
    }


def _noted(lines: Sequence[Line]) -> ColumnConfig:
    """Tint the notes of this page: only words that are options have a tint."""
    found: dict[str, formats.Colour] = {}
    for line in lines:
        found |= _notes(line.row)
    words = "A figure that is perhaps no real change, or what the sources of the account disagree in: unfold it"
    tints = list(found.values())
    return st.column_config.MultiselectColumn("Note", options=list(found), color=tints, width=150, help=words)


def _opening(key: str) -> Any:
    return st.column_config.ButtonColumn("", width=40, type="tertiary", key=key, help="Open the account")


def _badges(label: str, looks: list[formats.Look], width: int) -> ColumnConfig:
    words = {look.word: look.tint for look in looks}
    return st.column_config.MultiselectColumn(label, options=list(words), color=list(words.values()), width=width)


@lru_cache(maxsize=4096)
def avatar(name: str, platform: str) -> str:
    """Draw a tile with up to two initials in the platform's colour, as a data URI that nothing has to fetch."""
    tile = formats.PLATFORMS[platform][1] if platform in formats.PLATFORMS else formats.OTHER_TILE
    letters = initials(name)
    words = lettering.outlined(letters, 17, 20) or _typed(letters)
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">'
        f'<rect width="40" height="40" rx="9" fill="{tile}"/>{words}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()


def _typed(letters: str) -> str:
    font = 'fill="#fff" font-family="Source Sans, Helvetica, Arial, sans-serif" font-weight="600" font-size="15"'
    return f'<text x="20" y="25.5" text-anchor="middle" {font}>{html.escape(letters)}</text>'


def initials(name: str) -> str:
    """Give the first letters of the first and last word; "?" for a name without a letter or digit."""
    words = ["".join(sign for sign in word if unicodedata.category(sign)[0] in "LN") for word in name[:200].split()]
    first = [word[0] for word in words if word]
    return "".join(first[:1] + first[1:][-1:]).upper()[:3] or "?"


def runs(found: Sequence[Run], *, key: str) -> None:
    """Show sync runs, the latest first: what each read and why it ended as it did."""
    table = pa.table(
        {
            "source": pa.array([run.source for run in found], pa.string()),
            "began": pa.array([run.started_at for run in found], _INSTANT),
            "took": pa.array([run.seconds if run.finished_at else None for run in found], pa.float64()),
            "seen": pa.array([run.seen for run in found], pa.int64()),
            "changed": pa.array([run.created + run.updated + run.vanished for run in found], pa.int64()),
            "requests": pa.array([run.requests for run in found], pa.int64()),
            "state": pa.array([[_ended(run.state).word] for run in found], _WORDS),
            "why": pa.array([run.problem_message or "" for run in found], pa.string()),
        }
    )
    height = _RUN_ROW * min(len(found), _RUNS_SHOWN) + _HEAD
    alt = f"Table of the last {formats.plural(len(found), 'sync run')}"
    st.dataframe(
        table,
        hide_index=True,
        column_config=_run_columns(),
        row_height=_RUN_ROW,
        height=height,
        placeholder=formats.DASH,
        key=key,
        alt=alt,
    )


def _ended(state: str) -> formats.Look:
    return formats.RUN_STATES.get(state, formats.RUN_STATES["skipped"])


@cache
def _run_columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "source": config.TextColumn("Source", width=130),
        "began": config.DatetimeColumn("Began", format="distance", width=110),
        "took": config.NumberColumn("Took", format="%.1f s", width=70),
        "seen": config.NumberColumn("Accounts", width=80),
        "changed": config.NumberColumn("Changed", width=80),
        "requests": config.NumberColumn("Calls", width=64),
        "state": _badges("Result", list(formats.RUN_STATES.values()), 84),
        "why": config.TextColumn("Why", width=420),
    }
