"""Takes up what a process that ended left of its messages: what was not marked leaves once, what was is unknown."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from data import messages
from data.messages import Left
from data.store import now
from data.types import MessageState
from services.desk import Desk
from services.failures import Failure
from services.messaging import leaving, streams
from services.messaging.leaving import Outcome

PRESENT = timedelta(hours=1)
"""A reserved message that waited longer than this does not leave by itself any more: its moment is over."""
EACH = 1.0
"""Seconds of the time that a message which is taken up may wait for its turn."""
_CUT_OFF = "Its request was cut off before its outcome was written down."
_TOO_LATE = Failure("too_late", "It waited for more than an hour after a restart.", "Send it again if it is wanted.")

Beside = Callable[[Callable[[], object], threading.Event], object]
"""Runs a job, at once or in a thread of its own that ends at its next step when the event is set."""


def resume(desk: Desk, *, beside: Beside = lambda job, _stop: job()) -> int:
    """Settle what was on its way, let leave what was reserved; gives how many messages that was about."""
    settled = settle_abandoned(desk)
    taken = _taken_over(desk)
    if taken:
        stop = threading.Event()
        beside(partial(streams.leave_all, desk, taken, stop), stop)
    else:
        streams.finish_lists(desk)
    return settled + len(taken)


def settle_abandoned(desk: Desk) -> int:
    """Call unknown what a dead or silent process had on its way; gives how many messages."""
    with desk.store.reading() as session:
        if not messages.abandoned(session, MessageState.POSTING):
            return 0
    with desk.store.writing() as session:
        left = messages.abandoned(session, MessageState.POSTING)
        for each in left:
            message = messages.by_id(session, each.id)
            if message is not None:
                outcome = Outcome(MessageState.UNKNOWN, _CUT_OFF, advice=leaving.UNKNOWN_ADVICE)
                leaving.ended(session, message, outcome, by=leaving.PATCHBAY)
    return len(left)


def _taken_over(desk: Desk) -> list[int]:
    """Make the messages that were left reserved this process's own; those that waited too long are refused."""
    with desk.store.reading() as session:
        if not messages.abandoned(session, MessageState.RESERVED):
            return []
    with desk.store.writing() as session:
        left = messages.abandoned(session, MessageState.RESERVED)
        messages.take_over(session, [each.id for each in left], EACH * len(left))
    present = [each for each in left if not _is_late(each)]
    for late in (each for each in left if _is_late(each)):
        leaving.refuse(desk, late.id, _TOO_LATE)
    return [each.id for each in present]


def _is_late(each: Left) -> bool:
    return now() - each.created_at > PRESENT
