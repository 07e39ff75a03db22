"""One sync of a source at a time, and nothing lost or doubled when a process dies in the middle."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from data import leases
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached, processes
from tests.services.conftest import NOON

SYNC = """
import sys
from datetime import datetime
from sqlalchemy import event
from services import pretended
from services.desk import open_desk
from services.reports import Wish
from services.sync import sync
pretended.answer_at(sys.argv[1])
desk, dies_at, commits = open_desk(), int(sys.argv[3]), 0
@event.listens_for(desk.store.writer, "commit")
def count(link):
    global commits
    commits += 1
    if commits == dies_at:
        import os
        os.kill(os.getpid(), 9)
print("ready", flush=True)
sys.stdin.readline()
(report,) = sync(desk, ["zocial"], Wish(at=datetime.fromisoformat(sys.argv[2])))
print(report.state, report.problem.kind if report.problem else "", flush=True)
"""
TICK = """
import sys
from services import jobs, pretended
from services.desk import open_desk
pretended.answer_at(sys.argv[1])
desk = open_desk()
print("ready", flush=True)
sys.stdin.readline()
jobs._sync_due(desk)
"""


def _together(script: str, count: int, *arguments: str) -> list[str]:
    """Run a script in several processes that start their work at the same moment."""
    running = [processes.start(script, *arguments) for _ in range(count)]
    for process in running:
        assert processes.said(process) == "ready"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [processes.ended(process).strip() for process in running]


def _take_lease(desk: Desk, name: str = "zocial") -> int | None:
    with desk.store.bulk() as link:
        number = cached.source(desk.store, name)["id"]
        return leases.begin(link, number, trigger="hand", observed_at=NOON)


def test_a_source_that_another_sync_holds_is_skipped_as_busy(filled: Desk, vendors: Sandbox) -> None:
    assert _take_lease(filled) is not None

    reports = {report.source: report for report in sync(filled, ["zocial", "late"], Wish(at=NOON))}

    assert (reports["zocial"].state, reports["late"].state) == ("skipped", "ok")
    assert reports["zocial"].problem is not None
    assert reports["zocial"].problem.kind == "busy"
    assert {entry.vendor for entry in vendors.log} == {"late"}


def test_of_two_threads_that_sync_one_source_at_once_one_runs(filled: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "networks", kind="slow", seconds=0.25)
    both = threading.Barrier(2)

    def run(_: int) -> str:
        both.wait(5)
        return sync(filled, ["zocial"], Wish(at=NOON))[0].state.value

    with ThreadPoolExecutor(2) as pool:
        states = sorted(pool.map(run, range(2)))
    assert states == ["ok", "skipped"]


def test_of_two_processes_that_sync_one_source_at_once_one_runs(
    filled: Desk, vendors: Sandbox, pretended_vendors: tuple[Sandbox, str]
) -> None:
    vendors.faults.plan("zocial", "networks", kind="slow", seconds=1.5)

    said = _together(SYNC, 2, pretended_vendors[1], NOON.isoformat(), "0")

    assert sorted(said) == ["ok", "skipped busy"]
    number = cached.source(filled.store, "zocial")["id"]
    assert len([row for row in cached.runs(filled.store) if row["source_id"] == number]) == 2


def test_a_writer_that_lost_its_lease_writes_nothing_more(filled: Desk, vendors: Sandbox) -> None:
    before, taken = cached.connections(filled.store), []

    def pause(content: dict[str, Any]) -> dict[str, Any]:
        """Let the lease run out while the answer is on its way, and another sync begin."""
        with filled.store.bulk() as link:
            link.exec_driver_sql("UPDATE sync_runs SET lease_until = 1 WHERE state = 'running'")
        taken.append(_take_lease(filled))
        return {**content, "networks": [{**row, "followers": 1} for row in content["networks"]]}

    vendors.faults.plan("zocial", "networks", kind="transform", change=pause)

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    assert report.state == "failed"
    assert report.problem is not None
    assert report.problem.kind == "fenced"
    assert cached.connections(filled.store) == before
    *_, late, other = cached.runs(filled.store)
    assert (late["state"], late["problem_kind"]) == ("failed", "interrupted")
    assert (other["id"], other["state"]) == (taken[0], "running")


@pytest.mark.parametrize("dies_at", [1, 2, 4, 6])
def test_a_sync_that_is_killed_is_taken_over_at_once_with_nothing_lost_or_doubled(
    filled: Desk, pretended_vendors: tuple[Sandbox, str], dies_at: int
) -> None:
    expected = {key: _told(row) for key, row in cached.of_vendor(filled.store, "zocial").items()}
    points = {key: figures for key, figures in cached.points(filled.store).items() if key[0] in expected}
    with filled.store.bulk() as link:
        for table in ("connections", "metric_points", "totals", "sync_runs", "drift"):
            link.exec_driver_sql(f"DELETE FROM {table}")

    process = processes.start(SYNC, pretended_vendors[1], NOON.isoformat(), str(dies_at))
    process.communicate("go\n", timeout=60)
    assert process.returncode == -9
    assert filled.store.damage() is None

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    assert report.state == "ok"
    assert {key: _told(row) for key, row in cached.of_vendor(filled.store, "zocial").items()} == expected
    assert cached.changes(filled.store) == []
    assert cached.points(filled.store) == points
    interrupted = [row for row in cached.runs(filled.store) if row["problem_kind"] == "interrupted"]
    assert len(interrupted) == (0 if dies_at == 1 else 1)
    assert sum(row["connections"] for row in cached.totals(filled.store)) == len(expected)


def _told(row: cached.Row) -> cached.Row:
    """Give what the source itself says of a connection."""
    return {name: value for name, value in row.items() if name not in {"number", "account", "account_by"}}


def test_of_three_schedulers_one_runs_each_tick(
    filled: Desk, pretended_vendors: tuple[Sandbox, str], settings_of_test: pytest.MonkeyPatch
) -> None:
    settings_of_test.setenv("PATCHBAY_SYNC_MINUTES", "15")
    with filled.store.bulk() as link:
        link.exec_driver_sql("DELETE FROM sync_runs")

    _together(TICK, 3, pretended_vendors[1])

    runs = cached.runs(filled.store)
    assert len(runs) == len({row["source_id"] for row in runs}) == 4
    assert {(row["trigger"], row["state"]) for row in runs} == {("schedule", "ok")}
