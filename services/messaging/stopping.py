"""Stops a send to a list: from the first commit on nothing of it leaves, then what waits is refused, some at a time."""

from data import messages
from data.models import Message, Sending
from data.store import Session, now
from data.types import MessageState, SendingState
from services import audit
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Misuse
from services.messaging import states

CHUNK = 100
"""Messages that are refused in one transaction: others write between two of them."""


@requires(Permission.SEND_TESTS, "message.stop_list", "sending {}")
def stop(desk: Desk, actor: Actor, sending_id: int) -> Sending:
    """Stop a send to a list: what has not left is refused and never leaves. Raises Misuse for an unknown one."""
    with desk.store.writing() as session:
        found = messages.sending(session, sending_id)
        if found is None:
            raise Misuse(f"There is no send to a list {sending_id}.", "The sent messages name theirs.")
        if found.state != SendingState.RUNNING:
            return found
        found.state, found.stopped_by, found.ended_at = SendingState.STOPPED.value, actor.username, now()
        messages.keep(session, found)
        after = {"state": found.state, "not_sent": messages.reserved_number(session, sending_id)}
        audit.record(session, actor, "message.stop_list", f"sending {sending_id}", after=after)
    last: int | None = 0
    while last is not None:
        last = _next_refused(desk, found, last)
    return found


def is_stopped(session: Session, message: Message) -> Sending | None:
    """Give the list of a message if it was stopped: then the message leaves no more, whoever has it in hand."""
    found = messages.sending(session, message.sending_id) if message.sending_id is not None else None
    return found if found is not None and found.state == SendingState.STOPPED else None


def refuse(session: Session, stopped: Sending, *waiting: Message) -> str:
    """Refuse messages of a stopped list that have not left; gives the sentence that stands as their reason."""
    words, by = f"Stopped by {stopped.stopped_by}; nothing was sent.", stopped.stopped_by or ""
    states.move_all(session, waiting, MessageState.REFUSED, by=by, words=words, code="stopped")
    return words


def _next_refused(desk: Desk, stopped: Sending, after: int) -> int | None:
    """Refuse the next few that wait, in a transaction of their own; gives the last one's number, None at the end."""
    with desk.store.writing() as session:
        waiting = messages.reserved_of(session, stopped.id or 0, after=after, most=CHUNK)
        refuse(session, stopped, *waiting)
    return waiting[-1].id if len(waiting) == CHUNK else None
