"""What the composer asks of messages: what the press of a draft did, and what this draft sent last."""

from typing import Any, NamedTuple

from sqlalchemy import func, select

from data.queries._tables import messages, sendings
from data.store import Session


class Pressed(NamedTuple):
    """What a press did: the message that it sent, or the send to a list; neither before it."""

    message: int | None = None
    sending: int | None = None

    def __bool__(self) -> bool:
        """Tell whether it was used."""
        return self != Pressed()


def pressed(session: Session, press: str) -> Pressed:
    """Tell what the press of a draft did."""
    message = select(messages.c.id).where(messages.c.press == press).scalar_subquery()
    sending = select(sendings.c.id).where(sendings.c.press == press).scalar_subquery()
    return Pressed._make(session.connection().execute(select(message, sending)).one())


def last(session: Session, draft_id: str) -> dict[str, Any] | None:
    """Give the JSON that this draft sent last; None when it sent nothing yet."""
    query = select(messages.c.payload).where(messages.c.draft_id == draft_id).order_by(messages.c.id.desc()).limit(1)
    found: dict[str, Any] | None = session.connection().execute(query).scalar_one_or_none()
    return found


def stopped(session: Session, sending: int) -> int:
    """Count the messages of a list that never left because somebody stopped it."""
    never = messages.c.sending_id == sending, messages.c.code == "stopped"
    number: int = session.connection().execute(select(func.count()).where(*never)).scalar_one()
    return number
