"""What happens by itself, and what a person may start in the background."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from data.store import now
from data.types import Role
from services import jobs
from services.access import Actor
from services.desk import Desk, open_desk
from services.failures import Forbidden
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached, seeds
from tests.services.conftest import NOON

ADMIN, ANALYST = Actor("ada", Role.ADMIN), Actor("ann", Role.ANALYST)
PATIENCE = 60.0  # seconds: a busy machine is slow, not wrong


def _until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; one that never does fails the test."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    pytest.fail("What was waited for did not happen.")


def _states(desk: Desk) -> set[str]:
    return {row["state"] for row in cached.runs(desk.store)}


def test_every_source_is_synced_when_the_jobs_start_and_each_once(
    empty: Desk, settings_of_test: pytest.MonkeyPatch
) -> None:
    settings_of_test.setenv("PATCHBAY_SYNC_MINUTES", "15")
    desk = open_desk()
    with jobs.running(desk):
        _until(lambda: len(cached.runs(desk.store)) == 4 and _states(desk) == {"ok"})
    assert {row["trigger"] for row in cached.runs(desk.store)} == {"schedule"}
    assert len(cached.connections(empty.store)) >= 290
    desk.store.close()


def test_old_history_is_thinned_when_the_jobs_start(desk: Desk) -> None:
    monday = now().date() - timedelta(days=707 + now().weekday())
    key = seeds.connection(desk.store, seeds.source(desk.store, "one"), 1)
    seeds.points(desk.store, key, {monday + timedelta(days=number): number for number in range(7)})
    seeds.count(desk.store, monday)

    with jobs.running(desk):
        _until(lambda: len(cached.points(desk.store)) == 1)

    assert cached.points(desk.store) == {(key, (monday + timedelta(days=6)).isoformat()): (6, None)}


def test_with_sync_minutes_0_nothing_is_asked_by_itself(filled: Desk, vendors: Sandbox) -> None:
    runs = len(cached.runs(filled.store))
    jobs._sync_due(filled)
    jobs._ask_details(filled)
    assert len(cached.runs(filled.store)) == runs
    assert vendors.log == []


def test_a_source_whose_breaker_is_open_is_skipped_by_the_schedule_but_not_by_a_person(
    filled: Desk, vendors: Sandbox, settings_of_test: pytest.MonkeyPatch
) -> None:
    settings_of_test.setenv("PATCHBAY_SYNC_MINUTES", "15")
    desk = open_desk()
    with desk.store.bulk() as link:
        link.exec_driver_sql("DELETE FROM sync_runs")
        link.exec_driver_sql("UPDATE sources SET next_try_at = '2999-01-01 00:00:00.000000' WHERE name = 'late'")

    jobs._sync_due(desk)
    assert {entry.vendor for entry in vendors.log} == {"zocial", "highlevel", "gipper"}

    (report,) = sync(desk, ["late"], Wish(at=NOON))
    assert report.state == "ok"
    assert cached.source(filled.store, "late")["next_try_at"] is None
    desk.store.close()


def test_an_admin_starts_a_sync_and_the_audit_trail_says_so(filled: Desk) -> None:
    runs = len(cached.runs(filled.store))

    with jobs.running(filled):
        jobs.sync_now(filled, ADMIN, ["late"])
        _until(lambda: len(cached.runs(filled.store)) > runs and _states(filled) == {"ok"})

    with filled.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT actor, action, subject FROM audit").all()
    assert ("ada", "sync.start", "late") in [tuple(row) for row in rows]


def test_an_analyst_starts_no_sync(filled: Desk, vendors: Sandbox) -> None:
    with pytest.raises(Forbidden):
        jobs.sync_now(filled, ANALYST, ["late"])
    with pytest.raises(Forbidden):
        jobs.accept_loss(filled, ANALYST, "late")
    assert vendors.log == []


def test_an_admin_accepts_a_loss_that_was_held_back(filled: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("late", "accounts", kind="empty_list", times=2)
    (held,) = sync(filled, ["late"], Wish(at=NOON))
    assert held.held_back

    with jobs.running(filled):
        jobs.accept_loss(filled, ADMIN, "late")
        _until(lambda: all(row["vanished_at"] for row in cached.of_vendor(filled.store, "late").values()))

    assert _states(filled) == {"ok", "partial"}


def test_a_job_that_fails_is_written_down_and_the_runner_lives_on(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise LookupError("nothing there")

    jobs._noted(fail)

    told = capfd.readouterr()
    assert "LookupError" in told.out + told.err


def test_a_new_demo_is_filled_before_anything_else(empty: Desk, vendors: Sandbox) -> None:
    with jobs.running(empty, vendors.clock):
        _until(lambda: (jobs.replay_progress() or (0, 0))[0] >= 1)
        done, days = jobs.replay_progress() or (0, 0)
        assert days == 90
        assert done >= 1
    assert {row["trigger"] for row in cached.runs(empty.store)} == {"replay"}
    assert jobs.replay_progress() is None
