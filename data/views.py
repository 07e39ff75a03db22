"""Statements for saved views."""

from sqlmodel import col, select

from data.models import View
from data.store import Session


def by_id(session: Session, number: int) -> View | None:
    """Find a view by number."""
    return session.get(View, number)


def of(session: Session, owner: int) -> list[View]:
    """Give every view of a person, the oldest first."""
    return list(session.exec(select(View).where(View.owner_id == owner).order_by(col(View.id))))
