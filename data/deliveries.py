"""The messages that a callback of imiconnect may be about: by our own reference, the vendor's id, or the shared one."""

from sqlmodel import col, select

from data.models import Message
from data.store import Session


def by_press(session: Session, source_id: int, press: str) -> Message | None:
    """Find the message that carries a reference in the address of its callbacks."""
    return session.exec(select(Message).where(Message.press == press, Message.source_id == source_id)).one_or_none()


def by_transid(session: Session, source_id: int, transid: str) -> Message | None:
    """Find the message that the vendor knows by a transaction id."""
    query = select(Message).where(Message.transid == transid, Message.source_id == source_id)
    return session.exec(query.order_by(col(Message.id)).limit(1)).one_or_none()


def by_correlation(session: Session, source_id: int, correlation_id: str) -> list[Message]:
    """Give the messages with a correlation id, the oldest first: an attempt that was tried again shares it."""
    query = select(Message).where(Message.correlation_id == correlation_id, Message.source_id == source_id)
    return list(session.exec(query.order_by(col(Message.id))))
