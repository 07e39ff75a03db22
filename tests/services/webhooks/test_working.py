"""Working off the inbox: what follows an event, how often a list is read for it, and what happens when that fails."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from data import leases
from data.errors import DatabaseProblem
from data.intake import Entry
from data.store import now
from data.types import Role, Vendor
from services.access import Actor
from services.desk import Desk
from services.failures import Failure, Misuse
from services.sandbox import Sandbox
from services.webhooks import deeds, events, keeping, outcomes, working
from services.webhooks.believing import DELIVERY
from services.webhooks.events import Heard
from services.webhooks.working import Worker
from tests.services.webhooks.telling import told

INGRID = Actor("ingrid", Role.ADMIN)


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[Vendor, str], list[events.Follower]]:
    """Nobody follows anything but who a test registers."""
    found: dict[tuple[Vendor, str], list[events.Follower]] = {}
    monkeypatch.setattr(events, "_followers", found)
    return found


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Lets time pass for who works off."""
    passed = [timedelta()]

    def later() -> datetime:
        return now() + passed[0]

    for module in (working, outcomes):
        monkeypatch.setattr(module, "now", later)

    def by(more: timedelta) -> None:
        passed[0] += more

    return by


@pytest.fixture
def worker(filled: Desk) -> Iterator[Worker]:
    made = Worker(filled, threading.Event())
    made._thinned = now().date()
    return made


def number_of(desk: Desk, name: str) -> int:
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT id FROM sources WHERE name = ?", (name,))
        return int(rows.scalar_one())


def arrive(desk: Desk, event: str, about: str | None = "a1", *, source: str = "late", **body: Any) -> str:
    """Keep a webhook as the hooks do."""
    content = told(event, **body)
    received = now() - timedelta(seconds=2)
    entry = Entry(number_of(desk, source), content["id"], event, about, received, received, json.dumps(content))
    keeping.keeper(desk).intake.keep([entry])
    return str(content["id"])


def states(desk: Desk) -> list[tuple[str, str, int]]:
    """What became of each, in words, and how often it was tried in vain."""
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT state, reason, tries FROM inbox ORDER BY id").all()
    return [(row[0], row[1] or "", row[2]) for row in rows]


def lists_read(vendors: Sandbox) -> int:
    """How often Late's list was asked for."""
    return sum(entry.vendor == "late" and entry.path == "/api/v1/accounts" for entry in vendors.log)


def here(desk: Desk) -> set[str]:
    with desk.store.reading() as session:
        query = "SELECT vendor_id FROM connections WHERE source_id = ? AND vanished_at IS NULL"
        return set(session.connection().exec_driver_sql(query, (number_of(desk, "late"),)).scalars())


def test_many_hints_have_the_list_read_once_and_the_cache_says_what_it_says(
    filled: Desk, vendors: Sandbox, worker: Worker
) -> None:
    gone = vendors.late.book.accounts()[2]["_id"]
    assert gone in here(filled)
    vendors.late.book.delete(gone)
    for number in range(30):
        arrive(filled, "account.connected" if number % 2 else "account.disconnected", about=gone)
    worker.once()
    assert states(filled) == [("done", "The source's list was read.", 0)] * 30
    assert lists_read(vendors) == 1
    assert here(filled) == {row["_id"] for row in vendors.late.book.accounts()}
    vendors.late.book._deleted.clear()


def test_hints_that_come_meanwhile_wait_for_the_next_reading(filled: Desk, vendors: Sandbox, worker: Worker) -> None:
    arrive(filled, "account.connected")
    worker.once()
    arrive(filled, "account.connected")
    worker.once()
    assert [state for state, _, _ in states(filled)] == ["done", "waiting"]
    worker._lists.clear()  # as if the pause were over
    worker.once()
    assert [state for state, _, _ in states(filled)] == ["done", "done"]
    assert lists_read(vendors) <= 2


@pytest.mark.parametrize(
    ("event", "body", "why"),
    [
        ("post.published", {}, "Nothing here follows this event."),
        ("webhook.test", {}, "It is a test."),
        ("account.connected", {"test": True}, "It is a test."),
    ],
)
def test_what_nobody_follows_is_kept_and_ignored(
    filled: Desk, vendors: Sandbox, worker: Worker, *, event: str, body: dict[str, Any], why: str
) -> None:
    arrive(filled, event, **body)
    worker.once()
    assert states(filled) == [("ignored", why, 0)]
    assert lists_read(vendors) == 0


def test_a_source_that_is_switched_off_is_not_asked(filled: Desk, vendors: Sandbox, worker: Worker) -> None:
    arrive(filled, "account.connected")
    with filled.store.bulk() as link:
        link.exec_driver_sql("UPDATE sources SET enabled = 0 WHERE name = 'late'")
    worker.once()
    assert states(filled) == [("ignored", "The source is switched off.", 0)]
    assert lists_read(vendors) == 0


def test_a_vendor_that_is_down_is_asked_again_after_growing_pauses_and_then_given_up(
    filled: Desk, vendors: Sandbox, worker: Worker, move: Callable[[timedelta], None]
) -> None:
    arrive(filled, "account.connected")
    vendors.faults.plan("late", "/api/v1/accounts", kind="status", status=503, times=100)
    for number, pause in enumerate(outcomes.PAUSES):
        worker.once()
        assert [(state, tries) for state, _, tries in states(filled)] == [("waiting", number + 1)]
        move(pause - timedelta(seconds=2))
        worker._lists.clear()
        worker.once()
        assert states(filled)[0][2] == number + 1, "it is not asked before its pause is over"
        move(timedelta(seconds=3))
    worker.once()
    ((state, why, tries),) = states(filled)
    assert (state, tries) == ("failed", len(outcomes.PAUSES))
    assert why.startswith("Late could not list the accounts")
    vendors.faults.clear()
    deeds.again(filled, INGRID, 1)
    worker._lists.clear()
    worker.once()
    assert states(filled)[0][:2] == ("done", "The source's list was read.")
    with pytest.raises(Failure, match="has not failed"):
        deeds.again(filled, INGRID, 1)
    with pytest.raises(Misuse, match="no webhook 99"):
        deeds.again(filled, INGRID, 99)


def test_a_sync_that_is_running_is_nobody_s_fault(filled: Desk, worker: Worker) -> None:
    arrive(filled, "account.connected")
    with filled.store.bulk() as link:
        assert leases.begin(link, number_of(filled, "late"), trigger="hand", observed_at=now(), unless_since=None)
    worker.once()
    assert states(filled) == [("waiting", "Another sync of this source is running.", 0)]


def test_a_list_that_was_read_since_is_not_read_again(filled: Desk, vendors: Sandbox, worker: Worker) -> None:
    @events.on_event(Vendor.LATE, "account.connected")
    def confirm(desk: Desk, heard: Heard) -> str:
        working.sync(desk, [heard.source])
        return "The attempt is confirmed."

    arrive(filled, "account.connected")
    worker.once()
    assert states(filled) == [("done", "The attempt is confirmed. The source's list was read since.", 0)]
    assert lists_read(vendors) == 1


def test_an_error_of_our_own_keeps_no_other_event_waiting(filled: Desk, worker: Worker) -> None:
    heard: list[str | None] = []

    @events.on_event(Vendor.LATE, "message.read")
    def follow(_desk: Desk, event: Heard) -> None:
        if event.about == "bad":
            raise KeyError(event.about)
        heard.append(event.about)

    for about in ("one", "bad", "two"):
        arrive(filled, "message.read", about)
    worker.once()
    assert sorted(str(each) for each in heard) == ["one", "two"]
    assert [state for state, _, _ in states(filled)] == ["done", "waiting", "done"]
    assert states(filled)[1][1:] == ("Patchbay met an error of its own (KeyError).", 1)


def test_a_vendor_that_is_slow_keeps_no_other_source_waiting(filled: Desk) -> None:
    answers, threads = threading.Event(), list[threading.Thread]()

    def beside(job: Callable[[], object]) -> None:
        threads.append(threading.Thread(target=job))
        threads[-1].start()

    @events.on_event(Vendor.LATE, "message.read")
    def slow(_desk: Desk, _event: Heard) -> str:
        assert answers.wait(10)
        return "Asked."

    events.on_event(Vendor.IMICONNECT, DELIVERY)(lambda _desk, _event: "Known.")
    worker = Worker(filled, threading.Event(), beside=beside)
    arrive(filled, "message.read")
    worker.once()
    arrive(filled, "message.read")
    arrive(filled, DELIVERY, "m-1", source="imiconnect")
    worker.once()
    threads[1].join()
    assert [state for state, _, _ in states(filled)] == ["waiting", "waiting", "done"]
    answers.set()
    threads[0].join()
    worker.once()
    threads[2].join()
    assert [state for state, _, _ in states(filled)] == ["done", "done", "done"]
    assert len(threads) == 3


def test_a_receipt_of_no_message_of_ours_is_kept_for_a_day_and_counted(
    filled: Desk, worker: Worker, move: Callable[[timedelta], None]
) -> None:
    arrive(filled, DELIVERY, "m-7", source="imiconnect")
    for hours in (0, 1, 22):
        move(timedelta(hours=hours))
        worker.once()
        assert states(filled) == [("waiting", "No message of ours is known by it.", 0)]
    assert '"a1"' in deeds.body(filled, INGRID, 1)
    move(timedelta(hours=2))
    worker.once()
    assert [state for state, _, _ in states(filled)] == ["ignored"]
    assert deeds.body(filled, INGRID, 1) == ""
    with filled.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT hook, reason, count FROM inbox_refusals").all()
    assert [tuple(row) for row in rows] == [("imiconnect", "unknown_message", 1)]


def test_a_receipt_that_came_before_its_message_finds_it_later(
    filled: Desk, worker: Worker, move: Callable[[timedelta], None]
) -> None:
    known: set[str | None] = set()

    @events.on_event(Vendor.IMICONNECT, DELIVERY)
    def follow(_desk: Desk, event: Heard) -> str | None:
        return "The message is delivered." if event.about in known else None

    arrive(filled, DELIVERY, "m-7", source="imiconnect")
    worker.once()
    known.add("m-7")
    move(timedelta(minutes=1))
    worker.once()
    assert states(filled) == [("done", "The message is delivered.", 0)]


def test_what_is_over_is_let_go_after_90_days_and_what_failed_is_not(
    filled: Desk, worker: Worker, move: Callable[[timedelta], None]
) -> None:
    for event in ("post.published", "post.failed"):
        arrive(filled, event)
    worker.once()
    with filled.store.bulk() as link:
        link.exec_driver_sql("UPDATE inbox SET state = 'failed' WHERE event = 'post.failed'")
    move(timedelta(days=91))
    worker.once()
    assert [state for state, _, _ in states(filled)] == ["failed"]


def test_a_webhook_of_a_database_that_was_exchanged_is_let_go(filled: Desk, worker: Worker) -> None:
    entry = Entry(9_999, "e", "account.connected", None, None, now(), "{}")
    keeping.keeper(filled).intake.keep([entry])
    arrive(filled, "post.published")
    worker.once()
    assert len(states(filled)) == 1
    assert keeping.keeper(filled).intake.waiting(10) == []


def test_neither_a_locked_database_nor_an_error_of_ours_ends_the_work(
    filled: Desk, vendors: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    del vendors
    stop, errors = threading.Event(), [DatabaseProblem("locked", "Busy.", ""), KeyError("ours")]
    working_off = Worker.once

    def once(self: Worker) -> None:
        if errors:
            raise errors.pop()
        working_off(self)
        stop.set()

    monkeypatch.setattr(Worker, "once", once)
    monkeypatch.setattr(working, "TICK", 0.01)
    monkeypatch.setattr(working, "GATHERING", 0.01)
    arrive(filled, "post.published")
    Worker(filled, stop).run()
    assert [state for state, _, _ in states(filled)] == ["ignored"]
