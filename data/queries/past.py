"""The past: what was known of the connections at an instant.

Status, health and every other field whose changes are kept are exact to the instant; figures are those of the day. What
no change tells (the kind) is as it is today, and what only today tells (the end of an access) is missing.

A page of the past costs 1 or 2 ms more than one of today, and about 5 ms for each 1,000 later changes in the fields
that narrow and sort it (100 ms for 18,000 with a million connections). Sorting by a figure, counting what few match,
and the exact total of `listing` look at every row: 0.4 to 2 s with a million.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, func, select

from data.growth import DOUBTED
from data.queries import _undone, _walk, cursors, filters, history, totals
from data.queries._tables import runs
from data.queries._walk import Walk
from data.queries._was import Was, answered, reasons_kept, values
from data.queries.filters import Filter
from data.queries.history import Trend
from data.queries.inventory import COUNTED, SIZES, Page, Row
from data.queries.orders import Order, phases
from data.staging import among
from data.store import Session

__all__ = [
    "Was",
    "as_of",
    "connection",
    "count",
    "first",
    "held",
    "known",
    "listing",
    "matching",
    "page",
    "reasons_kept",
    "totals_at",
    "values",
]

_LISTED = Was._fields[: Was._fields.index("number")]
"""What `inventory.listing` gives of a connection."""


def first(session: Session) -> datetime | None:
    """Tell what instant the first sync observed: before it nothing was known; None when there was none."""
    query = select(runs.c.observed_at).order_by(runs.c.id).limit(1)
    found: datetime | None = session.connection().execute(query).scalar_one_or_none()
    return found


def as_of(session: Session, at: datetime) -> datetime | None:
    """Tell when a source had last answered completely at an instant."""
    return max(answered(session, at).values(), default=None)


def totals_at(session: Session, day: date) -> list[totals.Count]:
    """Count the listed connections by platform and status, as the kept totals of a day tell (three days near)."""
    return totals.by_platform_and_status(session, day=day)


def page(
    session: Session,
    wanted: Filter,
    *,
    at: datetime,
    order: Order = Order.WORST_HEALTH,
    after: str | None = None,
    before: str | None = None,
    size: int = SIZES[0],
) -> Page:
    """Give the rows of then after or before a place, or the first ones; a place of another list gives the first too.

    The trend of a row is that of the 30 days before.
    """
    total, exact = count(session, wanted, at)
    then = _undone.connections_at(at, _undone.needed(wanted, order))
    sort = None if exact else order.value.partition("-")[0]
    mark = cursors.mark(wanted, order.value, at.isoformat())
    stages = phases(session, order, then, wanted=wanted, at=at)
    walk = Walk(session, stages, matching(session, wanted, at, then, sort=sort), mark)
    stretch, believed = _walk.stretch(walk, lambda: select(then.c.id), after=after, before=before, size=size)
    rows = tuple(_rows(session, [row.id for row in stretch.rows], at))
    low, high = (stretch.before + 1, stretch.before + len(rows)) if rows else (0, 0)
    return Page(rows, total, exact, low, high, stretch.next, stretch.previous, as_of(session, at), believed)


def count(session: Session, wanted: Filter, at: datetime) -> tuple[int, bool]:
    """Count what matched at an instant: exactly, or (10,000, False) for more than ten thousand."""
    number = _number(session, wanted, at, COUNTED + 1)
    return (number, True) if number <= COUNTED else (COUNTED, False)


def listing(
    session: Session, wanted: Filter, at: datetime, limit: int | None = None
) -> tuple[int, list[dict[str, Any]]]:
    """Give how many connections matched at an instant, and the first of them, as `inventory.listing` does of today."""
    order = Order.WORST_HEALTH
    then = _undone.connections_at(at, _undone.needed(wanted, order))
    (phase,) = phases(session, order, then)
    query = select(then.c.id).where(*matching(session, wanted, at, then)).order_by(*phase.columns)
    ids = session.connection().execute(query if limit is None else query.limit(limit)).scalars().all()
    found = values(session, ids, at)
    rows = [dict(zip(_LISTED, found[identity], strict=False)) for identity in ids]
    return len(rows) if limit is None or len(rows) < limit else _number(session, wanted, at), rows


def _number(session: Session, wanted: Filter, at: datetime, most: int | None = None) -> int:
    then = _undone.connections_at(at, _undone.needed(wanted, Order.NEWEST))
    found = select(then.c.number).where(*matching(session, wanted, at, then)).limit(most).subquery()
    return int(session.connection().execute(select(func.count()).select_from(found)).scalar_one())


def held(session: Session, wanted: Filter, ids: Sequence[str], *, at: datetime) -> int:
    """Count those of the chosen connections that a list of then holds."""
    then = _undone.connections_at(at, _undone.needed(wanted, Order.NEWEST))
    chosen = among(session.connection(), then.c.id, list(ids))
    query = select(func.count()).select_from(then).where(chosen, *matching(session, wanted, at, then, sort="number"))
    return int(session.connection().execute(query).scalar_one())


def connection(session: Session, connection_id: str, at: datetime) -> Was | None:
    """Give one connection as it was known at an instant; None when it was not known yet."""
    return values(session, [connection_id], at).get(connection_id)


def known(session: Session, ids: Sequence[str], at: datetime) -> Iterator[tuple[Was, Trend]]:
    """Give each of these connections as it was known at an instant, with its trend of the 30 days before."""
    trends, found = history.trends(session, ids, today=at.date()), values(session, ids, at)
    for identity in ids:
        trend = trends.get(identity, Trend())
        doubted = found[identity].suspect in DOUBTED
        yield found[identity], replace(trend, change=None) if doubted else trend


def _rows(session: Session, ids: Sequence[str], at: datetime) -> Iterator[Row]:
    for was, trend in known(session, ids, at):
        told = was._asdict() | {"trend": trend, "growth": trend.change}
        yield Row(**{name: told[name] for name in Row._fields if name in told})


def matching(
    session: Session, wanted: Filter, at: datetime, then: CTE, *, sort: str | None = None
) -> list[ColumnElement[bool]]:
    """Give all conditions on the connections as they stood then."""
    found = filters.conditions(session, wanted, sort=sort, of=then)
    if wanted.text:
        found.append(_holds(session, wanted.text, at, then))
    return found


def _holds(session: Session, text: str, at: datetime, then: CTE) -> ColumnElement[bool]:
    """Find a text in the names and handles of then: today's serve where neither changed since."""
    link, index = session.connection(), filters.matches(session, text)
    today = filters.contains(session, text, then) if index is None else then.c.number.in_(index)
    renamed = link.execute(_undone.renamed(at)).all()
    if not renamed:
        return today
    matching = [row.number for row in renamed if text in _folded(row.name) or text in _folded(row.handle)]
    others = ~among(link, then.c.number, [row.number for row in renamed])
    return and_(others, today) | among(link, then.c.number, matching)


def _folded(text: str | None) -> str:
    return unicodedata.normalize("NFKC", text or "").casefold()
