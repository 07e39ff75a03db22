"""Looks after receipts: what was cut off, what is not proven yet, and accounts that live on or come back later.

What the regular syncs read is judged every minute; that is the sweep for zombies. Only what is not proven makes the
sweep itself ask the sources, with growing pauses.
"""

from datetime import datetime, timedelta

from data import disconnects
from data.models import Disconnect
from data.store import Session, now
from data.types import DisconnectState
from services.desk import Desk
from services.disconnecting import doing, proof

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=120), timedelta(hours=6)
AT_WORK = timedelta(seconds=60)
"""So long whoever sent the request proves it: nobody comes between."""


def look(desk: Desk) -> None:
    """Settle what can be settled, ask anew for what waits long enough, and find who lives on or came back."""
    doing.settle_abandoned(desk)
    at = now()
    with desk.store.reading() as session:
        waiting = [each for each in disconnects.unsettled(session) if each.state != DisconnectState.SENDING]
        receipts = disconnects.some(session, disconnects.contradicted(session))
        receipts += [each for each in disconnects.alive(session, newest=True) if proof.is_outdated(session, each)]
        moved = [each.id or 0 for each in receipts if not _is_back(session, each)]
    left = [each for each in waiting if at - each.changed_at >= AT_WORK]
    due = [each.id or 0 for each in left if at >= next_look(each)]
    proof.settle(desk, [each.id or 0 for each in left if each.id not in due])
    if due:
        proof.prove(desk, due)
    proof.settle(desk, dict.fromkeys(moved))
    _forgive_connected(desk)


def next_look(receipt: Disconnect) -> datetime:
    """Tell when the sources are to be asked again: the pauses grow with what has been waited already."""
    last = receipt.asked_at or receipt.changed_at
    return last + min(max(FIRST_PAUSE, last - receipt.began_at), LONGEST_PAUSE)


def _forgive_connected(desk: Desk) -> None:
    """Find what lived on and was connected again on purpose."""
    with desk.store.reading() as session:
        back = [each.id or 0 for each in disconnects.alive(session) if _is_back(session, each)]
    for number in back:
        with desk.store.writing() as session:
            receipt = disconnects.by_id(session, number)
            if receipt is not None:
                proof.forgive(session, receipt)


def _is_back(session: Session, receipt: Disconnect) -> bool:
    ids = [receipt.connection_id, *(each["connection"] for each in receipt.proof)]
    return disconnects.connected_since(session, ids, receipt.began_at)
