"""The two engines: writers that take turns, readers that never wait, and errors a person can act on."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from data import leases
from data.errors import DatabaseProblem
from data.store import BUSY_TIMEOUT_MS, SAFE_SQLITE, Store, now, sqlite_module
from tests import processes, seeds

ADD_ONE = """
import sys
from data.store import Store
store = Store.at(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with store.bulk() as link:
        value = link.exec_driver_sql("SELECT number FROM counters").scalar_one()
        link.exec_driver_sql("UPDATE counters SET number = ?", (value + 1,))
"""


BIG = "CREATE TABLE large AS SELECT zeroblob(1000000) AS blob"


def _counter(store: Store) -> None:
    with store.bulk() as link:
        link.exec_driver_sql("CREATE TABLE counters (number INTEGER)")
        link.exec_driver_sql("INSERT INTO counters VALUES (0)")


def _count(store: Store) -> int:
    with store.reading() as session:
        return int(session.connection().exec_driver_sql("SELECT number FROM counters").scalar_one())


def _write(store: Store, pragma: str, *more: str) -> None:
    with store.bulk() as link:
        for statement in (pragma, "UPDATE counters SET number = 7", *more):
            link.exec_driver_sql(statement)


def _pragma(store: Store, name: str) -> object:
    with store.bulk() as link:
        return link.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", BUSY_TIMEOUT_MS)],
)
def test_the_writer_is_set_up_so_that_no_acknowledged_commit_is_lost(store: Store, name: str, expected: object) -> None:
    assert _pragma(store, name) == expected


def test_a_sqlite_without_the_wal_bug_is_preferred(store: Store) -> None:
    assert sqlite_module().__name__ == "pysqlite3"
    assert (store.sqlite_version() or ()) >= SAFE_SQLITE


def test_a_reader_can_not_write(store: Store) -> None:
    with pytest.raises(DatabaseProblem) as caught, store.reading() as session:
        session.connection().exec_driver_sql("DELETE FROM connections")
    assert caught.value.kind == "read_only"


def test_eight_writers_are_never_told_that_it_is_locked(store: Store) -> None:
    _counter(store)

    def write(_: int) -> None:
        for _turn in range(25):
            with store.bulk() as link:
                value = link.exec_driver_sql("SELECT number FROM counters").scalar_one()
                link.exec_driver_sql("UPDATE counters SET number = ?", (value + 1,))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert _count(store) == 200


def test_a_writer_waits_for_a_long_one_of_its_own_process(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _counter(store)
    monkeypatch.setattr("data.store.BUSY_TIMEOUT_MS", 10)
    with ThreadPoolExecutor(1) as pool:
        with store.bulk() as link:
            waiting = pool.submit(_write, store, "SELECT 1")
            assert not wait([waiting], timeout=0.3).done
            link.exec_driver_sql("UPDATE counters SET number = 1")
        waiting.result()
    assert _count(store) == 7


def test_whoever_can_not_wait_is_told_that_it_is_busy(store: Store) -> None:
    def write() -> None:
        with store.bulk(patience=0.01):
            pass

    with ThreadPoolExecutor(1) as pool, store.bulk():
        problem = pool.submit(write).exception()
    assert isinstance(problem, DatabaseProblem)
    assert problem.kind == "locked"


def test_several_processes_lose_no_update(store: Store) -> None:
    _counter(store)
    running = [processes.start(ADD_ONE, store.url, "40") for _ in range(4)]
    for process in running:
        processes.ended(process)
    assert _count(store) == 160


def test_a_reader_sees_the_last_commit_while_a_writer_is_at_work(store: Store) -> None:
    seeds.source(store, "one")
    with store.bulk() as link:
        link.exec_driver_sql("DELETE FROM sources")
        with store.reading() as session:
            assert session.connection().exec_driver_sql("SELECT count(*) FROM sources").scalar_one() == 1


def test_a_full_disk_is_said_in_words_and_leaves_nothing_half_written(store: Store) -> None:
    _counter(store)
    with store.bulk() as link:
        pages = link.exec_driver_sql("PRAGMA page_count").scalar_one()

    with pytest.raises(DatabaseProblem) as caught:
        _write(store, f"PRAGMA max_page_count={pages}", BIG)

    assert caught.value.kind == "disk_full"
    assert "space" in caught.value.advice
    assert _count(store) == 0


def test_a_file_that_may_not_be_written_is_said_in_words(tmp_path: Path, store: Store) -> None:
    _counter(store)
    store.close()
    locked_up = Store.at(f"sqlite:///{tmp_path / 'cache.db'}")
    with pytest.raises(DatabaseProblem) as caught:
        _write(locked_up, "PRAGMA query_only=on")
    assert caught.value.kind == "read_only"
    locked_up.close()
    assert _count(store) == 0


def test_a_damaged_file_is_found(store: Store) -> None:
    assert store.path is not None
    for number in range(300):
        seeds.source(store, f"source {number}")
    store.close()
    content = bytearray(store.path.read_bytes())
    content[4096 * 3 : 4096 * 12] = b"\x5a" * 4096 * 9
    store.path.write_bytes(content)
    assert _found(store)


def _found(store: Store) -> bool:
    try:
        return store.damage() is not None
    except DatabaseProblem as problem:
        return problem.kind == "damaged"


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(DatabaseProblem, match="forgets everything"):
        Store.at("sqlite://")


def test_leases_are_compared_on_the_clock_of_the_database(store: Store) -> None:
    with store.bulk() as link:
        assert abs(leases.clock(link) - now().timestamp()) < 5


def test_an_error_in_a_unit_of_work_undoes_all_of_it(store: Store) -> None:
    _counter(store)

    def fail() -> None:
        with store.writing() as session:
            session.connection().exec_driver_sql("UPDATE counters SET number = 7")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert _count(store) == 0
    thread = threading.Thread(target=seeds.source, args=(store, "after"))
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
