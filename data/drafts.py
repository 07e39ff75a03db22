"""Statements for drafts."""

from sqlmodel import col, func, select

from data.models import Draft, Message, Sending
from data.store import Session


def by_id(session: Session, number: str) -> Draft | None:
    """Find a draft by its id, a discarded one too."""
    return session.get(Draft, number)


def message(session: Session, number: int) -> Message | None:
    """Find a message that a draft may be made of."""
    return session.get(Message, number)


def was_pressed(session: Session, press: str) -> bool:
    """Tell whether a message or a list of them went by this press."""
    one = session.exec(select(Message.id).where(Message.press == press)).first()
    return one is not None or session.exec(select(Sending.id).where(Sending.press == press)).first() is not None


def of_source(session: Session, number: int) -> int:
    """Count the drafts that are to be sent from a source."""
    meant = select(func.count()).select_from(Draft)
    return session.exec(meant.where(Draft.source_id == number, col(Draft.removed_at).is_(None))).one()
