"""Kept answers: asked once, and anew as soon as anybody has written, in this process or another."""

import sqlite3

from data.kept import ROOM
from data.store import Session, Store, sqlite_module

ASKED: list[int] = []


def _add(store: Store, number: int) -> None:
    with store.bulk() as link:
        link.exec_driver_sql("CREATE TABLE IF NOT EXISTS counters (number INTEGER)")
        link.exec_driver_sql("INSERT INTO counters VALUES (?)", (number,))


def _sum(session: Session, times: int = 1) -> int:
    ASKED.append(times)
    return times * int(session.connection().exec_driver_sql("SELECT sum(number) FROM counters").scalar_one())


def _asked(store: Store, *, at: object = None, times: int = 1) -> tuple[int, bool]:
    """Ask for the sum; tells whether the database was read for it."""
    ASKED.clear()
    return store.kept.ask(at, _sum, times), bool(ASKED)


def test_an_answer_is_read_once(store: Store) -> None:
    _add(store, 1)
    assert [_asked(store) for _ in range(3)] == [(1, True), (1, False), (1, False)]


def test_a_commit_of_this_process_shows_at_once(store: Store) -> None:
    _add(store, 1)
    _asked(store)
    _add(store, 2)
    assert [_asked(store), _asked(store)] == [(3, True), (3, False)]


def test_a_commit_of_another_connection_shows_at_once(store: Store) -> None:
    _add(store, 1)
    _asked(store)
    other: sqlite3.Connection = sqlite_module().connect(str(store.path))
    other.execute("INSERT INTO counters VALUES (4)")
    other.commit()
    other.close()
    assert _asked(store) == (5, True)


def test_other_arguments_and_other_times_are_other_questions(store: Store) -> None:
    _add(store, 1)
    _asked(store, at=1)
    assert _asked(store, at=1, times=2) == (2, True)
    assert _asked(store, at=2) == (1, True)
    assert _asked(store, at=1) == (1, False)


def test_what_was_asked_for_longest_ago_is_forgotten_first(store: Store) -> None:
    _add(store, 1)
    for times in range(ROOM):
        _asked(store, times=times)
    assert _asked(store, times=0) == (0, False)
    _asked(store, times=ROOM)
    assert _asked(store, times=0) == (0, False)
    assert _asked(store, times=1) == (1, True)


def test_what_was_written_while_a_store_was_closed_shows(store: Store) -> None:
    _add(store, 1)
    _asked(store)
    store.close()
    _add(store, 2)
    assert _asked(store) == (3, True)
