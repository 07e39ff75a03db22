"""Exports of a past day: the connections that a question found then, as they were known at that instant."""

from array import array
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from data.queries import _undone, past
from data.queries._tables import connections
from data.queries.export import COLUMNS, Columns, in_order, shaped
from data.queries.filters import Filter
from data.queries.orders import Order
from data.staging import among
from data.store import Session


def numbers(session: Session, wanted: Filter, order: Order, at: datetime) -> "array[int]":
    """Give the numbers of all connections that matched at an instant, in order."""
    then = _undone.connections_at(at, _undone.needed(wanted, order))
    return in_order(session, past.matching(session, wanted, at, then), order, then)


def numbers_of(session: Session, ids: Sequence[str], order: Order, at: datetime) -> "array[int]":
    """Give the numbers of connections chosen by their ids, in the order of then; one not known then gives none."""
    then = _undone.connections_at(at, _undone.needed(Filter(), order))
    return in_order(session, [among(session.connection(), then.c.id, list(ids))], order, then)


def cells(session: Session, some: Sequence[int], at: datetime) -> Columns:
    """Give the cells of some connections as they were known at an instant, in the order of their numbers."""
    here = connections.c
    query = select(here.number, here.id).where(among(session.connection(), here.number, list(some)))
    by_number = {row[0]: row[1] for row in session.connection().execute(query)}
    found = past.known(session, [by_number[number] for number in some], at)
    told = (was._asdict() | {"growth": trend.change} for was, trend in found)
    return shaped(zip(*([each[name] for name in COLUMNS] for each in told), strict=True))
