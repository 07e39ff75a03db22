"""The inbox under any order of arrivals, repeats and crashes: each event has its effect once."""

import json
import threading
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import inbox
from data.errors import DatabaseProblem
from data.intake import Entry
from data.store import now
from data.types import Vendor
from services.desk import Desk
from services.webhooks import events, keeping
from services.webhooks.events import Heard
from services.webhooks.outcomes import Outcomes
from services.webhooks.working import Worker, take_in

EVENT = "message.received"
TELL = st.tuples(st.just("tell"), st.lists(st.integers(0, 5), min_size=1, max_size=4))
STEP = st.tuples(st.sampled_from(["take", "crash while taking", "work", "crash while working", "restart"]), st.just([]))


class _Cut(Exception):
    """The process is gone."""


class _Story:
    """One desk that lives through what is told."""

    def __init__(self, desk: Desk, source: int) -> None:
        self.desk = desk
        self.source = source
        self.worker = Worker(desk, threading.Event())
        self.told: Counter[int] = Counter()

    def tell(self, numbers: list[int]) -> None:
        at = now()
        entries = [
            Entry(self.source, f"e{each}", EVENT, str(each), at, at, json.dumps({"n": each})) for each in numbers
        ]
        keeping.keeper(self.desk).intake.keep(entries)
        self.told.update(numbers)

    def go(self, step: str, patch: pytest.MonkeyPatch) -> None:
        with patch.context() as broken:
            if step == "crash while taking":
                broken.setattr(keeping.keeper(self.desk).intake, "forget", _cut)
            if step == "crash while working":
                broken.setattr(Outcomes, "write_down", _cut)
            try:
                if step in {"take", "crash while taking"}:
                    take_in(self.desk)
                elif step == "restart":
                    keeping.keeper(self.desk).intake.close()
                    keeping._keepers.clear()
                    self.worker = Worker(self.desk, threading.Event())
                else:
                    self.worker.once()
            except _Cut:
                self.worker = Worker(self.desk, threading.Event())


def _cut(*_: object) -> None:
    raise _Cut


@given(st.lists(TELL | STEP, max_size=12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_the_repeats_and_the_crashes_each_event_has_its_effect_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, story: list[tuple[str, list[int]]]
) -> None:
    effects: dict[str, list[int]] = {}

    def follow(_desk: Desk, heard: Heard) -> str:
        effects.setdefault(heard.event_id, [heard.body["n"]])  # one that does not mind being called twice
        return "Followed."

    monkeypatch.setattr(events, "_followers", {(Vendor.LATE, EVENT): [follow]})
    with desk.store.bulk() as link:
        link.exec_driver_sql("DELETE FROM inbox")
        source = link.exec_driver_sql("SELECT id FROM sources WHERE name = 'late'").scalar_one()
    keeping.keeper(desk).intake.keep([Entry(source, "first", "x", None, None, now(), "{}")])
    keeping.keeper(desk).intake.forget([number for number, _ in keeping.keeper(desk).intake.waiting(1_000)])

    lived = _Story(desk, source)
    for step, numbers in story:
        if step == "tell":
            lived.tell(numbers)
        else:
            lived.go(step, monkeypatch)
    lived.go("work", monkeypatch)

    assert effects == {f"e{number}": [number] for number in lived.told}
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT event_id, state, repeats FROM inbox").all()
    assert {row[0]: row[1] for row in rows} == {f"e{number}": "done" for number in lived.told}
    assert len(rows) == len(lived.told)
    if "crash while taking" not in {step for step, _ in story}:
        assert {row[0]: row[2] for row in rows} == {f"e{number}": times - 1 for number, times in lived.told.items()}


def test_a_batch_is_taken_in_whole_or_not_at_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping.keeper(desk).intake.keep([Entry(3, f"e{each}", EVENT, None, None, now(), "{}") for each in range(3)])

    def full(*_: object) -> None:
        raise DatabaseProblem("disk_full", "The disk that holds the database is full.", "Free some space.")

    with monkeypatch.context() as broken:
        broken.setattr(inbox, "take", full)
        with pytest.raises(DatabaseProblem):
            take_in(desk)
    assert len(keeping.keeper(desk).intake.waiting(10)) == 3
