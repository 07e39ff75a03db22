"""Statements for the named test recipients."""

from collections.abc import Collection, Iterable

from sqlmodel import col, func, select

from data import names
from data.models import Draft, Message, Recipient
from data.staging import chunks
from data.store import Session
from data.types import LEAVING


def by_id(session: Session, number: int) -> Recipient | None:
    """Find a recipient by number, removed ones too."""
    return session.get(Recipient, number)


def by_ids(session: Session, numbers: Collection[int]) -> dict[int, Recipient]:
    """Find recipients by their numbers, removed ones too."""
    found: dict[int, Recipient] = {}
    for stretch in chunks(numbers):
        query = select(Recipient).where(col(Recipient.id).in_(stretch))
        found |= {each.id or 0: each for each in session.exec(query)}
    return found


def named(session: Session, name: str) -> Recipient | None:
    """Find the recipient of a name, if it was not removed."""
    kept = select(Recipient).where(Recipient.name_key == names.key(name), col(Recipient.removed_at).is_(None))
    return session.exec(kept).one_or_none()


def of_igsid(session: Session, igsid: str) -> Recipient | None:
    """Find who has a vendor's id, if they were not removed."""
    kept = select(Recipient).where(Recipient.igsid == igsid, col(Recipient.removed_at).is_(None))
    return session.exec(kept).one_or_none()


def kept(session: Session) -> list[Recipient]:
    """Give every recipient that was not removed."""
    return list(session.exec(select(Recipient).where(col(Recipient.removed_at).is_(None))))


def any_ever(session: Session) -> bool:
    """Tell whether there ever was a recipient."""
    return session.exec(select(Recipient.id).limit(1)).first() is not None


def add_all(session: Session, added: Iterable[Recipient]) -> None:
    """Keep recipients, new or changed."""
    session.add_all(added)
    session.flush()


def drafts_for(session: Session, number: int) -> int:
    """Count the drafts that are meant for a recipient."""
    meant = select(func.count()).select_from(Draft)
    return session.exec(meant.where(Draft.recipient_id == number, col(Draft.removed_at).is_(None))).one()


def leaving_for(session: Session, number: int) -> int:
    """Count the messages to a recipient that are about to leave."""
    about = select(func.count()).select_from(Message)
    return session.exec(about.where(Message.recipient_id == number, col(Message.state).in_(LEAVING))).one()
