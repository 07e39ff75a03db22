"""Fills a database with any number of invented connections, the same ones each time, and keeps it for later runs."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection as Link
from sqlalchemy import insert
from sqlmodel import SQLModel

from data import rollups
from data.models import SyncRun
from data.store import Store, now
from data.types import Role
from services import people
from services.access import SYSTEM
from services.desk import Desk, open_desk
from tests.benchmarks import invented
from tests.benchmarks.figures import Figure
from tests.benchmarks.invented import SOURCES, instant
from tests.benchmarks.processes import ROOT, environment

PERSON = "bench"
WITH_POINTS, DAYS, CHUNK = 10_000, 90, 50_000
TAKEN, MOST_SECONDS = "seconds", 120.0
RECENT = 10
"""Each tenth connection was first seen after the first sync."""
_TEXTS = (
    ("status", "CASE status WHEN 'pending' THEN 'accepted' ELSE 'pending' END", "0, 1, 2"),
    ("health", "CASE health WHEN 'healthy' THEN 'degraded' ELSE 'healthy' END", "3"),
    ("name", "'Old ' || name", "4"),
)
"""What changed, what it was before, and of which remainders by five."""


def populated(count: int) -> Path:
    """Give a folder with a database of `count` connections, made now or earlier today; those of other days go."""
    sources = [Path(__file__), Path(invented.__file__), *sorted((ROOT / "data/migrations/versions").glob("*.py"))]
    made_by = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    kept = Path(tempfile.gettempdir()) / f"patchbay-benchmarks-{os.getuid()}"
    today = now().date().isoformat()
    folder = kept / f"{count}-{today}-{made_by}"
    if not folder.exists():
        kept.mkdir(exist_ok=True)
        for older in [path for path in kept.iterdir() if today not in path.name]:
            shutil.rmtree(older)
        partial = Path(tempfile.mkdtemp(prefix=f"partial-{today}-", dir=kept))
        started = time.perf_counter()
        with opened(partial) as desk:
            fill(desk, count)
        (partial / TAKEN).write_text(f"{time.perf_counter() - started:.1f}", encoding="utf-8")
        partial.rename(folder)
    return folder


def figures(count: int) -> Iterator[Figure]:
    """Tell how long it took to make them, now or earlier today."""
    taken = float((populated(count) / TAKEN).read_text(encoding="utf-8"))
    yield Figure(f"making {count:,} connections", "s", taken, None, MOST_SECONDS, f"{DAYS} days of {WITH_POINTS:,}")


def settings(folder: Path, **more: str) -> dict[str, str]:
    """Give the environment in which a database is opened: real mode, refreshed only by hand unless told otherwise."""
    return environment(folder / "patchbay.db", **({"SANDBOX": "false", "SYNC_MINUTES": "0"} | more))


@contextlib.contextmanager
def opened(folder: Path, **more: str) -> Iterator[Desk]:
    """Open the database of a folder in this process."""
    before = dict(os.environ)
    os.environ.update(settings(folder, **more))
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
        _growth(link, today.date())
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
    """Write the sources and one good sync of each a day."""
    rows = [
        (number, name, vendor, instant(today - timedelta(days=DAYS)), instant(today))
        for number, (name, vendor) in enumerate(SOURCES, start=1)
    ]
    link.exec_driver_sql(
        "INSERT INTO sources (id, name, vendor, contract, base_url, options, origin, enabled, created_at,"
        " last_complete_at, failures) VALUES (?, ?, ?, 'current', 'http://127.0.0.1:9', '{}', 'added', 1, ?, ?, 0)",
        rows,
    )
    runs = []
    for back in range(DAYS, -1, -1):
        at = today - timedelta(days=back)
        same = {"trigger": "schedule", "state": "ok", "observed_at": at, "started_at": at, "finished_at": at}
        runs += [{"source_id": number} | same for number in range(1, len(SOURCES) + 1)]
    link.execute(insert(SQLModel.metadata.tables[SyncRun.__tablename__]), runs)


def _connections(link: Link, count: int, today: datetime) -> None:
    names = ", ".join(invented.COLUMNS)
    statement = f"INSERT INTO connections ({names}) VALUES ({', '.join('?' * len(invented.COLUMNS))})"
    began, first = today - timedelta(days=DAYS), count - count // RECENT
    step = timedelta(days=DAYS) / (count // RECENT)
    for start in range(1, count + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, count + 1))
        rows = [invented.connection(each, began + step * max(each - first, 0), today) for each in numbers]
        link.exec_driver_sql(statement, rows)


def _changes(link: Link, count: int, today: datetime) -> None:
    """Give each tenth connection of the first sync one change, and each hundredth its loss, spread over the days."""
    told = "INSERT INTO changes (connection_id, at, field, before, after) SELECT id, "
    at = "strftime('%Y-%m-%d %H:%M:%S.000000', ?, '-' || (number * 13 % 129000) || ' minutes')"
    first = count - count // RECENT
    for field, before, of in _TEXTS:
        link.exec_driver_sql(
            f"{told} {at}, '{field}', {before}, {field} FROM connections"
            f" WHERE number <= ? AND number % 10 = 0 AND vanished_at IS NULL AND number / 10 % 5 IN ({of})",
            (instant(today), first),
        )
    gone = "'vanished', 'listed', 'vanished' FROM connections WHERE vanished_at IS NOT NULL"
    link.exec_driver_sql(f"{told} vanished_at, {gone}")


def _points(link: Link, connections: int, today: date) -> None:
    """Give the first connections their followers of 90 days, here and there a day without any."""
    statement = (
        "INSERT INTO metric_points (connection_id, day, followers, engagement_rate)"
        " SELECT id, :day, CASE WHEN suspect = 'followers_frozen' THEN followers"
        " ELSE max(followers - followers * (number % 11 - 3) * :back / 2000, 0) END, engagement_rate"
        " FROM connections WHERE number <= :last AND followers IS NOT NULL"
        " AND (:back = 0 OR (:back + number) % 31 <> 7)"
    )
    for back in range(DAYS):
        day = (today - timedelta(days=back)).isoformat()
        link.exec_driver_sql(statement, {"day": day, "back": back, "last": connections})


def _growth(link: Link, today: date) -> None:
    """Keep the change of 30 days where a point is that old, as a sync does."""
    base = (
        "SELECT followers FROM metric_points WHERE connection_id = id AND day BETWEEN ? AND ? ORDER BY day DESC LIMIT 1"
    )
    since, until = ((today - timedelta(days=back)).isoformat() for back in (33, 30))
    link.exec_driver_sql(
        f"UPDATE connections SET growth = (followers - nullif(({base}), 0)) * 100.0 / nullif(({base}), 0)"
        " WHERE number <= ? AND vanished_at IS NULL",
        (since, until, since, until, WITH_POINTS),
    )


def _totals(store: Store, today: date) -> None:
    """Count every source once, and take nearly the same totals for the days before."""
    with store.bulk() as link:
        for number in range(1, len(SOURCES) + 1):
            rollups.refresh(link, number, today)
        names = "platform, kind, status, health, vanished, connections, with_followers"
        statement = (
            f"INSERT INTO totals (source_id, day, {names}, engaged_followers, engaged, followers, followers_once)"
            f" SELECT source_id, ?1, {names}, engaged_followers, engaged, followers * (1000 - ?2) / 1000,"
            " followers_once * (1000 - ?2) / 1000 FROM totals WHERE day = ?3"
        )
        for back in range(1, DAYS):
            link.exec_driver_sql(statement, ((today - timedelta(days=back)).isoformat(), back, today.isoformat()))
