"""What changed of a connection, kept for ever: one row a field, with before, after and the instant."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, cast, insert, literal, select
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data.models import Change, Connection
from data.staging import Observation
from data.types import UtcDateTime

EVENTS = (
    *("status", "vendor_status", "health", "handle", "name", "url", "category", "verified", "external_id", "platform"),
)
"""Whose changes are kept; figures are kept by day instead."""
_connections = SQLModel.metadata.tables[Connection.__tablename__]
_changes = SQLModel.metadata.tables[Change.__tablename__]


def keep(link: Link, observation: Observation, changes: Iterable[tuple[str, str, Any, Any]]) -> None:
    """Keep changes given as (connection, field, before, after)."""
    same = {"at": observation.at, "run_id": observation.run_id}
    rows = [
        {"connection_id": number, "field": field, "before": _text(before), "after": _text(after)} | same
        for number, field, before, after in changes
    ]
    if rows:
        link.execute(insert(_changes), rows)


def keep_where(
    link: Link,
    observation: Observation,
    field: str,
    *,
    before: ColumnElement[Any],
    after: str | ColumnElement[Any],
    where: ColumnElement[bool],
) -> int:
    """Keep one change for each connection of a condition, in one statement; those that say so already get none.

    Gives how many changes that were.
    """
    told, becomes = cast(before, String), literal(after) if isinstance(after, str) else after
    columns = (
        _connections.c.id,
        literal(observation.at, UtcDateTime()),
        literal(field),
        told,
        becomes,
        literal(observation.run_id),
    )
    query = select(*columns).where(where, told.is_distinct_from(becomes))
    names = ["connection_id", "at", "field", "before", "after", "run_id"]
    return link.execute(insert(_changes).from_select(names, query)).rowcount


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(int(value)) if isinstance(value, bool) else str(value)
