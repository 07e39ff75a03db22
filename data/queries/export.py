"""Exports: the connections that a question finds, in its order, as plain values; a stretch at a time.

Their numbers are taken at once, eight bytes for each; what they hold is read a stretch at a time, each in a short read
of its own. So no reader stays open while a file is written, no row comes twice, and none is missed that matched all
the while.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select

from data.queries import inventory
from data.queries._tables import connections, last_seen, sources
from data.queries.chosen import of_accounts
from data.queries.filters import Filter
from data.queries.orders import Order, phases
from data.staging import among
from data.store import Session

STRETCH = 1_000
_FETCHED = 10_000
_TRUTH = {0: False, 1: True}


class Holds(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    TRUTH = "true or false"
    INSTANT = "instant"


COLUMNS: dict[str, Holds] = {
    **dict.fromkeys(("id", "source", "vendor", "kind", "platform", "vendor_id", "external_id", "handle"), Holds.TEXT),
    **dict.fromkeys(("name", "url", "status", "vendor_status"), Holds.TEXT),
    "verified": Holds.TRUTH,
    "health": Holds.TEXT,
    "followers": Holds.WHOLE,
    "engagement_rate": Holds.NUMBER,
    "category": Holds.TEXT,
    **dict.fromkeys(("connected_at", "last_updated", "last_seen_at", "vanished_at"), Holds.INSTANT),
    "growth": Holds.NUMBER,
    "suspect": Holds.TEXT,
}
"""What is exported of a connection: the fields of `inventory.listing`, then growth and what is suspect."""
Columns = list[Sequence[Any]]
"""The cells of some rows, a sequence for each column; None is not told, an instant is ISO 8601 text in UTC."""


def numbers(session: Session, wanted: Filter, order: Order, *, accounts: bool = False) -> "array[int]":
    """Give the numbers of all connections that match, in order; with `accounts`, the health asked for is theirs."""
    return in_order(session, inventory.matching(session, wanted, joined=accounts), order)


def numbers_of(session: Session, ids: Sequence[str], order: Order, *, accounts: bool = False) -> "array[int]":
    """Give the numbers of connections chosen by their ids, in order; with `accounts`, of all that witness the same.

    An id that nobody has gives none.
    """
    return in_order(session, [of_accounts(session, ids) if accounts else connections.c.id.in_(ids)], order)


def cells(session: Session, some: Sequence[int], wanted: Filter, *, accounts: bool = False) -> Columns:
    """Give the cells of some connections in the order of their numbers; those that no longer match are left out."""
    query = _query(session, some, inventory.matching(session, wanted, sort="number", joined=accounts))
    by_number = {row[-1]: row for rows in _driver_rows(session, query) for row in rows}
    found = list(zip(*(by_number[number] for number in some if number in by_number), strict=True))
    return shaped(found)


def shaped(found: Iterable[Sequence[Any]]) -> Columns:
    """Bring the cells of some rows, column by column, into the form they are exported in."""
    return [_SHAPES.get(holds, list)(column) for holds, column in zip(COLUMNS.values(), found, strict=False)]


def _query(session: Session, some: Sequence[int], still: list[ColumnElement[bool]]) -> Select[Any]:
    here = connections.c
    made = {"source": sources.c.name, "vendor": sources.c.vendor, "last_seen_at": last_seen}
    joined = connections.join(sources, sources.c.id == here.source_id)
    shown = (made[name] if name in made else here[name] for name in COLUMNS)
    return (
        select(*shown, here.number)
        .select_from(joined)
        .where(among(session.connection(), here.number, list(some)), *still)
    )


def in_order(
    session: Session, matching: list[ColumnElement[bool]], order: Order, of: FromClause = connections
) -> "array[int]":
    """Give the numbers of the rows that match, of today's connections or of those of then, in order."""
    found = array("q")
    for phase in phases(session, order, of):
        query = select(of.c.number).where(*matching, *phase.where)
        for rows in _driver_rows(session, query.order_by(*phase.sorting(backwards=False))):
            found.extend(map(itemgetter(0), rows))
    return found


def _driver_rows(session: Session, query: Select[Any]) -> Iterator[Sequence[Any]]:
    """Give rows as the driver has them: to make a row of ours of each costs more than to read it."""
    found = session.connection().execute(query)
    while rows := found.cursor.fetchmany(_FETCHED) if found.cursor is not None else []:
        yield rows


def _instants(column: Sequence[Any]) -> list[str | None]:
    written = {value: _iso(value) for value in set(column)}  # most are the same: the answers of a source
    return [written[value] for value in column]


def _iso(value: str | datetime | None) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return f"{text[:10]}T{text[11:].removesuffix('.000000')}+00:00"


def _truths(column: Sequence[Any]) -> list[bool | None]:
    return list(map(_TRUTH.get, column))


_SHAPES: dict[Holds, Callable[[Sequence[Any]], list[Any]]] = {Holds.INSTANT: _instants, Holds.TRUTH: _truths}
