"""Statements for attempts to connect and their story; what the pages ask is in `data.queries.attempts`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select as rows
from sqlmodel import SQLModel, col, select

from data.models import Attempt, AttemptEvent, Connection
from data.store import Session
from data.types import AttemptState

_attempts = SQLModel.metadata.tables[Attempt.__tablename__]
_connections = SQLModel.metadata.tables[Connection.__tablename__]


class Known(NamedTuple):
    """What the cache knows of a connection that an attempt is about."""

    id: str
    source_id: int
    kind: str
    platform: str
    vendor_id: str
    external_id: str | None
    platform_id: str | None
    handle: str | None
    name: str | None
    status: str
    health: str
    extra: dict[str, Any] | None
    first_seen_at: datetime
    vanished_at: datetime | None


def by_id(session: Session, number: int) -> Attempt | None:
    """Find an attempt by its number; in a unit of work nobody else changes it until its end."""
    return session.get(Attempt, number, with_for_update=True)


def by_key(session: Session, key: str) -> Attempt | None:
    """Find an attempt by its one-time key."""
    return session.exec(select(Attempt).where(Attempt.key == key)).one_or_none()


def open_in(session: Session, person: str, slot: str) -> Attempt | None:
    """Give the open attempt of a person about one thing; there is one at most."""
    query = select(Attempt).where(Attempt.person == person, Attempt.slot == slot, col(Attempt.ended_at).is_(None))
    return session.exec(query).one_or_none()


def open_of(session: Session, person: str) -> list[Attempt]:
    """Give the open attempts of a person, the newest first."""
    query = select(Attempt).where(Attempt.person == person, col(Attempt.ended_at).is_(None))
    return list(session.exec(query.order_by(col(Attempt.id).desc())))


def open_at(session: Session, source_id: int) -> list[Attempt]:
    """Give everybody's open attempts at one source, the oldest first: what its webhooks may be about."""
    query = select(Attempt).where(Attempt.source_id == source_id, col(Attempt.ended_at).is_(None))
    return list(session.exec(query.order_by(col(Attempt.id))))


def waiting(session: Session) -> list[Attempt]:
    """Give the attempts that wait for a vendor, those of the longest silence first."""
    query = select(Attempt).where(Attempt.state == AttemptState.WAITING.value, col(Attempt.ended_at).is_(None))
    return list(session.exec(query.order_by(col(Attempt.changed_at), col(Attempt.id))))


def overdue(session: Session, at: datetime) -> list[Attempt]:
    """Give the open attempts whose time is over."""
    query = select(Attempt).where(col(Attempt.ended_at).is_(None), col(Attempt.ends_at) <= at)
    return list(session.exec(query.order_by(col(Attempt.id))))


def claimed(session: Session, source_id: int, since: datetime) -> set[str]:
    """Give the connections that attempts at a source ended with since an instant: no other attempt made them."""
    here = _attempts.c
    query = rows(here.connection_id).where(
        here.connection_id.is_not(None), here.source_id == source_id, here.ended_at >= since
    )
    return set(session.connection().execute(query).scalars())


def keep(session: Session, *made: Attempt | AttemptEvent) -> None:
    """Write new or changed rows in the caller's transaction."""
    session.add_all(made)
    session.flush()


def connection(session: Session, connection_id: str) -> Known | None:
    """Give what the cache knows of a connection."""
    query = rows(*(_connections.c[name] for name in Known._fields)).where(_connections.c.id == connection_id)
    found = session.connection().execute(query).one_or_none()
    return None if found is None else Known._make(found)


def asked_by(session: Session, source_id: int, ids: Collection[str]) -> set[str]:
    """Give the connections of a source that go by any of these ids: its list's, or the one of their sign-in."""
    here = _connections.c
    own = here.vendor_id.in_(ids) | here.extra["oauth_id"].as_string().in_(ids)
    query = rows(here.id).where(here.source_id == source_id, here.vanished_at.is_(None), own)
    return set(session.connection().execute(query).scalars())


def listed(session: Session, connection_ids: Collection[str]) -> dict[str, Known]:
    """Give those of some connections that their source lists now, by id."""
    here = _connections.c
    query = rows(*(here[name] for name in Known._fields)).where(here.id.in_(connection_ids), here.vanished_at.is_(None))
    return {row.id: Known._make(row) for row in session.connection().execute(query)}
