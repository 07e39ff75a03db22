"""The intake: webhooks that were believed, durable in a file of their own until the inbox has them.

A long sync holds the write lock of the database for seconds; a vendor waits five, then calls it a failure. Here nobody
else writes, so that a webhook is durable within milliseconds whatever the database is doing.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, delete, insert, inspect, select

from data.store import Store
from data.types import UtcDateTime

_metadata = MetaData()
_kept = Table(
    "kept",
    _metadata,
    Column("number", Integer, primary_key=True),
    Column("source_id", Integer, nullable=False),
    Column("event_id", String, nullable=False),
    Column("event", String, nullable=False),
    Column("about", String),
    Column("told_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, so that what was taken over can be forgotten by it
)


class Entry(NamedTuple):
    """One webhook as it was believed, by the names of the inbox."""

    source_id: int
    event_id: str
    event: str
    about: str | None
    told_at: datetime | None
    received_at: datetime
    body: str


class Intake:
    """The file of an intake; it is made with the first webhook."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = Store.at(f"sqlite:///{path}")
        self._made = False

    def keep(self, entries: Sequence[Entry]) -> None:
        """Make webhooks durable, all or none. Raises DatabaseProblem."""
        with self._store.bulk() as link:
            if not self._made:
                _metadata.create_all(link)
            link.execute(insert(_kept), [entry._asdict() for entry in entries])
        self._made = True

    def waiting(self, most: int) -> list[tuple[int, Entry]]:
        """Give the oldest that the inbox may not have yet, each with its number. Raises DatabaseProblem."""
        if not self._made and not self._there():
            return []
        with self._store.reading() as session:
            link = session.connection()
            if not self._made and not inspect(link).has_table(_kept.name):
                return []  # the file is there and its first webhook is not: `keep` alone says that it is made
            rows: Sequence[Any] = link.execute(select(_kept).order_by(_kept.c.number).limit(most)).all()
        return [(row[0], Entry(*row[1:])) for row in rows]

    def forget(self, numbers: Sequence[int]) -> None:
        """Let go of what the inbox has. Raises DatabaseProblem."""
        with self._store.bulk() as link:
            link.execute(delete(_kept).where(_kept.c.number.in_(numbers)))

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def _there(self) -> bool:
        """Tell whether the file has begun, be it by an earlier process or by the first webhook at this moment."""
        return self.path.exists() and self.path.stat().st_size > 0
