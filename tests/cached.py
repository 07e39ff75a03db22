"""Reads whole tables of the cache, as plain values that two moments can be compared by."""

from typing import Any

from sqlmodel import SQLModel, col, select

from data.models import (
    Case,
    CaseEvent,
    Change,
    Connection,
    Drift,
    Incident,
    MetricPoint,
    Notice,
    Source,
    SyncRun,
    Total,
)
from data.store import Store

Row = dict[str, Any]
Points = dict[tuple[str, str], tuple[int | None, float | None]]
HEALTH = frozenset({"health", "health_reason", "health_since", "fingerprint"})


def _all(store: Store, model: type[SQLModel]) -> list[Row]:
    with store.reading() as session:
        return [dict(row) for row in session.connection().execute(select(model)).mappings()]


def connections(store: Store, *, without: frozenset[str] = frozenset()) -> dict[str, Row]:
    """Give every connection by id, without some columns."""
    return {
        row["id"]: {name: value for name, value in row.items() if name not in without}
        for row in _all(store, Connection)
    }


def of_vendor(store: Store, vendor: str) -> dict[str, Row]:
    """Give the connections of one vendor's source."""
    number = source(store, vendor)["id"]
    return {key: row for key, row in connections(store).items() if row["source_id"] == number}


def changes(store: Store) -> list[Row]:
    """Give every change row, oldest first."""
    return sorted(_all(store, Change), key=lambda row: row["id"])


def points(store: Store) -> Points:
    """Give followers and engagement by connection and day."""
    return {
        (row["connection_id"], row["day"].isoformat()): (row["followers"], row["engagement_rate"])
        for row in _all(store, MetricPoint)
    }


def source(store: Store, name: str) -> Row:
    """Give the row of a source."""
    return next(row for row in _all(store, Source) if row["name"] == name)


def source_row(store: Store, name: str) -> Source:
    """Give a source as services take it."""
    with store.reading() as session:
        return session.exec(select(Source).where(col(Source.name) == name)).one()


def opened_cases(store: Store) -> list[tuple[Row, list[Row]]]:
    """Give every case with its steps, oldest first, without the numbers that they got."""
    told: dict[int, list[Row]] = {}
    for row in sorted(_all(store, CaseEvent), key=lambda row: row["id"]):
        told.setdefault(row.pop("case_id"), []).append(row)
        del row["id"]
    return [(row, told[row.pop("id")]) for row in sorted(_all(store, Case), key=lambda row: row["id"])]


def runs(store: Store) -> list[Row]:
    """Give every sync run, oldest first."""
    return sorted(_all(store, SyncRun), key=lambda row: row["id"])


def totals(store: Store) -> list[Row]:
    """Give every kept total."""
    return _all(store, Total)


def drift(store: Store) -> list[Row]:
    """Give where vendors left their contract."""
    return _all(store, Drift)


def incidents(store: Store) -> list[Row]:
    """Give every incident."""
    return _all(store, Incident)


def notices(store: Store) -> list[Row]:
    """Give every message that tells of an incident."""
    return _all(store, Notice)


def written(before: dict[str, Row], after: dict[str, Row]) -> list[str]:
    """Name the connections whose row differs between two moments."""
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
