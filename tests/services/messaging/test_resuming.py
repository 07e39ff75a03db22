"""A process that dies at any step of a send: at most one request for each press, one record always."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from data.store import now
from services import audit, pretended
from services.desk import Desk
from services.messaging import resuming, wire
from tests.services.messaging.crashing import KILLED, Senders, Vendor, counting
from tests.services.messaging.leaving import ANN, TEXT, known, order, pressed, rows, states, story, write

MANY = [f"Person {number}" for number in range(20)]


@pytest.fixture(scope="module")
def serving() -> Iterator[Vendor]:
    with counting() as vendor:
        yield vendor


@pytest.fixture
def vendor(serving: Vendor, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    monkeypatch.setattr(pretended._place, "origin", serving.origin)
    serving.bodies.clear()
    serving.seconds = 0.0
    return serving


@pytest.fixture(scope="module")
def forking(serving: Vendor) -> Iterator[Senders]:
    started = Senders(serving.origin, TEXT)
    yield started
    assert started.close() == ""


@pytest.fixture
def senders(desk: Desk, vendor: Vendor, forking: Senders) -> Senders:
    del vendor
    known(desk, ANN, *MANY)
    return forking


@pytest.mark.parametrize(
    ("dies_at", "left", "resumed", "requests"),
    [
        ("commit 1", [], [], 1),  # nothing was promised yet: pressed again, it is sent
        ("begin 2", ["reserved"], ["accepted"], 1),
        ("commit 2", ["reserved"], ["accepted"], 1),
        ("connect 1", ["posting"], ["unknown"], 0),
        ("begin 3", ["posting"], ["unknown"], 1),
        ("commit 3", ["posting"], ["unknown"], 1),
        ("end", ["accepted"], ["accepted"], 1),
    ],
)
def test_a_process_that_dies_leaves_one_record_and_at_most_one_request(
    desk: Desk, vendor: Vendor, senders: Senders, *, dies_at: str, left: list[str], resumed: list[str], requests: int
) -> None:
    wanted = order()
    shown = wire.prepare(desk, wanted)
    assert senders.send((wanted.press, ANN, dies_at)) == [KILLED]
    assert states(desk) == left
    resuming.resume(desk)
    assert states(desk) == resumed
    pressed(desk, wanted)  # after a reload
    resuming.resume(desk)
    assert len(states(desk)) == 1
    assert vendor.bodies == [shown.payload] * requests  # what was shown is what left
    assert wire.digest_of(shown.payload) == shown.digest
    assert audit.verify(desk) is None


def test_what_was_taken_over_tells_its_story(desk: Desk, senders: Senders) -> None:
    assert senders.send(("p", ANN, "connect 1")) == [KILLED]
    resuming.resume(desk)
    assert story(desk, 1) == [("mia", "reserved", 1), ("system", "posting", 1), ("system", "unknown", 1)]
    assert "cut off" in rows(desk, "SELECT reason FROM messages")[0][0]
    assert resuming.resume(desk) == 0


def test_of_two_processes_that_press_at_once_one_sends(desk: Desk, vendor: Vendor, senders: Senders) -> None:
    vendor.seconds = 0.1
    for press in ("p1", "p2", "p3"):
        assert senders.send((press, ANN, "never"), (press, ANN, "never")) == [0, 0]
        assert vendor.counts[press] == 1
    assert states(desk) == ["accepted"] * 3


@pytest.mark.parametrize("dies_at", ["connect 3", "begin 12", "commit 20", "after 0.05"])
def test_a_list_that_breaks_off_goes_on_and_reaches_nobody_twice(
    desk: Desk, vendor: Vendor, senders: Senders, dies_at: str
) -> None:
    vendor.seconds = 0.02
    assert senders.send(("list", MANY, dies_at)) == [KILLED]
    assert len(states(desk)) in (0, len(MANY))
    resuming.resume(desk)
    found = states(desk)
    assert set(found) <= {"accepted", "unknown"}
    assert max(vendor.counts.values(), default=0) <= 1
    assert len(vendor.bodies) >= found.count("accepted")
    assert [row[0] for row in rows(desk, "SELECT state FROM sendings")] == (["done"] if found else [])


def test_what_waited_too_long_does_not_leave_by_itself(desk: Desk, vendor: Vendor, senders: Senders) -> None:
    assert senders.send(("p", ANN, "begin 2")) == [KILLED]
    write(desk, f"UPDATE messages SET created_at = '{now() - timedelta(hours=2):%Y-%m-%d %H:%M:%S.%f}'")
    resuming.resume(desk)
    ((state, reason),) = rows(desk, "SELECT state, reason FROM messages")
    assert (state, reason) == ("refused", "It waited for more than an hour after a restart. Nothing was sent.")
    assert vendor.bodies == []


def test_what_another_process_has_in_work_is_left_alone(desk: Desk, vendor: Vendor) -> None:
    known(desk)
    pressed(desk, order())
    write(desk, "UPDATE messages SET state = 'reserved', sent_by = 'elsewhere:1', sent_until = sent_until + 1000")
    assert (resuming.resume(desk), len(vendor.bodies)) == (0, 1)
    write(desk, "UPDATE messages SET sent_until = 0")
    assert (resuming.resume(desk), len(vendor.bodies)) == (1, 2)
    assert states(desk) == ["accepted"]
