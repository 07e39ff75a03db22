"""Fills a database with any number of invented connections, the same ones each time, and keeps it for later runs."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Link

from data import rollups
from data.store import Store, now
from data.types import Role
from services import people
from services.access import SYSTEM
from services.desk import Desk, open_desk
from tests.benchmarks.processes import ROOT, environment

PERSON = "bench"
WITH_POINTS, DAYS, CHUNK = 10_000, 90, 50_000
SOURCES = (
    ("zocial", "zocial"),
    ("late", "late"),
    ("highlevel", "highlevel"),
    ("gipper", "gipper"),
    ("second", "zocial"),
)
PLATFORMS = ("instagram", "facebook", "twitter", "youtube", "tiktok", "linkedin", "pinterest")
STATUSES = ("accepted", "accepted", "accepted", "accepted", "pending", "rejected", "suspended", "disconnected")
HEALTHS = ("healthy", "healthy", "healthy", "healthy", "unknown", "expiring", "degraded", "broken", "healthy")
KINDS = ("network", "network", "network", "network", "page", "wall", "channel")
CATEGORIES = ("retail", "travel", "food", "sport", "music", "games", "health", "news", None)
SYLLABLES = ("ka", "ro", "mi", "sun", "tel", "va", "nor", "pe", "lu", "dra", "fi", "os", "zen", "qui", "bay", "ham")
COLUMNS = (
    *("id", "source_id", "kind", "platform", "vendor_id", "external_id", "handle", "name", "url", "status"),
    *("vendor_status", "verified", "health", "followers", "engagement_rate", "category", "connected_at"),
    *("handle_key", "fingerprint", "sort_name", "search_text", "first_seen_at", "last_seen_at", "vanished_at"),
)


def populated(count: int) -> Path:
    """Give a folder with a database of `count` connections, made now or by an earlier run."""
    sources = [Path(__file__), *sorted((ROOT / "data/migrations/versions").glob("*.py"))]
    made_by = hashlib.sha256(b"".join(path.read_bytes() for path in sources) + str(date.today()).encode())  # noqa: DTZ011 (a folder's name)
    kept = Path(tempfile.gettempdir()) / f"patchbay-benchmarks-{os.getuid()}"
    folder = kept / f"{count}-{made_by.hexdigest()[:12]}"
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        with opened(partial) as desk:
            fill(desk, count)
        partial.rename(folder)
        for older in set(kept.glob(f"{count}-*")) - {folder}:
            shutil.rmtree(older)
    return folder


def settings(folder: Path) -> dict[str, str]:
    """Give the environment in which a populated database is opened: real mode, refreshed only by hand."""
    return environment(folder / "patchbay.db", SANDBOX="false", SYNC_MINUTES="0")


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    """Open the database of a folder in this process."""
    before = dict(os.environ)
    os.environ.update(settings(folder))
    try:
        desk = open_desk()
    finally:
        os.environ.clear()
        os.environ.update(before)
    try:
        yield desk
    finally:
        desk.store.close()


def fill(desk: Desk, count: int) -> None:
    """Write sources, a person, connections, their changes and points, the totals of 90 days and the search index."""
    people.add(desk, SYSTEM, PERSON, role=Role.ANALYST, password="an-obviously-fake-password", name="Bench")
    today = now()
    with desk.store.bulk() as link:
        _sources(link, today)
        with _unindexed(link):
            _connections(link, count, today)
            _changes(link, count, today)
            _points(link, min(count, WITH_POINTS), today.date())
        link.exec_driver_sql("INSERT INTO connections_search(connections_search) VALUES ('rebuild')")
    _totals(desk.store, today.date())


@contextlib.contextmanager
def _unindexed(link: Link) -> Iterator[None]:
    """Drop the indexes and triggers of the large tables while they are filled, and make them again as they were."""
    tables = "('connections', 'changes', 'metric_points')"
    query = f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN {tables} AND sql IS NOT NULL"
    found = [row for row in link.exec_driver_sql(query) if row[0] in {"index", "trigger"}]
    for kind, name, _ in found:
        link.exec_driver_sql(f"DROP {kind} {name}")
    yield
    for _, _, statement in found:
        link.exec_driver_sql(statement)


def _sources(link: Link, today: datetime) -> None:
    rows = [
        (number, name, vendor, _instant(today), _instant(today))
        for number, (name, vendor) in enumerate(SOURCES, start=1)
    ]
    link.exec_driver_sql(
        "INSERT INTO sources (id, name, vendor, contract, base_url, options, origin, enabled, created_at,"
        " last_complete_at, failures) VALUES (?, ?, ?, 'current', 'http://127.0.0.1:9', '{}', 'added', 1, ?, ?, 0)",
        rows,
    )


def _connections(link: Link, count: int, today: datetime) -> None:
    names = ", ".join(COLUMNS)
    statement = f"INSERT INTO connections ({names}) VALUES ({', '.join('?' * len(COLUMNS))})"
    first = datetime(2023, 1, 1, tzinfo=UTC)
    _in_chunks(link, statement, count, lambda number: _connection(number, first, _instant(today)))


def _connection(number: int, first: datetime, seen: str) -> tuple[Any, ...]:
    mixed = number * 2_654_435_761 % 2**32
    words = [SYLLABLES[mixed >> shift & 15] for shift in (0, 4, 8, 12, 16)]
    name = f"{words[0]}{words[1]} {words[2]}{words[3]}{words[4]}".title()
    handle = f"{words[2]}{words[0]}{words[4]}.{number}"
    source, status = 1 + mixed % 5, STATUSES[mixed // 5 % 8]
    kind = KINDS[mixed // 7 % 7] if SOURCES[source - 1][1] == "zocial" else "network"
    added = _instant(first + timedelta(seconds=mixed % 90_000_000))
    return (
        *(f"{source}-{kind[0]}-{number}", source, kind, PLATFORMS[mixed // 11 % 7], str(number), handle, handle, name),
        *(f"https://social.example/{handle}", status, status, number % 5 == 0, HEALTHS[mixed // 13 % 9]),
        *(None if number % 50 == 0 else mixed % 3_000_000, mixed % 900 / 100 if number % 3 else None),
        *(CATEGORIES[mixed // 17 % 9], added, handle, number, name.lower(), f"{name.lower()}\n{handle}", added, seen),
        seen if number % 100 == 0 else None,
    )


def _changes(link: Link, count: int, today: datetime) -> None:
    """Give each tenth connection a change of its status."""
    statement = (
        "INSERT INTO changes (connection_id, at, field, before, after) SELECT id, ?, 'status', 'pending', status"
        " FROM connections WHERE number % 10 = 0 AND number <= ?"
    )
    link.exec_driver_sql(statement, (_instant(today - timedelta(days=1)), count))


def _points(link: Link, connections: int, today: date) -> None:
    """Give the first connections their followers of 90 days."""
    statement = (
        "INSERT INTO metric_points (connection_id, day, followers, engagement_rate)"
        " SELECT id, ?, max(followers - ?, 0), engagement_rate FROM connections"
        " WHERE number <= ? AND followers IS NOT NULL"
    )
    for back in range(DAYS):
        link.exec_driver_sql(statement, ((today - timedelta(days=back)).isoformat(), back * 3, connections))


def _totals(store: Store, today: date) -> None:
    """Count every source once, and take the same totals for the days before."""
    with store.bulk() as link:
        for number in range(1, len(SOURCES) + 1):
            rollups.refresh(link, number, today)
        names = "platform, kind, status, health, vanished, connections, with_followers, followers, engaged_followers"
        statement = (
            f"INSERT INTO totals (source_id, day, {names}, engaged)"
            f" SELECT source_id, ?, {names}, engaged FROM totals WHERE day = ?"
        )
        for back in range(1, DAYS):
            link.exec_driver_sql(statement, ((today - timedelta(days=back)).isoformat(), today.isoformat()))


def _in_chunks(link: Link, statement: str, count: int, row: Callable[[int], tuple[Any, ...]]) -> None:
    for start in range(1, count + 1, CHUNK):
        link.exec_driver_sql(statement, [row(number) for number in range(start, min(start + CHUNK, count + 1))])


def _instant(value: datetime) -> str:
    """Write an instant as the cache keeps it."""
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")
