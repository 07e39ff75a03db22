"""A power cut while a message leaves, and a full disk: what was promised is on the disk, what is not was never sent."""

import contextlib
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event
from starlette.applications import Starlette

from data.errors import DatabaseProblem
from data.store import Store
from services import pretended
from services.desk import Desk
from services.messaging import leaving, resuming, sending
from services.sandbox import Sandbox
from services.vendors._http import Timing
from services.webhooks import callback_url, keeping, routes, working
from services.webhooks.working import Worker
from tests.browser.desk import until
from tests.served import Client, served
from tests.services.approvals.conftest import PATIENT
from tests.services.messaging.crashing import counting
from tests.services.messaging.leaving import MIA, digest, known, order, posted, pressed, rows, story
from tests.services.messaging.leaving import states as found_states
from tests.services.messaging.receiving import notification

LONG = {"contentType": "TEXT", "content": "x" * 1_000}
"""Two of them have no room on one page of the file."""


@pytest.fixture
def desk(empty: Desk) -> Iterator[Desk]:
    known(empty)
    yield replace(empty, timing=PATIENT)
    for keeper in keeping._keepers.values():
        keeper.intake.close()
    keeping._keepers.clear()


@contextmanager
def full(store: Store) -> Iterator[None]:
    """Let the file of a database grow no more: SQLite itself says that the disk is full."""
    with store.reading() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()

    def capped(driver: Any, _record: Any) -> None:
        driver.execute(f"PRAGMA max_page_count={pages}").close()

    event.listen(store.writer, "connect", capped)
    store.writer.dispose()
    try:
        yield
    finally:
        event.remove(store.writer, "connect", capped)
        store.writer.dispose()


def fill_events(desk: Desk, number: int) -> None:
    """Fill what is left of the pages that hold the steps of messages."""
    query = (
        'INSERT INTO message_events (message_id, at, "by", after, moved, words)'
        f" SELECT {number}, at, '', '', 0, '' FROM message_events LIMIT 1"
    )
    with contextlib.suppress(DatabaseProblem):
        while True:
            with desk.store.bulk() as link:
                link.exec_driver_sql(query)


def found(database: Path) -> list[str]:
    """The states of the messages in a file that nobody has open, as SQLite recovers it."""
    with closing(sqlite3.connect(database)) as link:
        assert link.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        return [state for (state,) in link.execute("SELECT state FROM messages ORDER BY id")]


def test_a_power_cut_after_the_request_has_left_finds_the_mark(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is copied while the vendor has the request is what a power cut leaves at least: each commit is synced."""
    synced = list[tuple[int, str]]()

    def note(link: Any) -> None:
        pragmas = [link.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("synchronous", "journal_mode")]
        synced.append((int(pragmas[0]), str(pragmas[1])))

    wanted = order()
    message, _ = sending._reserved(desk, MIA, wanted, digest(desk, wanted))
    event.listen(desk.store.writer, "begin", note)
    database = desk.store.path
    assert database is not None
    log, at_once, later = Path(f"{database}-wal"), tmp_path / "cut.db", tmp_path / "later.db"
    with counting() as vendor:
        monkeypatch.setattr(pretended._place, "origin", vendor.origin)
        vendor.seconds = 20.0
        worker = threading.Thread(target=leaving.leave, args=(replace(desk, timing=Timing()), message.id))
        worker.start()
        until(lambda: len(vendor.bodies) == 1, 10, "it is on its way")
        shutil.copy(database, at_once)
        marked = log.read_bytes()
        Path(f"{at_once}-wal").write_bytes(marked)
        vendor.going.set()
        worker.join(timeout=20)
    event.remove(desk.store.writer, "begin", note)
    assert found_states(desk) == ["accepted"]
    written = log.read_bytes()
    assert written.startswith(marked)
    assert len(written) > len(marked)
    shutil.copy(at_once, later)
    Path(f"{later}-wal").write_bytes(written[: (len(marked) + len(written)) // 2])
    assert set(synced) == {(2, "wal")}, "each commit is synced to the disk (FULL)"
    assert (found(at_once), found(later)) == (["posting"], ["posting"])


def test_a_full_disk_at_the_reservation_sends_nothing_and_says_so(desk: Desk, vendors: Sandbox) -> None:
    pressed(desk, order(LONG))
    wanted = order(LONG)
    shown = digest(desk, wanted)
    with full(desk.store), pytest.raises(DatabaseProblem, match="disk that holds the database is full") as refused:
        sending.send(desk, MIA, wanted, shown)
    assert (refused.value.kind, "Free some space" in refused.value.advice) == ("disk_full", True)
    assert (len(posted(vendors)), found_states(desk)) == (1, ["accepted"])
    assert sending.send(desk, MIA, wanted, shown).state == "accepted"
    assert len(posted(vendors)) == 2


def test_a_full_disk_at_the_mark_keeps_the_message_until_there_is_room(desk: Desk, vendors: Sandbox) -> None:
    wanted = order()
    message, _ = sending._reserved(desk, MIA, wanted, digest(desk, wanted))
    number = message.id or 0
    with full(desk.store):
        fill_events(desk, number)
        assert leaving.leave(desk, number) is None
        assert (posted(vendors), found_states(desk)) == ([], ["reserved"])
    assert leaving.leave(desk, number) is not None
    assert (len(posted(vendors)), found_states(desk)) == (1, ["accepted"])


def test_a_full_disk_at_the_outcome_is_asked_until_there_is_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = order()
    message, _ = sending._reserved(desk, MIA, wanted, digest(desk, wanted))
    number = message.id or 0
    with counting() as vendor:
        monkeypatch.setattr(pretended._place, "origin", vendor.origin)
        vendor.seconds = 20.0
        worker = threading.Thread(target=leaving.leave, args=(replace(desk, timing=Timing()), number))
        worker.start()
        until(lambda: len(vendor.bodies) == 1, 10, "it is on its way")
        with full(desk.store):
            fill_events(desk, number)
            vendor.going.set()
            worker.join(timeout=1.0)
            assert worker.is_alive()
            assert found_states(desk) == ["posting"]
        worker.join(timeout=20)
    assert (found_states(desk), len(vendor.bodies)) == (["accepted"], 1)
    assert resuming.resume(desk) == 0


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    del desk
    with served(Starlette(routes=routes.routes())) as opened:
        yield opened


def test_callbacks_on_a_full_disk_are_refused_or_kept_and_move_the_message_in_the_end(
    desk: Desk, vendors: Sandbox, client: Client
) -> None:
    """The vendor repeats what was not taken; what was taken waits beside a database that is full."""
    message = pressed(desk, order())
    number = message.id or 0
    with desk.store.reading() as session:
        source = leaving.sources.by_id(session, message.source_id)
    assert source is not None
    place = urlsplit(callback_url(desk, source, message.press)).path
    worker, intake = Worker(desk, threading.Event()), keeping.keeper(desk).intake
    ids = {"transid": message.transid, "correlation_id": message.correlation_id}
    assert client.post(place, json=notification("7501", **ids)).status_code == 202
    told = notification("7500", **ids) | {"padding": "x" * 50_000}
    with full(intake._store):
        answer = client.post(place, json=told)
        assert (answer.status_code, "retry-after" in answer.headers, len(intake.waiting(5))) == (503, True, 1)
    assert client.post(place, json=told).status_code == 202
    with full(desk.store):
        fill_events(desk, number)
        with pytest.raises(DatabaseProblem, match="full"):
            working.take_in(desk)
        assert (len(intake.waiting(5)), found_states(desk)) == (2, ["accepted"])
    worker.once()
    assert (intake.waiting(5), found_states(desk)) == ([], ["delivered"])
    assert [after for _, after, _ in story(desk, number)].count("delivered") == 1
    assert [row[0] for row in rows(desk, "SELECT state FROM inbox")] == ["done", "done"]
    assert len(posted(vendors)) == 1
