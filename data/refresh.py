"""How what a vendor listed becomes the cache: set-based statements, one transaction a batch.

Each record has a fingerprint of all it says (figures and status included). One that equals the stored fingerprint says
nothing new and is not written; any other is compared field by field in a temporary table, so that only real differences
are written and each becomes a change row.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    MetaData,
    String,
    Table,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy import Connection as Link
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from data.models import Change, MetricPoint
from data.types import UtcDateTime

_T = TypeVar("_T")
CHUNK = 20_000
UNREAD = 0
"""The fingerprint of a row that the next record must be compared with field by field, whatever it says."""
_connections: Table = SQLModel.metadata.tables["connections"]
_changes: Table = SQLModel.metadata.tables[Change.__tablename__]
_points: Table = SQLModel.metadata.tables[MetricPoint.__tablename__]

FIELDS = (
    *("kind", "platform", "vendor_id", "external_id", "handle", "name", "url", "status", "vendor_status", "verified"),
    *("health", "health_reason", "followers", "engagement_rate", "category", "connected_at", "last_updated"),
    *("expires_at", "extra", "sort_name", "search_text"),
)
"""What a vendor's record says of a connection."""
INSTANTS = ("connected_at", "last_updated", "expires_at")
"""Its instants, aware and in UTC."""
_INSTANT = len("2026-01-31 12:00:00.000000")
KEPT_FIGURES = ("engagement_rate", "last_updated")
KEPT_HEALTH = ("health", "health_reason", "expires_at")
EVENTS = ("status", "vendor_status", "health", "handle", "name", "url", "category", "verified", "external_id")
"""Whose changes are kept for ever; figures are kept by day instead."""

_temporary = MetaData()
_incoming = Table(
    "incoming",
    _temporary,
    Column("id", String, primary_key=True),
    *(Column(name, _connections.c[name].type) for name in FIELDS),
    Column("fingerprint", BigInteger, nullable=False),
    *(Column(f"keep_{name}", Boolean, nullable=False) for name in KEPT_FIGURES),
    Column("keep_health", Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)
_changed = Table("changed", _temporary, Column("id", String, primary_key=True), prefixes=["TEMPORARY"])
_seen = Table("seen", _temporary, Column("id", String, primary_key=True), prefixes=["TEMPORARY"])


class Record(NamedTuple):
    """One record of a list: the id it gets here, a fingerprint of all it says, and how to make its row when needed."""

    id: str
    fingerprint: int
    row: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Observation:
    """Which run observes what source, and the instant for which it speaks."""

    run_id: int
    source_id: int
    at: datetime


@dataclass(frozen=True)
class Counts:
    """What a batch did to the cache, in connections."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def apply(link: Link, observation: Observation, records: Iterable[Record]) -> Counts:
    """Take a batch of records over into connections, changes and metric points, a chunk at a time."""
    total = Counts()
    for chunk in _chunks(records):
        total += _apply_chunk(link, observation, {record.id: record for record in chunk})
    return total


def _apply_chunk(link: Link, observation: Observation, records: dict[str, Record]) -> Counts:
    known = _known(link, observation, list(records))
    fresh = [record for record in records.values() if record.id not in known]
    moved = [record for record in records.values() if record.id in known and known[record.id][0] != record.fingerprint]
    if fresh:
        _insert_new(link, observation, fresh)
    updated = _update_moved(link, observation, moved) if moved else 0
    changed = {record.id for record in moved}
    without_point = [number for number, (_, has_point) in known.items() if number in changed or not has_point]
    _record_points(link, observation, [record.id for record in fresh] + without_point)
    return Counts(len(fresh), updated, len(records) - len(fresh) - updated)


def _known(link: Link, observation: Observation, ids: list[str]) -> dict[str, tuple[int, bool]]:
    """Give fingerprint, and whether the day has a point already, of the connections that are known."""
    here = and_(_points.c.connection_id == _connections.c.id, _points.c.day == observation.at.date())
    query = (
        select(_connections.c.id, _connections.c.fingerprint, _points.c.day.is_not(None))
        .join(_points, here, isouter=True)
        .where(_among(link, ids))
    )
    return {row[0]: (row[1], bool(row[2])) for row in link.execute(query)}


def _among(link: Link, ids: list[str]) -> ColumnElement[bool]:
    """Tell whether a connection is one of these; SQLite takes them as one parameter, which is far sooner bound."""
    if link.dialect.name != "sqlite":
        return _connections.c.id.in_(ids)
    given = func.json_each(json.dumps(ids)).table_valued("value")
    return _connections.c.id.in_(select(given.c.value))


def _insert_new(link: Link, observation: Observation, fresh: list[Record]) -> None:
    """Insert through the temporary table: one statement, so that the search index is flushed once and not per row."""
    _fill(link, _incoming, map(_said, fresh))
    at = literal(observation.at, UtcDateTime())
    same = {
        "source_id": literal(observation.source_id),
        "health_since": at,
        "first_seen_at": at,
        "last_seen_at": at,
    }
    names = ["id", *FIELDS, "fingerprint"]
    query = select(*(_incoming.c[name] for name in names), *same.values())
    link.execute(insert(_connections).from_select([*names, *same], query))


def _said(record: Record) -> dict[str, Any]:
    """Give a record's row with its fingerprint."""
    row = record.row()
    row["fingerprint"] = record.fingerprint
    return row


def _update_moved(link: Link, observation: Observation, moved: list[Record]) -> int:
    """Compare what moved field by field; gives how many differ in a field that is kept."""
    _fill(link, _incoming, map(_said, moved))
    _empty(link, _changed)
    link.execute(insert(_changed).from_select(["id"], _differing()))
    updated: int = link.execute(select(func.count()).select_from(_changed)).scalar_one()
    _record_changes(link, observation)
    _update_changed(link, observation)
    return updated


def still_listed(link: Link, source_id: int) -> int:
    """Count the connections of a source that have not vanished."""
    here = and_(_connections.c.source_id == source_id, _connections.c.vanished_at.is_(None))
    count: int = link.execute(select(func.count()).select_from(_connections).where(here)).scalar_one()
    return count


def remember_seen(link: Link, ids: Iterable[str]) -> None:
    """Load the ids that a run has seen, for `lost` and `mark_vanished`."""
    _fill(link, _seen, ({"id": value} for value in ids))


def lost(link: Link, source_id: int) -> dict[str, tuple[int, int]]:
    """Count per kind how many connections the list no longer holds, and how many were there before."""
    gone = case((_connections.c.id.not_in(select(_seen.c.id)), 1), else_=0)
    query = (
        select(_connections.c.kind, func.sum(gone), func.count())
        .where(_connections.c.source_id == source_id, _connections.c.vanished_at.is_(None))
        .group_by(_connections.c.kind)
    )
    return {kind: (int(missing), int(known)) for kind, missing, known in link.execute(query)}


def mark_vanished(link: Link, observation: Observation, kinds: list[str], last_seen: datetime | None) -> int:
    """Mark the connections of these kinds that the complete list no longer holds; nothing is deleted."""
    gone = and_(
        _connections.c.source_id == observation.source_id,
        _connections.c.vanished_at.is_(None),
        _connections.c.kind.in_(kinds),
        _connections.c.id.not_in(select(_seen.c.id)),
    )
    _record(link, observation, "vanished", before=literal("listed"), after=literal("vanished"), where=gone)
    _record(link, observation, "health", before=_connections.c.health, after=literal("unknown"), where=gone)
    values: dict[str, Any] = {
        "fingerprint": UNREAD,
        "vanished_at": observation.at,
        "health": "unknown",
        "health_reason": "No longer listed by the vendor.",
        "health_since": observation.at,
    }
    if last_seen is not None:
        later = case((_connections.c.last_seen_at > last_seen, _connections.c.last_seen_at), else_=last_seen)
        values["last_seen_at"] = later
    return link.execute(update(_connections).where(gone).values(values)).rowcount


def worsen(link: Link, observation: Observation, health: str, reason: str, *, of: list[str]) -> int:
    """Give the connections of a failing source a worse health; only those whose health is one of `of`."""
    hit = and_(
        _connections.c.source_id == observation.source_id,
        _connections.c.vanished_at.is_(None),
        _connections.c.health.in_(of),
    )
    _record(link, observation, "health", before=_connections.c.health, after=literal(health), where=hit)
    values = {"health": health, "health_reason": reason, "health_since": observation.at, "fingerprint": UNREAD}
    return link.execute(update(_connections).where(hit).values(values)).rowcount


def apply_details(link: Link, observation: Observation, connection_id: str, values: dict[str, Any]) -> None:
    """Take over what a vendor said of one connection outside its list (engagement, verified, last updated)."""
    here = _connections.c.id == connection_id
    for name in EVENTS:
        if name in values:
            differs = and_(here, _connections.c[name].is_distinct_from(values[name]))
            _record(
                link,
                observation,
                name,
                before=_connections.c[name],
                after=literal(_told(values[name]), String),
                where=differs,
            )
    link.execute(update(_connections).where(here).values(values | {"details_at": observation.at}))
    _upsert_points(link, select(*_point_columns(observation)).where(here, _has_figures()))


def _told(value: Any) -> str | None:
    return None if value is None else ("1" if value is True else "0" if value is False else str(value))


def _empty(link: Link, table: Table) -> None:
    table.create(link, checkfirst=True)
    link.execute(delete(table))


def _fill(link: Link, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Load rows into a temporary table, a chunk at a time; of rows with the same id the last one stays."""
    _empty(link, table)
    names = table.c.keys()
    take = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    for chunk in _chunks(rows):
        if link.dialect.name != "sqlite":
            link.execute(_or_replace(table), chunk)
            continue
        for row in chunk:
            _make_native(row)
        marks = ",".join("?" * len(names))
        link.exec_driver_sql(f"INSERT OR REPLACE INTO {table.name} VALUES ({marks})", [take(row) for row in chunk])  # noqa: S608 (our own table)


def _make_native(row: dict[str, Any]) -> None:
    """Bring a row into the form the SQLite driver keeps: a third of the cost of leaving it to the statement's types."""
    for name in INSTANTS:
        value = row.get(name)
        if value is not None:
            row[name] = value.isoformat(" ", "microseconds")[:_INSTANT]
    if row.get("extra") is not None:
        row["extra"] = json.dumps(row["extra"])


def _or_replace(table: Table) -> Any:
    statement = postgresql.insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    if not rest:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(index_elements=["id"], set_=rest)


def _chunks(rows: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _effective(name: str) -> ColumnElement[Any]:
    """What a field becomes: what the record says, or what we knew where the list does not tell it."""
    if name in KEPT_FIGURES:
        return case((_incoming.c[f"keep_{name}"], _connections.c[name]), else_=_incoming.c[name])
    if name in KEPT_HEALTH:
        return case((_incoming.c.keep_health, _connections.c[name]), else_=_incoming.c[name])
    return _incoming.c[name]


def _compared(name: str) -> ColumnElement[bool]:
    """Tell whether a field differs; JSON is compared as the text it is kept as."""
    if isinstance(_connections.c[name].type, JSON):
        return cast(_connections.c[name], String).is_distinct_from(cast(_incoming.c[name], String))
    return _connections.c[name].is_distinct_from(_effective(name))


def _differing() -> Any:
    different = or_(_connections.c.vanished_at.is_not(None), *(_compared(name) for name in FIELDS))
    return select(_incoming.c.id).join(_connections, _connections.c.id == _incoming.c.id).where(different)


def _record_changes(link: Link, observation: Observation) -> None:
    for name in EVENTS:
        after = _effective(name)
        source = (
            select(*_change_columns(observation, name, _connections.c[name], after))
            .join(_changed, _changed.c.id == _connections.c.id)
            .join(_incoming, _incoming.c.id == _connections.c.id)
            .where(_connections.c[name].is_distinct_from(after))
        )
        _insert_changes(link, source)
    back = and_(_connections.c.vanished_at.is_not(None), _connections.c.id.in_(select(_changed.c.id)))
    _record(link, observation, "vanished", before=literal("vanished"), after=literal("listed"), where=back)


def _record(
    link: Link,
    observation: Observation,
    name: str,
    *,
    before: ColumnElement[Any],
    after: ColumnElement[Any],
    where: ColumnElement[bool],
) -> None:
    """Write one change row for each connection of a condition."""
    _insert_changes(
        link, select(*_change_columns(observation, name, before, after)).where(where, before.is_distinct_from(after))
    )


def _change_columns(
    observation: Observation, name: str, before: ColumnElement[Any], after: ColumnElement[Any]
) -> tuple[ColumnElement[Any], ...]:
    return (
        _connections.c.id,
        literal(observation.at, UtcDateTime()),
        literal(name),
        cast(before, String),
        cast(after, String),
        literal(observation.run_id),
    )


def _insert_changes(link: Link, source: Any) -> None:
    names = ["connection_id", "at", "field", "before", "after", "run_id"]
    link.execute(insert(_changes).from_select(names, source))


def _update_changed(link: Link, observation: Observation) -> None:
    values: dict[str, Any] = {name: _effective(name) for name in FIELDS}
    moved = _connections.c.health.is_distinct_from(_effective("health"))
    at = literal(observation.at, UtcDateTime())
    values["fingerprint"] = _incoming.c.fingerprint
    values["health_since"] = case((moved, at), else_=_connections.c.health_since)
    values["vanished_at"] = null()
    values["last_seen_at"] = at
    link.execute(update(_connections).where(_connections.c.id == _incoming.c.id).values(values))


def _has_figures() -> ColumnElement[bool]:
    return or_(_connections.c.followers.is_not(None), _connections.c.engagement_rate.is_not(None))


def _point_columns(observation: Observation) -> tuple[ColumnElement[Any], ...]:
    day = literal(observation.at.date(), _points.c.day.type)
    return (_connections.c.id, day, _connections.c.followers, _connections.c.engagement_rate)


def _record_points(link: Link, observation: Observation, ids: list[str]) -> None:
    """Keep one point per connection and day; a second sync of the day writes only what differs."""
    if ids:
        _upsert_points(link, select(*_point_columns(observation)).where(_among(link, ids), _has_figures()))


def _upsert_points(link: Link, query: Any) -> None:
    dialect = sqlite if link.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_points).from_select(["connection_id", "day", "followers", "engagement_rate"], query)
    followers, rate = statement.excluded.followers, statement.excluded.engagement_rate
    differs = or_(_points.c.followers.is_distinct_from(followers), _points.c.engagement_rate.is_distinct_from(rate))
    link.execute(
        statement.on_conflict_do_update(
            index_elements=["connection_id", "day"],
            set_={"followers": followers, "engagement_rate": rate},
            where=differs,
        )
    )
