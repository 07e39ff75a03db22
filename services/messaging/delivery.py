"""What imiconnect's callbacks do: they move the message that they are about, forward, and are kept with it as sent.

A callback is about the message whose address it came to, if one of its ids is: the transaction id first, then the
correlation id; never if one is another's. One whose message is not known is offered again for a day.
"""

import json
from typing import Final

from data import messages
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
    shared = messages.attempts(session, message.source_id, message.correlation_id)
    before = [each for each in shared if (each.id or 0) < (message.id or 0)]
    unclear = [each for each in before if each.state == _S.UNKNOWN]
    if len(unclear) != 1 or any(each.transid for each in before):
        return False
    words = "A new attempt was told “duplicate” (7306): the vendor has this one."
    return states.move(session, unclear[0], _S.ACCEPTED, by="vendor", words=words, code=codes.DUPLICATE)


def _about(session: Session, heard: Heard, told: Delivery) -> Message:
    """Find the message that a callback is about. Raises NotYet or NotBelieved."""
    message = messages.by_press(session, heard.about or "")
    if message is None or message.source_id != heard.source_id:
        raise NotYet("No message of ours is known by it.")
    same = told.transid is not None and told.transid == message.transid
    other = None if same else _another(session, message, told)
    if other is not None:
        words = f"It came to the address of message {message.id} with the ids of message {other.id}: neither was moved."
        raise NotBelieved(words)
    unnamed = told.correlation_id is None and None in {told.transid, message.transid}
    if not (same or unnamed or told.correlation_id == message.correlation_id):
        raise NotYet(f"It came to the address of message {message.id}, but no message of ours has its ids.")
    return message


def _another(session: Session, message: Message, told: Delivery) -> Message | None:
    """Find the other message whose ids a callback has; one that shares the correlation id is none."""
    if told.transid is not None and (found := messages.by_transid(session, message.source_id, told.transid)):
        return None if found.id == message.id else found
    if told.correlation_id in {None, message.correlation_id}:
        return None
    return next(iter(messages.attempts(session, message.source_id, told.correlation_id or "")), None)


def _noted(session: Session, message: Message, heard: Heard, told: Delivery) -> str:
    before, says = message.state, codes.told(told.code, told.reason or told.raw_status or "")
    to = _S(told.state or before)
    moved = states.move(
        session,
        message,
        to,
        by=BY,
        words=says.words,
        code=told.code,
        advice=says.advice,
        transid=told.transid,
        at=heard.received_at,
        told_at=told.at,
        raw=json.dumps(heard.body, ensure_ascii=False),
        inbox_id=heard.id,
    )
    if moved and to is _S.FAILED:
        standing.failed(session, message.source_id, told.code)
    elif moved and to in {_S.DELIVERED, _S.READ}:
        standing.arrived(session, message.source_id)
    if moved:
        why = f": {says.words}" if to is _S.FAILED else "."
        return f"Message {message.id} is {to.value}{why}"
    if told.state is None:
        return f"It moves nothing: {says.words}"
    return f"Message {message.id} stays {before}: {to.value} was told {'again' if to == before else 'out of turn'}."
