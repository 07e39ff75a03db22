"""The replay of a new demo: every missing day through the real sync, also after it was cut off."""

import threading
from datetime import UTC, datetime, timedelta

from services import details, replay
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Clock, Sandbox
from services.sync import sync
from tests import cached

DAYS = 4


class StopsAfter(threading.Event):
    """A stop that is asked for after a number of days: each day looks at it once."""

    def __init__(self, days: int) -> None:
        super().__init__()
        self.left = days

    def is_set(self) -> bool:
        """Count one look."""
        if threading.current_thread() is threading.main_thread():
            self.left -= 1
        return self.left < 0


def _days(desk: Desk) -> list[int]:
    today = datetime.now(UTC).date()
    found = {(today - datetime.fromisoformat(day).date()).days for _, day in cached.points(desk.store)}
    return sorted(found, reverse=True)


def _runs_by_day(desk: Desk) -> dict[int, int]:
    today = datetime.now(UTC).date()
    found: dict[int, int] = {}
    for row in cached.runs(desk.store):
        back = (today - row["observed_at"].date()).days
        found[back] = found.get(back, 0) + 1
    return found


def test_every_day_before_today_has_its_points_and_the_clock_is_let_go(empty: Desk, vendors: Sandbox) -> None:
    replay.replay(empty, vendors.clock, threading.Event(), days=DAYS)

    assert _days(empty) == [4, 3, 2, 1]
    assert not vendors.clock.is_set
    assert replay.progress() is None
    assert {row["state"] for row in cached.runs(empty.store)} == {"ok"}
    assert {row["trigger"] for row in cached.runs(empty.store)} == {"replay"}


def test_a_replay_that_was_cut_goes_on_where_it_was(empty: Desk, vendors: Sandbox) -> None:
    replay.replay(empty, vendors.clock, StopsAfter(2), days=DAYS)
    assert _days(empty) == [4, 3]

    replay.replay(empty, vendors.clock, threading.Event(), days=DAYS)

    assert _days(empty) == [4, 3, 2, 1]
    assert _runs_by_day(empty) == {4: 4, 3: 8, 2: 4, 1: 4}  # the last day was done again: nobody knows if it was whole


def test_a_day_that_was_cut_in_its_middle_is_completed(empty: Desk, vendors: Sandbox) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    vendors.clock.set(at)

    sync(empty, ["zocial"], Wish("replay", at))
    replay.replay(empty, vendors.clock, threading.Event(), days=DAYS)

    assert _days(empty) == [2, 1]
    sources = {key.split("-")[0] for key, _ in cached.points(empty.store)}
    assert sources >= {str(cached.source(empty.store, name)["id"]) for name in ("zocial", "late")}


def test_a_cache_that_was_filled_by_hand_is_not_replayed(empty: Desk, vendors: Sandbox) -> None:
    vendors.clock.release()
    sync(empty, ["late"])
    vendors.clear_log()

    replay.replay(empty, vendors.clock, threading.Event(), days=DAYS)

    assert vendors.log == []


def test_a_failing_vendor_does_not_end_the_replay(empty: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("late", "accounts", kind="status", status=500, times=None)

    replay.replay(empty, vendors.clock, threading.Event(), days=2)

    assert _days(empty) == [2, 1]


def test_the_details_asked_in_a_replay_are_of_its_own_days(empty: Desk, vendors: Sandbox) -> None:
    clock: Clock = vendors.clock
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    replay.replay(empty, clock, threading.Event(), days=1)
    clock.set(at)

    details.ask_all(empty, at=at)

    rates = [rate for (key, _), (_, rate) in cached.points(empty.store).items() if "-n-" in key]
    assert sum(rate is not None for rate in rates) > 100
    assert _days(empty) == [1]
