"""Temporary tables in which a batch is compared with the cache, and how they are filled fast."""

import json
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy import Connection as Link
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from data.models import Connection
from data.types import UtcDateTime

_T = TypeVar("_T")
_Made = TypeVar("_Made")
Columns = dict[str, list[Any]]
"""Rows turned on their side, a list for each column: reading and binding 100,000 rows so costs a third less."""
CHUNK = 20_000
MOST_VALUES = 20_000
"""Values that one statement binds: SQLite takes 32,766."""
_connections = SQLModel.metadata.tables[Connection.__tablename__]

FIELDS = (
    *("kind", "platform", "vendor_id", "external_id", "handle", "name", "url", "status", "vendor_status", "verified"),
    *("health", "health_reason", "refusal", "followers", "engagement_rate", "category", "connected_at", "last_updated"),
    *("expires_at", "extra", "sort_name", "search_text", "handle_key", "platform_id"),
)
"""What a vendor's record says of a connection."""
KEPT_FIGURES = ("engagement_rate", "last_updated")
"""What stays as we knew it where a record says that its list does not tell it (`keep_…`)."""
_INSTANT = len("2026-01-31 12:00:00.000000")
UNREAD = 0
"""The fingerprint of a row that the next record must be compared with field by field, whatever it says."""

TEMPORARY = MetaData()
incoming = Table(
    "incoming",
    TEMPORARY,
    Column("id", String, primary_key=True),
    *(Column(name, _connections.c[name].type) for name in FIELDS),
    Column("fingerprint", BigInteger, nullable=False),
    *(Column(f"keep_{name}", Boolean, nullable=False) for name in KEPT_FIGURES),
    Column("negative", String),
    prefixes=["TEMPORARY"],
)
changed = Table("changed", TEMPORARY, Column("id", String, primary_key=True), prefixes=["TEMPORARY"])
seen = Table("seen", TEMPORARY, Column("id", String, primary_key=True), prefixes=["TEMPORARY"])


@dataclass(frozen=True)
class Observation:
    """Which run observes what source, and the instant for which it speaks."""

    run_id: int
    source_id: int
    at: datetime


def empty(link: Link, table: Table) -> None:
    """Make a temporary table of this connection, or empty it."""
    table.create(link, checkfirst=True)
    link.execute(delete(table))


def fill(link: Link, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Load rows into a temporary table, a chunk at a time; of rows with the same id the last one stays."""
    empty(link, table)
    names = table.c.keys()
    for chunk in chunks(rows):
        add(link, table, {name: [row[name] for row in chunk] for name in names})


def add(link: Link, table: Table, columns: Columns) -> None:
    """Load columns into a temporary table; of rows with the same id the last one stays."""
    written = made_native(link, table, {name: columns[name] for name in table.c.keys()})  # noqa: SIM118 (no mapping)
    if link.dialect.name == "sqlite":
        _write(link, f"INSERT OR REPLACE INTO {table.name}", written)
    else:
        link.execute(_or_replace(table), _rows(written))


def load(link: Link, table: Table, columns: Columns) -> None:
    """Insert new rows, given as columns of values that are native already."""
    told = {name: values for name, values in columns.items() if not _empty(values)}
    if link.dialect.name == "sqlite":
        _write(link, f"INSERT INTO {table.name}", told)
    else:
        link.execute(insert(table), _rows(told))


def _write(link: Link, into: str, columns: Columns) -> None:
    """Write many rows with each statement: beginning and ending one for each row costs a sixth more."""
    names, row = ",".join(columns), f"({','.join('?' * len(columns))})"
    values = chain.from_iterable(zip(*columns.values(), strict=True))
    at_once = MOST_VALUES // len(columns) * len(columns)
    while told := tuple(islice(values, at_once)):
        marks = ",".join([row] * (len(told) // len(columns)))
        link.exec_driver_sql(f"{into} ({names}) VALUES {marks}", told)


def _rows(columns: Columns) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _empty(values: list[Any]) -> bool:
    """Tell whether a column says nothing at all: binding a NULL costs the driver more than binding a text."""
    return values[0] is None and values.count(None) == len(values)


def chunks(rows: Iterable[_T]) -> Iterator[list[_T]]:
    """Cut rows into lists that fit into memory and into one statement."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def ahead(make: Callable[[_T], _Made], items: Iterable[_T]) -> Generator[_Made]:
    """Make something of each in a thread while the one before is in use: SQLite works without Python's lock."""
    with ThreadPoolExecutor(1) as pool:
        made: Future[_Made] | None = None
        for item in items:
            following = pool.submit(make, item)
            if made is not None:
                yield made.result()
            made = following
        if made is not None:
            yield made.result()


def among(link: Link, column: ColumnElement[Any], ids: list[Any]) -> ColumnElement[bool]:
    """Tell whether a column is one of these; SQLite takes them as one parameter, which is far sooner bound."""
    if link.dialect.name != "sqlite":
        return column.in_(ids)
    given = func.json_each(json.dumps(ids)).table_valued("value")
    return column.in_(select(given.c.value))


def made_native(link: Link, table: Table, columns: Columns) -> Columns:
    """Bring columns into the form the SQLite driver keeps: a third of what the statement's own types would cost."""
    if link.dialect.name != "sqlite":
        return columns
    made = Columns()
    written: dict[type, Callable[[list[Any]], list[Any]]] = {UtcDateTime: _instants, JSON: _documents}
    for name, values in columns.items():
        write = written.get(type(table.c[name].type))
        made[name] = values if write is None else write(values)
    return made


def _instants(values: list[datetime | None]) -> list[str | None]:
    if values.count(values[0]) == len(values):
        return [_written(values[0])] * len(values)
    return list(map(_written, values))


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(" ", "microseconds")[:_INSTANT]


def _documents(values: list[Any]) -> list[str | None]:
    return [None if value is None else json.dumps(value) for value in values]


def _or_replace(table: Table) -> Any:
    statement = postgresql.insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    if not rest:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(index_elements=["id"], set_=rest)
