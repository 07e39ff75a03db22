"""The engine and its two kinds of session: one writer at a time, readers that never wait."""

import contextlib
import importlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection as Link
from sqlalchemy import Engine, create_engine, event, make_url
from sqlmodel import Session

from data.checkpoints import Checkpoints
from data.errors import DatabaseProblem, translated
from data.kept import Kept, Watch

__all__ = ["Session", "Store", "now", "sqlite_module"]

BUSY_TIMEOUT_MS = 5_000
PATIENCE = 120.0
"""Seconds that a writer waits for the others of its own process: they are at work, and each of them comes to an end."""
SAFE_SQLITE = (3, 51, 3)  # before it, a WAL reset can corrupt a file with several connections (PLATFORM.md)


def sqlite_module() -> ModuleType:
    """Give pysqlite3 (a SQLite without the WAL-reset bug) when it can be imported, else Python's own sqlite3."""
    try:
        module = importlib.import_module("pysqlite3")
    except ImportError:
        module = sqlite3
    module.register_adapter(bool, int)  # both drivers search long for how to bind a boolean or None unless told:
    module.register_adapter(type(None), {}.get)  # a wide row took ten times as long (.get(None) is None)
    return module


def now() -> datetime:
    """Give this instant in UTC, without microseconds: what a person can compare."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Store:
    """One database: `writing()` is a unit of work that commits at its end, `reading()` never writes."""

    url: str
    writer: Engine
    reader: Engine
    _turn: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)
    _checkpoints: Checkpoints = field(init=False, repr=False, compare=False)
    _watch: Watch = field(init=False, repr=False, compare=False)
    kept: Kept = field(init=False, repr=False, compare=False)
    """The answers that hold until the next commit."""

    def __post_init__(self) -> None:
        """Begin to watch for commits, without opening anything yet."""
        object.__setattr__(self, "_checkpoints", Checkpoints(self.writer))
        object.__setattr__(self, "_watch", Watch(self.reader))
        object.__setattr__(self, "kept", Kept(self._watch, self.reading))

    @classmethod
    def at(cls, url: str) -> "Store":
        """Prepare the engines of a database URL; nothing is opened yet. Raises DatabaseProblem for a wrong URL."""
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            engine = create_engine(parsed, pool_pre_ping=True)
            return cls(url, engine, engine)
        if not parsed.database or parsed.database == ":memory:":
            message = "PATCHBAY_DATABASE_URL names no file, and a database in memory forgets everything."
            raise DatabaseProblem("settings", message, "Name a file: sqlite:////folder/patchbay.db")
        return cls(url, _sqlite_engine(f"file:{_quoted(parsed.database)}?mode=rwc&uri=true"), _reader(parsed.database))

    @property
    def path(self) -> Path | None:
        """Give the database file, or None for a server."""
        parsed = make_url(self.url)
        return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a unit of work: it holds the write lock, commits at its end and rolls back on any error."""
        with translated(), self._in_turn(), Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that can't write; fetch all and leave it, never keep a cursor."""
        with translated(), Session(self.reader, expire_on_commit=False) as session:
            yield session

    @contextlib.contextmanager
    def bulk(self, *, patience: float = PATIENCE) -> Iterator[Link]:
        """Open the writer's bare connection in one transaction: for set-based statements."""
        with translated(), self._in_turn(patience), self.writer.begin() as link:
            yield link

    @contextlib.contextmanager
    def large(self) -> Iterator[Link]:
        """Open `bulk` for very many rows: the file takes them over from the log beside what follows, not before it."""
        if (self.sqlite_version() or ()) < SAFE_SQLITE:  # another database, or one whose log bears no two at a time
            with self.bulk() as link:
                yield link
            return
        with translated(), self._in_turn(), self.writer.connect() as link, self._checkpoints.aside(link), link.begin():
            yield link

    @contextlib.contextmanager
    def _in_turn(self, patience: float = PATIENCE) -> Iterator[None]:
        """Let this process's writers follow each other at once: SQLite's own wait sleeps up to 100 ms at a time."""
        if self.path is None:
            yield
            return
        if not self._turn.acquire(timeout=patience):
            raise DatabaseProblem("locked", "The database is busy with another writer.", "Try again in a moment.")
        try:
            yield
        finally:
            self._turn.release()

    def sqlite_version(self) -> tuple[int, ...] | None:
        """Give the version of the SQLite in use, or None on another database."""
        if self.path is None:
            return None
        version: tuple[int, ...] = sqlite_module().sqlite_version_info
        return version

    def damage(self) -> str | None:
        """Say what SQLite's quick check finds wrong with the file, or None."""
        if self.path is None:
            return None
        with translated(), self.reader.connect() as link:
            found = str(link.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
        return None if found == "ok" else found

    def close(self) -> None:
        """Close every pooled connection; the writer last, because only it can move the WAL into the file."""
        self._watch.close()
        self._checkpoints.close()
        self.reader.dispose()
        self.writer.dispose()


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _reader(path: str) -> Engine:
    return _sqlite_engine(f"file:{_quoted(path)}?mode=ro&uri=true", write=False)


def _sqlite_engine(address: str, *, write: bool = True) -> Engine:
    """Make an engine that begins its transactions itself: the driver's own habit loses updates (PLATFORM.md)."""
    engine = create_engine(
        f"sqlite:///{address}",
        module=sqlite_module(),
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
        pool_size=16,
        max_overflow=16,
        pool_timeout=10,
    )

    @event.listens_for(engine, "connect")
    def _prepare(driver: Any, _record: Any) -> None:
        driver.isolation_level = None
        cursor = driver.cursor()
        cache = "cache_size=-131072" if write else "cache_size=-8192"  # 128 MiB hold a first sync's pages until its end
        pragmas = [f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=on", cache]
        if write:
            pragmas += ["journal_mode=wal", "synchronous=full", "temp_store=memory"]
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(link: Link) -> None:
        link.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
