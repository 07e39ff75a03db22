"""Tables of connections and of sync runs: text cells are text, whatever a vendor put into them."""

import base64
import html
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial

import streamlit as st

from data.queries.inventory import Row
from data.queries.sources import Run
from pages.ui import formats, links, picks, suspects
from pages.ui.formats import Look
from pages.ui.picks import Line, Picks
from pages.ui.table import cells
from pages.ui.table.cells import Cell, Chip, Column
from pages.ui.table.draw import Parts, Sheet, Ticks, draw

TABLE = "networks_table"
"""The key of the table of connections."""
_AGAINST = "Followers now against 30 days ago"
_MOST, _ENGAGED = ("Most followers", "Fewest followers"), ("Most engaged", "Least engaged")
_SEEN = ("Seen most recently", "Seen longest ago")
_Read = Callable[[Line], Cell]
_RUN_ROW, _RUNS_SHOWN = 34, 10
_AGREED = "Who witnesses the account; unfold it to see what each says"
_NOTED = "A figure that is perhaps no real change, or what the sources of the account disagree in: unfold it"


def connections(lines: Sequence[Line], found: Picks, *, order: str, ordered: Callable[[str], None], then: bool) -> None:
    """Show a page of rows: what each is, how it stands and how it went; each can be ticked, and leads to its account.

    `order` is the word of the order they have, and `ordered` gets that of another one. `then`: the rows are of a past
    day, so that their change is that of the 30 days before it.
    """
    ticked = found.draw(lines)
    draw(
        _drawn(_Once(lines), then=then, day=st.query_params.get("asof")),
        key=TABLE,
        label=f"Table of {formats.plural(len(lines), 'row')} with status, health, followers and trend",
        ticks=Ticks(found.turn, ticked, partial(picks.ticking, found)),
        order=order,
        ordered=ordered,
        named=1,
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
def _drawn(once: _Once, *, then: bool, day: str | None) -> Sheet:
    """Keep the tables of the last answers: a rerun mostly shows the same rows."""
    noted = any(line.row.suspect or line.row.differs for line in once.lines)
    shown = [(column, read) for column, read in _columns(then=then) if noted or column.name != "note"]
    asof = {"asof": day} if day else {}
    return Sheet.of(
        shown,
        once.lines,
        ids=[line.row.id for line in once.lines],
        links=[links.Way(links.ACCOUNT, {"id": line.row.id} | asof).address for line in once.lines],
    )


@cache
def _columns(*, then: bool) -> Parts[Line]:
    """Give the columns in their order, and what each tells of a row; that for exceptions is left out without one."""

    def of(read: Callable[[Row], Cell]) -> _Read:
        return lambda line: read(line.row)

    def text(read: Callable[[Row], str | None]) -> _Read:
        return lambda line: cells.text(read(line.row))

    return [
        (Column("avatar", "", "tile", 44), of(lambda row: tile(row.name or row.handle or "", row.platform))),
        (
            Column("name", "Account", "link", 180, orders=("Name, A to Z", "Name, Z to A")),
            lambda line: cells.text(_name(line)),
        ),
        (
            Column("handle", "Handle", "text", 130, later=True, orders=("Handle",)),
            text(lambda row: _handle(row.handle)),
        ),
        (
            Column("platform", "Platform", "text", 86, later=True, orders=("Platform",)),
            text(lambda row: formats.platform(row.platform)),
        ),
        (
            Column("status", "Status", "chips", 122, orders=("Status",)),
            of(lambda row: [cells.chip(formats.status(row.status))]),
        ),
        (
            Column("health", "Health", "chips", 96, orders=("Worst health first", "Best health first")),
            of(lambda row: [cells.chip(_health(row))]),
        ),
        (
            Column("followers", "Followers", "number", 92, format="compact", orders=_MOST, falls=True),
            of(lambda row: cells.figure(row.followers)),
        ),
        (Column("trend", "30 days", "line", 96), of(_known)),
        (
            Column("change", "Change", "number", 84, _AGAINST, "change", orders=("Grew most", "Fell most"), falls=True),
            of(lambda row: cells.figure(row.trend.change if then else row.growth)),
        ),
        (Column("note", "Note", "chips", 160, _NOTED), of(lambda row: cells.chips(_notes(row).items()))),
        (
            Column("engagement_rate", "Engaged", "number", 88, format="rate", orders=_ENGAGED, falls=True),
            of(lambda row: cells.figure(row.engagement_rate)),
        ),
        (
            Column("figures", "Told by", "text", 96, "The source that tells the followers and their change"),
            text(lambda row: row.figures or (None if row.followers is None else row.source)),
        ),
        (
            Column("source", "Sources", "text", 136, _AGREED, orders=("Source",)),
            text(lambda row: ", ".join(row.sources) or row.source),
        ),
        (Column("category", "Category", "text", 116, orders=("Category",)), text(lambda row: row.category)),
        (Column("kind", "Kind", "text", 86, orders=("Kind",)), text(lambda row: row.kind.capitalize())),
        (Column("verified", "Verified", "text", 84, orders=("Verified",)), text(lambda row: _verified(row.verified))),
        (
            Column("connected_at", "Connected", "ago", 104, orders=("Newest", "Oldest"), falls=True),
            of(lambda row: cells.instant(row.connected_at)),
        ),
        (
            Column("last_seen_at", "As of", "ago", 100, "When its source last told us of it", orders=_SEEN, falls=True),
            of(lambda row: cells.instant(row.last_seen_at)),
        ),
    ]


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


def _health(row: Row) -> Look:
    return formats.HEALTHS["vanished"] if row.vanished_at is not None else formats.health(row.health)


def _known(row: Row) -> list[int | None] | None:
    """Give the days, a gap where nothing is known; one point is no line."""
    told = list(row.trend.followers)
    return told if sum(number is not None for number in told) > 1 else None


def _verified(told: bool | None) -> str | None:  # noqa: FBT001 (the vendor's own word)
    return None if told is None else "Verified" if told else "No"


def tile(name: str, platform: str) -> Chip:
    """Give the letters of a name and the colour of its platform."""
    return initials(name), formats.PLATFORMS[platform][1] if platform in formats.PLATFORMS else formats.OTHER_TILE


@lru_cache(maxsize=4096)
def avatar(name: str, platform: str) -> str:
    """Draw a tile with up to two initials in the platform's colour, as a data URI that nothing has to fetch."""
    letters, colour = tile(name, platform)
    font = 'fill="#fff" font-family="Source Sans, Helvetica, Arial, sans-serif" font-weight="600" font-size="15"'
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">'
        f'<rect width="40" height="40" rx="9" fill="{colour}"/>'
        f'<text x="20" y="25.5" text-anchor="middle" {font}>{html.escape(letters)}</text></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()


def initials(name: str) -> str:
    """Give the first letters of the first and last word; "?" for a name without a letter or digit."""
    words = ["".join(sign for sign in word if unicodedata.category(sign)[0] in "LN") for word in name[:200].split()]
    first = [word[0] for word in words if word]
    return "".join(first[:1] + first[1:][-1:]).upper()[:3] or "?"


def runs(found: Sequence[Run], *, key: str) -> None:
    """Show sync runs, the latest first: what each read and why it ended as it did."""
    label = f"Table of the last {formats.plural(len(found), 'sync run')}"
    sheet = Sheet.of(_RUNS, found, [str(place) for place in range(len(found))])
    draw(sheet, key=key, label=label, row=_RUN_ROW, most=_RUNS_SHOWN)


def _ended(state: str) -> Look:
    return formats.RUN_STATES.get(state, formats.RUN_STATES["skipped"])


_RUNS: Parts[Run] = [
    (Column("source", "Source", "text", 130), lambda run: cells.text(run.source)),
    (Column("began", "Began", "ago", 96), lambda run: cells.instant(run.started_at)),
    (Column("took", "Took", "number", 76, format="seconds"), lambda run: run.seconds if run.finished_at else None),
    (Column("seen", "Accounts", "number", 84), lambda run: run.seen),
    (Column("changed", "Changed", "number", 84), lambda run: run.created + run.updated + run.vanished),
    (Column("requests", "Calls", "number", 70), lambda run: run.requests),
    (Column("state", "Result", "chips", 88), lambda run: [cells.chip(_ended(run.state))]),
    (Column("why", "Why", "text", 420), lambda run: cells.text(run.problem_message)),
]
