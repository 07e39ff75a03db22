"""What imiconnect's callbacks do: they move the message that they are about, forward, and are kept with it as sent.

A callback is about the message whose address it came to, and only if the ids in it are not another's: the transaction
id first, then the correlation id. One whose message is not known is offered again for a day.
"""

import json
from typing import Final

from data import deliveries
from data.models import Message
from data.store import Session
from data.types import MessageState, Vendor
from services.desk import Desk
from services.messaging import codes, standing, states
from services.vendors.imiconnect import Delivery, delivery
from services.webhooks import Heard, NotBelieved, NotYet, on_event
from services.webhooks.believing import DELIVERY

BY: Final = "callback"
_S = MessageState
_UNANSWERED: Final = frozenset({_S.POSTING.value, _S.UNKNOWN.value})


@on_event(Vendor.IMICONNECT, DELIVERY)
def follow(desk: Desk, heard: Heard) -> str:
    """Move the message that a callback is about; gives what that did in words.

    Raises NotYet when no message of ours is known by it, NotBelieved when its ids are another's.
    """
    told = delivery(heard.body)
    if told is None:
        raise NotBelieved("It says nothing of a message.")
    with desk.store.writing() as session:
        message = _about(session, heard, told)
        return _noted(session, message, heard, told)


def settle_first(session: Session, message: Message) -> bool:
    """Settle the attempt that a new one, answered with 7306, has proven taken; tells whether there is one.

    Only when it is certain which: no attempt before was taken already, and of one alone nobody knows.
    """
    query = deliveries.by_correlation(session, message.source_id, message.correlation_id)
    before = [each for each in query if (each.id or 0) < (message.id or 0)]
    unclear = [each for each in before if each.state == _S.UNKNOWN]
    if len(unclear) != 1 or any(each.transid for each in before):
        return False
    words = "A new attempt was told “duplicate” (7306): the vendor has this one."
    return states.move(session, unclear[0], _S.ACCEPTED, by="vendor", words=words, code=codes.DUPLICATE)


def _about(session: Session, heard: Heard, told: Delivery) -> Message:
    """Find the message that a callback is about. Raises NotYet or NotBelieved."""
    message = deliveries.by_press(session, heard.source_id, heard.about or "")
    if message is None:
        raise NotYet("No message of ours is known by it.")
    if message.transid is not None and told.transid is not None:
        if told.transid != message.transid:
            raise _foreign(session, message, told)
    elif told.correlation_id not in {None, message.correlation_id} or _is_of_another(session, message, told):
        raise _foreign(session, message, told)
    return message


def _is_of_another(session: Session, message: Message, told: Delivery) -> bool:
    return told.transid is not None and deliveries.by_transid(session, message.source_id, told.transid) is not None


def _foreign(session: Session, message: Message, told: Delivery) -> NotYet | NotBelieved:
    """Tell ids of another message, which are not believed here, from ids that nobody knows."""
    other = deliveries.by_transid(session, message.source_id, told.transid) if told.transid else None
    if other is None and told.correlation_id not in {None, message.correlation_id}:
        shared = deliveries.by_correlation(session, message.source_id, told.correlation_id or "")
        other = shared[0] if shared else None
    if other is None:
        return NotYet(f"It came to the address of message {message.id}, but no message of ours has its ids.")
    words = f"It came to the address of message {message.id} with the ids of message {other.id}: neither was moved."
    return NotBelieved(words)


def _noted(session: Session, message: Message, heard: Heard, told: Delivery) -> str:
    if told.transid is not None and message.transid is None:
        message.transid = told.transid
    message.heard_at = max(heard.received_at, message.heard_at or heard.received_at)
    before = message.state
    to = _S(told.state or before)
    says = codes.told(told.code, told.reason or told.raw_status or "")
    moved = states.move(
        session,
        message,
        to,
        by=BY,
        words=says.words,
        code=told.code,
        told_at=told.at,
        raw=json.dumps(heard.body, ensure_ascii=False),
        inbox_id=heard.id,
    )
    if moved and to is _S.FAILED:
        message.advice = says.advice or None
        standing.failed(session, message.source_id, told.code)
    if moved:
        return f"Message {message.id} is {to.value}: {says.words}"
    if told.state is None:
        return f"It moves nothing: {says.words}"
    return f"Message {message.id} stays {before}: {to.value} was told {'again' if to == before else 'out of turn'}."
