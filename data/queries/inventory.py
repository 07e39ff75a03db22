"""Networks: one page of connections with their trends, how many match, and how old that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from data.queries import _merged, _walk, cursors, filters, history, totals
from data.queries._merged import Voices
from data.queries._tables import connections, last_seen, sources
from data.queries._walk import Walk
from data.queries.filters import Filter, Listed
from data.queries.history import Trend
from data.queries.orders import Order, phases
from data.store import Session, now

COUNTED = 10_000
"""Beyond this many a filter that the kept totals can't count is "more than"."""
FEW, FEW_VANISHED = 5_000, 20_000
"""So many rows are collected and sorted; of more, the index of the order is walked until a page is full.

Vanished ones are all alike in health, at one end of that index: walking there would pass every other row.
"""
SIZES = (50, 100, 200)
CATEGORIES = 200

_FIELDS = (
    *("id", "kind", "platform", "vendor_id", "external_id", "handle", "name", "url", "status", "vendor_status"),
    *("verified", "health", "followers", "engagement_rate", "category", "connected_at", "last_updated", "vanished_at"),
)


class Row(NamedTuple):
    """A connection as a page shows it; None is not told."""

    id: str
    source: str
    kind: str
    platform: str
    handle: str | None
    name: str | None
    status: str
    vendor_status: str | None
    verified: bool | None
    health: str
    health_reason: str | None
    followers: int | None
    engagement_rate: float | None
    category: str | None
    connected_at: datetime | None
    vanished_at: datetime | None
    last_seen_at: datetime
    trend: Trend
    number: int = 0
    account: int | None = None
    suspect: str | None = None
    followers_since: datetime | None = None
    growth: float | None = None
    sources: tuple[str, ...] = ()
    """The sources that witness the same account, the first member's first; empty where none but its own does."""
    differs: tuple[str, ...] = ()
    """The fields in which those sources disagree."""
    figures: str | None = None
    """The other source that tells the followers, where the row's own does not."""


_TOLD = Row._fields[: Row._fields.index("trend")]
_FILLED = ("name", "verified", "engagement_rate", "category", "connected_at")
_BESIDE = ("number", "account", "suspect", "followers_since", "growth")


@dataclass(frozen=True)
class Page:
    """A stretch of a sorted list: its rows, how many match in all, and the places before and after it."""

    rows: tuple[Row, ...]
    total: int
    total_is_exact: bool
    first: int
    last: int
    next: str | None
    previous: str | None
    as_of: datetime | None
    believed: bool = True
    """False when the place asked for was no place of any list, so that the first page is shown."""


def page(
    session: Session,
    wanted: Filter,
    *,
    order: Order = Order.WORST_HEALTH,
    after: str | None = None,
    before: str | None = None,
    size: int = SIZES[0],
    accounts: bool = False,
) -> Page:
    """Give the rows after or before a place, or the first ones; a place of another list gives the first ones too.

    With `accounts`, the connections of one real account are one row: the first of those that match.
    """
    total, exact = count(session, wanted, accounts=accounts)
    if not total and not (wanted.kept or after or before):  # counted a moment ago: nothing to look for once more
        return Page((), 0, True, 0, 0, None, None, as_of(session))
    many = total > (FEW_VANISHED if wanted.listed is Listed.VANISHED else FEW) or not exact
    joined = accounts and _merged.any_joined(session)
    if joined and len(wanted.healths) == 1 and order is Order.BEST_HEALTH:
        order = Order.WORST_HEALTH  # one health has no best: that way the index leads to it
    found = matching(session, wanted, sort=order.value.partition("-")[0] if many else None, joined=joined)
    stages = phases(session, order, wanted=wanted)
    narrowing = _merged.first_of_each(session, wanted, order, stages) if joined else ()
    names = [stage.name for stage in stages if stage.name]
    walk = Walk(session, stages, found, cursors.mark(wanted, order.value, accounts, *names), narrowing)
    stretch, believed = _walk.stretch(walk, _query, after=after, before=before, size=size)
    trends = history.trends(session, [row.id for row in stretch.rows], today=now().date())
    rows = [_row(row, trends) for row in stretch.rows]
    rows = _witnessed(session, rows, wanted) if joined else rows
    last = stretch.before + len(rows)
    if exact and (last > total or (stretch.next and last >= total)):  # rows arrive before their source is counted anew
        total, exact = last, stretch.next is None
    first = stretch.before + 1 if rows else 0
    return Page(tuple(rows), total, exact, first, last, stretch.next, stretch.previous, as_of(session), believed)


def _witnessed(session: Session, rows: Sequence[Row], wanted: Filter) -> list[Row]:
    """Tell of each row that several sources witness which ones, where they disagree, and what its own does not tell."""
    voices = _merged.voices(session, [row.account for row in rows if row.account is not None])
    silent = [voices[row.account] for row in rows if row.account is not None and row.followers is None]
    others = [voice.figures.id for voice in silent if voice.figures is not None]
    trends = history.trends(session, others, today=now().date()) if others else {}
    return [row if row.account is None else _filled(row, voices[row.account], trends, wanted) for row in rows]


def _filled(row: Row, voices: Voices, trends: dict[str, Trend], wanted: Filter) -> Row:
    """Fill what a row's own source does not tell with what another one does; the worst health stands for all.

    Figures of one source stay together. An account has vanished when no source lists it any more, unless the list is
    of what vanished.
    """
    told = {name: voices.told(name) for name in _FILLED if getattr(row, name) is None}
    by = voices.figures if row.followers is None else None
    if by is not None:
        told |= {name: getattr(by, name) for name in ("followers", "growth", "suspect", "followers_since")}
        told |= {"trend": trends.get(by.id, Trend()), "figures": by.source}
    worst = min(voices.listed, key=lambda each: each.health, default=None)
    if worst is not None and worst.health < row.health and wanted.listed is not Listed.VANISHED:
        told |= {"health": worst.health, "health_reason": worst.health_reason, "vanished_at": None}
    return row._replace(sources=voices.sources, differs=voices.differs, **told)


def members(session: Session, accounts: Sequence[int]) -> dict[int, tuple[Row, ...]]:
    """Give every connection of each of these accounts, the first member first."""
    query = _query().where(connections.c.account.in_(accounts)).order_by(connections.c.account, connections.c.number)
    found = session.connection().execute(query).all()
    trends = history.trends(session, [row.id for row in found], today=now().date())
    rows = [_row(row, trends) for row in found]
    return {account: tuple(group) for account, group in groupby(rows, key=lambda row: row.account or row.number)}


def _row(found: Any, trends: dict[str, Trend]) -> Row:
    told, beside = found[: len(_TOLD)], found[len(_TOLD) : len(_TOLD) + len(_BESIDE)]
    return Row._make((*told, trends.get(found.id, Trend()), *beside, (), (), None))


def _query() -> Select[Any]:
    here = connections.c
    made = {"source": sources.c.name.label("source"), "last_seen_at": last_seen.label("last_seen_at")}
    shown = [made[name] if name in made else here[name] for name in (*_TOLD, *_BESIDE)]
    joined = connections.join(sources, sources.c.id == here.source_id)
    return select(*shown).select_from(joined)


def matching(
    session: Session, wanted: Filter, *, sort: str | None = None, joined: bool = False
) -> list[ColumnElement[bool]]:
    """Give all conditions; with `sort` many rows match, and comparing row by row finds a page sooner than an index.

    Where accounts are `joined`, the health asked for is the worst of each account, as its row shows it.
    """
    if joined and wanted.healths:
        rest = replace(wanted, healths=())
        if sort is not None:  # no connection is better off than its account: so that is where the order begins
            begin = [connections.c.health >= min(wanted.healths)] if sort == "health" else []
            return [*begin, *matching(session, rest, sort=sort), _merged.showing(wanted.healths)]
        beside = matching(session, rest, sort="account")
        return [_merged.shown(wanted.healths, matching(session, wanted), beside)]
    found = filters.conditions(session, wanted, sort=sort)
    if wanted.text:
        index = filters.indexed(session, wanted.text) if sort is None else None
        found.append(filters.contains(session, wanted.text) if index is None else index)
    return found


def count(session: Session, wanted: Filter, *, accounts: bool = False) -> tuple[int, bool]:
    """Count what matches: exactly, or (10,000, False) for more than ten thousand where counting would cost."""
    joined = accounts and _merged.any_joined(session)
    surely = filters.surely_matches(session, wanted.text) if wanted.text_alone else None
    if surely is not None and _merged.surely_more(session, surely, than=COUNTED, joined=joined):
        return COUNTED, False
    if joined and not wanted.kept:
        return _merged.counted(session, matching(session, wanted, joined=True), most=COUNTED)
    number, exact = _count(session, wanted)
    if not joined or not (number or wanted.healths):
        return number, exact
    return _merged.count(session, wanted, number, most=COUNTED, matching=matching(session, wanted, joined=True))


def _count(session: Session, wanted: Filter) -> tuple[int, bool]:
    if wanted.kept:
        return totals.connections(session, wanted), True
    index = filters.matches(session, wanted.text) if wanted.text_alone else None
    found = select(connections.c.number).where(*matching(session, wanted)) if index is None else index
    some = found.limit(COUNTED + 1).subquery()
    number = int(session.connection().execute(select(func.count()).select_from(some)).scalar_one())
    return (number, True) if number <= COUNTED else (COUNTED, False)


def as_of(session: Session) -> datetime | None:
    """Tell when a source last answered completely; None when none ever did."""
    found: datetime | None = session.connection().execute(select(func.max(sources.c.last_complete_at))).scalar_one()
    return found


def listing_sources(session: Session) -> int:
    """Count the sources whose connections are listed."""
    query = (
        select(func.count())
        .select_from(sources)
        .where(select(connections.c.number).where(connections.c.source_id == sources.c.id).exists())
    )
    return int(session.connection().execute(query).scalar_one())


@dataclass(frozen=True)
class Standing:
    """How much the cache holds in all, of how many sources, and when one last answered."""

    connections: int
    sources: int
    as_of: datetime | None


def standing(session: Session) -> Standing:
    """Tell how much there is, whatever the filter."""
    return Standing(totals.connections(session, Filter()), listing_sources(session), as_of(session))


def source_names(session: Session) -> list[str]:
    """Name every source that may have connections, removed ones last."""
    query = select(sources.c.name).order_by(sources.c.removed_at.is_not(None), sources.c.name)
    return list(session.connection().execute(query).scalars())


def categories(session: Session) -> list[str]:
    """Give the categories that occur, at most 200: one seek of an index for each."""
    here, found = connections.c.category, list[str]()
    link = session.connection()
    step = link.execute(select(func.min(here)).where(here.is_not(None))).scalar_one()  # the index holds no others
    while step is not None and len(found) < CATEGORIES:
        found.append(step)
        step = link.execute(select(func.min(here)).where(here > step)).scalar_one()
    return found


def listing(session: Session, wanted: Filter, limit: int | None = None) -> tuple[int, list[dict[str, Any]]]:
    """Give how many connections match, and the first of them with every field that a program may ask for."""
    here = connections.c
    columns = [here.id, sources.c.name.label("source"), sources.c.vendor, *(here[name] for name in _FIELDS[1:])]
    columns.insert(-1, last_seen.label("last_seen_at"))
    found = matching(session, wanted)
    joined = connections.join(sources, sources.c.id == here.source_id)
    query = select(*columns).select_from(joined).where(*found).order_by(here.health, here.number)
    rows = session.connection().execute(query if limit is None else query.limit(limit)).mappings()
    taken = [dict(row) for row in rows]
    if limit is None or len(taken) < limit:
        return len(taken), taken
    every = select(func.count()).select_from(connections).where(*found)
    return int(session.connection().execute(every).scalar_one()), taken
