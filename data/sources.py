"""Reads and writes of the sources table that services share."""

from sqlmodel import col, select

from data.models import Source
from data.store import Session


def active(session: Session) -> list[Source]:
    """Give every source that is not removed, by name."""
    return list(session.exec(select(Source).where(col(Source.removed_at).is_(None)).order_by(Source.name)))


def every(session: Session) -> list[Source]:
    """Give every source, removed ones included: their connections still name them."""
    return list(session.exec(select(Source).order_by(Source.name)))


def named(session: Session, name: str) -> Source | None:
    """Find a source by its name, removed or not."""
    return session.exec(select(Source).where(Source.name == name)).one_or_none()


def by_id(session: Session, number: int) -> Source | None:
    """Find a source by its number."""
    return session.get(Source, number)
