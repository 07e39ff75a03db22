"""Statements for the audit trail: append a row, read the chain in order, and see whether its end was cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from data.models import AuditRow
from data.store import Session

COLUMNS = "id, at, actor, action, subject, before, after, outcome, reason, previous, hash"
CHUNK = 10_000


def last(session: Session) -> AuditRow | None:
    """Give the newest row."""
    return session.exec(select(AuditRow).order_by(col(AuditRow.id).desc()).limit(1)).first()


def append(session: Session, row: AuditRow) -> None:
    """Add a row to the caller's transaction."""
    session.add(row)
    session.flush()


def in_order(session: Session) -> Iterator[tuple[Any, ...]]:
    """Give every row by id as plain values; instants as the database keeps them."""
    with any_bytes(session):
        found = session.connection().execute(text(f"SELECT {COLUMNS} FROM audit ORDER BY id"))  # noqa: S608 (ours)
        while rows := found.cursor.fetchmany(CHUNK) if found.cursor is not None else []:
            yield from rows


@contextmanager
def any_bytes(session: Session) -> Iterator[None]:
    """Read texts for the length of a block whatever bytes they hold: what was meddled with must not stop a check."""
    link = session.connection()
    if link.dialect.name != "sqlite":
        yield
        return
    raw: Any = link.connection.dbapi_connection
    raw.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = str


def highest_ever(session: Session) -> int:
    """Give the highest id ever handed out: SQLite keeps it apart from the rows; 0 where none is kept."""
    if session.get_bind().dialect.name != "sqlite":
        return 0
    found = session.connection().execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")).scalar()
    return int(found or 0)


def newest(session: Session, limit: int) -> list[AuditRow]:
    """Give the newest rows first."""
    return list(session.exec(select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)))
