"""Answers kept until anybody writes to the database, in any process: what everyone asks is read once."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, PoolProxiedConnection
from sqlmodel import Session

P = ParamSpec("P")
T = TypeVar("T")

ROOM = 64
"""Answers, the largest of them a page of rows: those asked for longest ago are forgotten first."""


class Watch:
    """Tells whether a SQLite file was written to, with a connection of its own that asks nothing else."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._link: PoolProxiedConnection | None = None
        self._opened = 0
        self._turn = threading.Lock()

    def version(self) -> tuple[int, int] | None:
        """Give a pair that is another one after any commit; None where that can't be told.

        The pragma's number compares only with others of one connection, so the pair says which one gave it.
        """
        if self._engine.dialect.name != "sqlite":
            return None
        failed: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        with self._turn:
            try:
                if self._link is None:
                    self._link, self._opened = self._engine.raw_connection(), self._opened + 1
                cursor = self._link.cursor()
                cursor.execute("PRAGMA data_version")
                found = cursor.fetchone()
                cursor.close()
            except failed:  # whoever asks reads the database itself then, and is told what is wrong with it
                return None
        return (self._opened, int(found[0])) if found else None

    def close(self) -> None:
        """Give the connection back; the next question opens another one."""
        with self._turn:
            if self._link is not None:
                self._link.close()
                self._link = None


class Kept:
    """The answers of one database: each holds until the next commit of anybody.

    The version is read before the answer: an answer may be newer than its version says, never older.
    """

    def __init__(self, watch: Watch, reading: Callable[[], AbstractContextManager[Session]]) -> None:
        self._watch, self._reading = watch, reading
        self._turn = threading.Lock()
        self._version: tuple[int, int] | None = None
        self._answers: OrderedDict[Any, Any] = OrderedDict()

    def ask(self, at: object, question: Callable[Concatenate[Session, P], T], /, *args: P.args, **named: P.kwargs) -> T:
        """Give the answer to a question; `at` is the time that it may depend on, as coarse as the asker can bear."""
        version = self._watch.version()
        key = (at, question, args, tuple(named.items()))
        with self._turn:
            if version != self._version:
                self._version = version
                self._answers.clear()
            elif version is not None and key in self._answers:
                self._answers.move_to_end(key)
                found: T = self._answers[key]
                return found
        with self._reading() as session:
            answer = question(session, *args, **named)
        self._keep(version, key, answer)
        return answer

    def _keep(self, version: tuple[int, int] | None, key: Any, answer: Any) -> None:
        with self._turn:
            if version is not None and version == self._version:
                self._answers[key] = answer
                if len(self._answers) > ROOM:
                    self._answers.popitem(last=False)
