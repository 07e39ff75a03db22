"""A large transaction's way into the database file: beside what follows, and nothing rests on it."""

from typing import Any

import pytest
from sqlalchemy import event

from data.store import Store, sqlite_module
from tests import processes

MANY = "CREATE TABLE blobs AS SELECT zeroblob(1000000) AS blob"
SIZE = 1_000_000
KILLED = f"""
import os, sys
from data.store import Store
with Store.at(sys.argv[1]).large() as link:
    link.exec_driver_sql({MANY!r})
os.kill(os.getpid(), 9)
"""


def _write(store: Store) -> None:
    with store.large() as link:
        link.exec_driver_sql(MANY)


def _fail(store: Store) -> None:
    with store.large() as link:
        link.exec_driver_sql(MANY)
        raise LookupError


def _moved(store: Store) -> bool:
    """Tell whether the file itself holds the rows, once nothing moves any more."""
    assert store.path is not None
    store._checkpoints.close()
    return store.path.stat().st_size > SIZE


def _kept(store: Store) -> int:
    with store.reading() as session:
        return int(session.connection().exec_driver_sql("SELECT length(blob) FROM blobs").scalar_one())


def _pages(store: Store) -> int:
    with store.bulk() as link:
        return int(link.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one())


def test_what_a_large_transaction_wrote_is_moved_without_another_commit(store: Store) -> None:
    before = _pages(store)
    with store.large() as link:
        assert link.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one() == 0
        link.exec_driver_sql(MANY)

    assert _moved(store)
    assert _pages(store) == before


def test_one_that_fails_leaves_everything_as_it_was(store: Store) -> None:
    before = _pages(store)
    with pytest.raises(LookupError):
        _fail(store)

    assert not _moved(store)
    assert _pages(store) == before
    _write(store)
    assert _kept(store) == SIZE


def test_a_reader_that_holds_the_log_is_not_waited_for(store: Store) -> None:
    with store.reading() as session:
        tables = "SELECT count(*) FROM sqlite_master"
        seen = session.connection().exec_driver_sql(tables).scalar_one()
        _write(store)
        assert not _moved(store)
        assert session.connection().exec_driver_sql(tables).scalar_one() == seen
    with store.large() as link:
        link.exec_driver_sql("DELETE FROM sources")
    assert _moved(store)


def _no_second(driver: Any, *_: object) -> None:
    del driver
    raise sqlite_module().OperationalError("unable to open database file")


def _nothing_moved(driver: Any, *_: object) -> None:
    module = sqlite_module()
    denied = module.SQLITE_PRAGMA, "wal_checkpoint"
    driver.set_authorizer(lambda *asked: module.SQLITE_DENY if asked[:2] == denied else module.SQLITE_OK)


@pytest.mark.parametrize("refuse", [_no_second, _nothing_moved])
def test_a_log_that_can_not_be_moved_is_no_error_of_what_was_written(store: Store, refuse: Any) -> None:
    _pages(store)
    event.listen(store.writer, "connect", refuse)
    _write(store)
    assert not _moved(store)
    event.remove(store.writer, "connect", refuse)

    assert _kept(store) == SIZE
    store.close()
    assert _moved(store)


def test_a_process_killed_right_after_its_commit_lost_nothing(store: Store) -> None:
    process = processes.start(KILLED, store.url)
    process.communicate(timeout=60)
    assert process.returncode == -9
    assert _kept(store) == SIZE
    assert store.damage() is None


def test_an_older_sqlite_whose_log_bears_no_two_at_a_time_moves_it_as_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.store.SAFE_SQLITE", (99,))
    _write(store)
    assert not _moved(store)
    assert _kept(store) == SIZE
