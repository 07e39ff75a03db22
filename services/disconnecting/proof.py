"""The proof of a disconnect: every source that knows the account is asked for its list, and the cache tells the rest.

Gone is what a complete list calls disconnected or no longer holds. What could not be asked is not proven.
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from data import disconnects, incidents, sources
from data.models import Disconnect, Source
from data.queries import accounts
from data.queries.accounts import Witness
from data.store import Session, now
from data.types import Cause, Contract, DisconnectState, Kind, Status, Vendor
from services import audit, readers
from services.access import SYSTEM
from services.desk import Desk
from services.disconnecting import calls
from services.disconnecting.verdicts import ALIVE, GONE, NOT_TOLD, Told, Verdict, advice_for, judge
from services.failures import Failure
from services.reports import Wish
from services.sync import sync

TRIES = 5
"""How often a source is asked whose sync is running already, a second apart."""


def prove(desk: Desk, numbers: Sequence[int]) -> None:
    """Ask every source that knows these accounts for its list, and settle the receipts by what they say."""
    names = _knowing(desk, numbers)
    for _ in range(TRIES):
        reports = sync(desk, names, Wish("proof")) if names else []
        names = [each.source for each in reports if each.problem is not None and each.problem.kind == "busy"]
        if not names:
            break
        threading.Event().wait(2 * desk.timing.backoff)  # a sync that began before the answer says nothing of it
    settle(desk, numbers, asked=True)


def settle(desk: Desk, numbers: Iterable[int], *, asked: bool = False) -> None:
    """Judge receipts by what the cache holds now, and write down how they stand.

    What waits for the end of another one of the same account is judged again after it.
    """
    left = [number for number in numbers if not _is_settled(desk, number, asked=asked)]
    for number in left:
        _is_settled(desk, number, asked=asked)


def _is_settled(desk: Desk, number: int, *, asked: bool) -> bool:
    """Judge one receipt, and tell whether it is at its end."""
    with desk.store.writing() as session:
        receipt = disconnects.by_id(session, number)
        if receipt is None or receipt.state in {DisconnectState.SENDING, DisconnectState.REFUSED}:
            return True
        _take(session, receipt, _judged(session, receipt), asked=asked)
        return receipt.state != DisconnectState.UNKNOWN


def is_outdated(session: Session, receipt: Disconnect) -> bool:
    """Tell whether an account lives on elsewhere than its receipt says: it came back, or is gone at one of several."""
    kept = {(each["connection"], each["said"]) for each in receipt.proof}
    return {(each.connection, each.said) for each in _judged(session, receipt).told} != kept


def _knowing(desk: Desk, numbers: Sequence[int]) -> list[str]:
    """Name the sources that know these accounts and have a list to ask for."""
    with desk.store.reading() as session:
        known: set[str] = set()
        for receipt in disconnects.some(session, numbers):
            known |= {each.source for each in accounts.members(session, receipt.connection_id)}
        return [each.name for each in sources.active(session) if each.name in known and each.enabled and _listing(each)]


def _listing(source: Source) -> bool:
    return readers.has_list(Vendor(source.vendor), Contract(source.contract), ["any"])


def _judged(session: Session, receipt: Disconnect) -> Verdict:
    members = accounts.members(session, receipt.connection_id)
    known = {each.name: each for each in sources.every(session)}
    numbers = {name: each.id or 0 for name, each in known.items()}
    read = disconnects.read_since(session, {each.source for each in members}, receipt.waits_after, numbers)
    before = {each["connection"] for each in receipt.plan.get("knowers", []) if each["says"] in _OVER}
    told = (_said(each, known[each.source], read, before) for each in members)
    others = [each.id for each in members if each.id != receipt.connection_id]
    busy = {each.connection_id for each in disconnects.unsettled(session, others)}
    return judge(receipt, [_patient(each) if each.connection in busy else each for each in told])


def _patient(told: Told) -> Told:
    """Let a connection that is being disconnected too count for nothing before that is settled."""
    if told.said != ALIVE:
        return told
    return told._replace(said=NOT_TOLD, words="is asked to disconnect it too, and that is not settled yet")


_OVER = frozenset({Status.DISCONNECTED.value, "vanished"})


def _said(witness: Witness, source: Source, read: Mapping[str, datetime], before: Collection[str]) -> Told:
    """Say what a source tells of its connection since the request; before it, nothing counts but what changed."""
    gone = witness.vanished_at is not None or witness.status == Status.DISCONNECTED
    at = read.get(witness.source)
    called = calls.called(Vendor(witness.vendor), witness.vendor_id)
    here = Told(witness.id, witness.source, called, GONE, "", at, _way_out(witness, source))
    if gone and (at is not None or witness.id not in before or source.removed_at is not None or not _listing(source)):
        words = "calls it disconnected" if witness.vanished_at is None else "lists it no more"
        return here._replace(words=words if _listing(source) else "has no list; its own answer is all there is")
    if source.removed_at is not None:
        return here._replace(said=NOT_TOLD, words="can't be asked: the source is removed")
    if not _listing(source):
        return here._replace(said=ALIVE, words="has no list to ask; it was connected there last")
    if at is None:
        why = (
            "it is switched off" if not source.enabled else source.problem_message or "its list was not read to the end"
        )
        return here._replace(said=NOT_TOLD, words=f"could not be asked: {why.rstrip('.')}")
    return here._replace(said=ALIVE, words=f"lists it as {witness.status}")


def _way_out(witness: Witness, source: Source) -> str:
    """Say how a connection that lives on can be ended: by its own plan, or by whatever its vendor leaves."""
    try:
        calls.refuse_impossible(Vendor(source.vendor), Contract(source.contract), Kind(witness.kind), witness.vendor_id)
    except Failure as failure:
        return f"{failure.message} {failure.advice}"
    return f"Make a plan to disconnect it at {source.name}."


def _take(session: Session, receipt: Disconnect, verdict: Verdict, *, asked: bool) -> None:
    """Write a verdict into its receipt, its incidents and, when it moved, the audit trail."""
    before, at = receipt.state, now()
    receipt.proof = [each.document() for each in verdict.told]
    receipt.asked_at = at if asked else receipt.asked_at
    receipt.state, receipt.message, receipt.advice = verdict.state.value, verdict.message, verdict.advice
    if receipt.state != before:
        receipt.changed_at = at
        after = {"state": receipt.state, "receipt": receipt.id}
        subject = f"connection {receipt.connection_id}"
        audit.record(
            session, SYSTEM, "connection.proof", subject, before={"state": before}, after=after, reason=receipt.message
        )
    disconnects.keep(session, receipt)
    if verdict.state in {DisconnectState.DISCONNECTED, DisconnectState.ALIVE}:
        _follow(session, receipt, verdict, at)


def _follow(session: Session, receipt: Disconnect, verdict: Verdict, at: datetime) -> None:
    """Let each connection that lives on be an incident, and end those of what is gone."""
    link, numbers = session.connection(), {each.name: each.id for each in sources.every(session)}
    for each in verdict.told:
        about = _about(numbers[each.source], each.connection)
        if each.said == GONE:
            incidents.end(link, **about, at=at, why=f"{each.source} {each.words}.")
        elif each.said == ALIVE:
            since = f"{receipt.began_at:%Y-%m-%d %H:%M} UTC"
            message = (
                f"{receipt.account} was disconnected on {since} by {receipt.person}, and {each.source} {each.words}."
            )
            incidents.begin(link, **about, at=at, message=message, advice=advice_for([each]))


def _about(source_id: int | None, connection_id: str) -> dict[str, Any]:
    return {"cause": Cause.ZOMBIE, "source_id": source_id, "connection_id": connection_id}


def forgive(session: Session, receipt: Disconnect) -> None:
    """End the incidents of an account that lived on and that somebody has connected again on purpose."""
    numbers, why = {each.name: each.id for each in sources.every(session)}, "Somebody connected it again on purpose."
    for each in receipt.proof:
        about = _about(numbers[each["source"]], each["connection"])
        incidents.end(session.connection(), **about, at=now(), why=why)
    receipt.problem = disconnects.CONNECTED_AGAIN
    disconnects.keep(session, receipt)
