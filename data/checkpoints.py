"""Moving what was written from the log into the database file: beside the work that follows, not before it."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection as Link
from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import TimeoutError as PoolExhausted


class Checkpoints:
    """Moves the log of one SQLite file in a thread, with a connection of its own that asks nothing else.

    Nothing rests on it: what it can't move (the disk is full, a reader holds the log, the process is killed) the next
    commit or the next start moves, as without it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._link: PoolProxiedConnection | None = None
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def aside(self, link: Link) -> Iterator[None]:
        """Let a transaction of this connection, begun and committed within, be moved beside what comes after it."""
        driver = link.connection.driver_connection
        pages = _answer(driver, "wal_autocheckpoint")
        _answer(driver, "wal_autocheckpoint=0")
        try:
            yield
        finally:
            _answer(driver, f"wal_autocheckpoint={pages}")
        self._begin()

    def close(self) -> None:
        """Wait for what is being moved, and give the connection back; the next transaction opens another one."""
        with self._turn:
            if self._thread is not None:
                self._thread.join()
            if self._link is not None:
                self._link.close()
            self._thread = self._link = None

    def _begin(self) -> None:
        """Begin to move, unless that goes on already: then the next commit moves the rest."""
        with self._turn, self._unless_it_fails():
            if self._thread is None or not self._thread.is_alive():
                self._link = self._link or self._engine.raw_connection()
                self._thread = threading.Thread(target=self._move, args=(self._link,), name="checkpoint")
                self._thread.start()

    def _move(self, link: PoolProxiedConnection) -> None:
        with self._unless_it_fails():
            _answer(link.driver_connection, "wal_checkpoint(PASSIVE)")

    def _unless_it_fails(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.suppress(self._engine.dialect.loaded_dbapi.Error, PoolExhausted)


def _answer(driver: Any, pragma: str) -> Any:
    cursor = driver.cursor()
    row = cursor.execute(f"PRAGMA {pragma}").fetchone()
    cursor.close()
    return row and row[0]
