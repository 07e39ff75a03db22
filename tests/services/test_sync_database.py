"""A cache that can't be written: a clear error, no half-written batch, and the pages still read."""

import threading

import pytest
from sqlalchemy import Connection, event

from data.errors import DatabaseProblem
from services.desk import Desk
from services.reports import Problem, Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.conftest import NOON


def test_a_disk_that_is_full_ends_the_sync_without_half_a_batch(empty: Desk) -> None:
    with empty.store.bulk() as link:
        pages = link.exec_driver_sql("PRAGMA page_count").scalar_one()

    def narrow(link: Connection) -> None:
        link.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")

    event.listen(empty.store.writer, "begin", narrow)
    with pytest.raises(DatabaseProblem) as caught:
        sync(empty, ["zocial"], Wish(at=NOON))
    event.remove(empty.store.writer, "begin", narrow)

    assert caught.value.kind == "disk_full"
    assert cached.connections(empty.store) == {}
    assert cached.points(empty.store) == {}
    assert empty.store.damage() is None


def test_once_there_is_space_again_the_next_sync_is_whole(empty: Desk) -> None:
    def refuse(link: Connection) -> None:
        link.exec_driver_sql("PRAGMA query_only=on")

    event.listen(empty.store.writer, "begin", refuse)
    with pytest.raises(DatabaseProblem) as caught:
        sync(empty, None, Wish(at=NOON))
    event.remove(empty.store.writer, "begin", refuse)
    empty.store.close()

    assert caught.value.kind == "read_only"
    reports = sync(empty, None, Wish(at=NOON))
    assert {report.state for report in reports} == {"ok", "skipped"}
    assert len(cached.connections(empty.store)) >= 290


def test_a_source_that_met_a_busy_cache_is_failed_and_the_others_are_told(filled: Desk) -> None:
    def refuse(link: Connection) -> None:
        if threading.current_thread().name == "sync late":
            raise DatabaseProblem("locked", "The database is busy with another writer.", "Try again in a moment.")
        del link

    told: list[str] = []
    event.listen(filled.store.writer, "begin", refuse)
    reports = {
        report.source: report
        for report in sync(filled, None, Wish(at=NOON), told=lambda report: told.append(report.source))
    }
    event.remove(filled.store.writer, "begin", refuse)

    late = reports.pop("late")
    assert (late.state, late.problem) == (
        "failed",
        Problem("locked", "The database is busy with another writer.", "Try again in a moment."),
    )
    assert {report.state for report in reports.values()} == {"ok", "skipped"}
    assert set(told) == {"late", *reports}


def test_an_error_of_our_own_closes_the_run_and_is_not_hidden(filled: Desk, vendors: Sandbox) -> None:
    del vendors

    def fail(link: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        del link
        if "metric_points" in statement:
            raise LookupError("our own mistake")

    event.listen(filled.store.writer, "before_cursor_execute", fail)
    with pytest.raises(LookupError):
        sync(filled, None, Wish(at=NOON))
    event.remove(filled.store.writer, "before_cursor_execute", fail)

    broken = [row for row in cached.runs(filled.store) if row["problem_kind"] == "internal"]
    assert len(broken) == 4
    assert {row["state"] for row in cached.runs(filled.store)} == {"ok", "failed"}
    reports = sync(filled, None, Wish(at=NOON))
    assert {report.state for report in reports} == {"ok", "skipped"}
