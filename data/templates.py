"""Statements for the templates of messages."""

from sqlmodel import col, select

from data import names
from data.models import MessageTemplate
from data.store import Session


def by_id(session: Session, number: int) -> MessageTemplate | None:
    """Find a template by number, removed ones too."""
    return session.get(MessageTemplate, number)


def named(session: Session, name: str) -> MessageTemplate | None:
    """Find the template of a name, if it was not removed."""
    wanted = MessageTemplate.name_key == names.key(name)
    kept = select(MessageTemplate).where(wanted, col(MessageTemplate.removed_at).is_(None))
    return session.exec(kept).one_or_none()
