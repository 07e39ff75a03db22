"""Carries out disconnects: one request each, its receipt written before it leaves, its answer after, then the proof.

A receipt that stays as it was sent (a crash, a time-out, a 5xx) says that nobody knows. Only what the sources list
afterwards settles it, never a second request.
"""

import threading
from collections.abc import Callable
from typing import NamedTuple

from data import disconnects, leases, sources
from data.models import Disconnect, Source
from data.store import Session, now
from data.types import Contract, DisconnectState, Vendor
from services import audit, readers, replay
from services.access import SYSTEM, Actor, Permission, requires
from services.clients import client_of
from services.desk import Desk
from services.disconnecting import calls, proof
from services.disconnecting.plan import Plan, Row, rows_of
from services.disconnecting.verdicts import UNCONFIRMED
from services.failures import Failure, Misuse
from services.vendors.errors import PASSING, NotFound, OutcomeUnknown, VendorError

STOPS = frozenset({"unreachable", "rate_limited", "unauthorised"})
"""Kinds of refusals that every further request to the same source would meet as well."""
_LATER = "Nothing was disconnected. Make a new plan in a few minutes: it is not sent again by itself."
_KINDS = {
    DisconnectState.DISCONNECTED: "done",
    DisconnectState.ALIVE: "alive",
    DisconnectState.REFUSED: "refused",
    DisconnectState.SENDING: "unknown",
    DisconnectState.UNKNOWN: "unknown",
}


class Done(NamedTuple):
    """What became of one row of a plan: its receipt with how it stands, or why nothing was sent."""

    row: Row
    kind: str
    message: str = ""
    advice: str = ""
    receipt: int | None = None
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Tell whether it is disconnected and proven so."""
        return self.kind == "done"


class _Answer(NamedTuple):
    """How a request ended: the state of its receipt, the kind of what went wrong, and both in words."""

    state: DisconnectState
    problem: str | None
    message: str
    advice: str = ""


@requires(Permission.CONNECT, "connection.disconnect", "connection {}")
def disconnect(desk: Desk, actor: Actor, connection: str, *, pinned: str, prove: bool = True) -> Done:
    """Disconnect one connection as its plan said (`pinned`), and ask every source that knows the account.

    Raises Failure when it can't be done, or no longer is what the plan saw; then nothing was sent.
    """
    if replay.progress() is not None:
        raise Failure("busy", "The demo is being filled.", "Wait until its 90 days are there.")
    row, receipt, source = _marked(desk, actor, connection, pinned)
    answer = _sent(desk, source, receipt)
    _write(desk, actor, receipt, source, answer)
    if prove and answer.state is DisconnectState.UNKNOWN:
        proof.prove(desk, [receipt.id or 0])
    (done,) = _told(desk, [Done(row, "unknown", receipt=receipt.id)])
    return done if prove or done.kind != "unknown" or done.problem == UNCONFIRMED else done._replace(kind="sent")


@requires(Permission.CONNECT, "connection.disconnect_planned", otherwise="a plan")
def carry_out(
    desk: Desk,
    actor: Actor,
    plan: Plan,
    *,
    stop: threading.Event | None = None,
    told: Callable[[Done], None] | None = None,
) -> tuple[Done, ...]:
    """Do what a plan said, each row by itself, then prove all at once; gives a result per row.

    When a source can't be reached or refuses our credential, its other rows are left as they were. Raises Misuse for
    another's plan.
    """
    if plan.actor != actor.username:
        raise Misuse(f"This plan to disconnect is {plan.actor}'s.", "Make a plan of your own.")
    results, halted = list[Done](), dict[str, str]()
    for row in plan.rows:
        done = _one(desk, actor, row, halted, stopped=stop is not None and stop.is_set())
        if done.problem in STOPS:
            halted[row.source] = done.message
        results.append(done)
        if told is not None:
            told(done)
    doubted = [done.receipt for done in results if done.receipt is not None and done.kind in {"sent", "unknown"}]
    if doubted:
        proof.prove(desk, doubted)
    return tuple(_told(desk, results))


def _one(desk: Desk, actor: Actor, row: Row, halted: dict[str, str], *, stopped: bool) -> Done:
    """Do one row, unless the plan, a stop or its source says no."""
    again = "Make a new plan for the rest."
    if row.problem:
        return Done(row, "planned_out", row.problem, row.advice)
    if stopped:
        return Done(row, "stopped", "It was stopped before this one.", again)
    if row.source in halted:
        return Done(row, "stopped", f"Left as it was: {halted[row.source]}", again)
    try:
        return disconnect(desk, actor, row.connection, pinned=row.pinned, prove=False)
    except Failure as failure:
        return Done(row, failure.kind, failure.message, failure.advice)


def _marked(desk: Desk, actor: Actor, connection: str, pinned: str) -> tuple[Row, Disconnect, Source]:
    """Write the receipt, in the transaction that ends before the request leaves. Raises Failure."""
    with desk.store.writing() as session:
        (row,) = rows_of(session, [connection])
        if row.problem:
            raise Failure(row.why, row.problem, row.advice)
        if row.pinned != pinned:
            message = f"{row.name} changed since the plan was made."
            raise Failure("conflict", message, "Look at the new plan before you disconnect it.")
        source = _source(session, row.source)
        receipt = disconnects.keep(session, _receipt(session, actor, row, source))
        after = {"state": receipt.state, "source": row.source, "sent_as": row.called}
        subject = _subject(receipt)
        audit.record(session, actor, "connection.disconnect", subject, after=after, outcome="begun")
    return row, receipt, source


def _source(session: Session, name: str) -> Source:
    source = sources.named(session, name)
    if source is None:
        raise Failure("off", f"There is no source {name}.", "Add it again.")
    return source


def _receipt(session: Session, actor: Actor, row: Row, source: Source) -> Disconnect:
    at = now()
    return Disconnect(
        connection_id=row.connection,
        source_id=source.id or 0,
        account=row.name,
        sent_as=row.sent_as,
        person=actor.username,
        state=DisconnectState.SENDING.value,
        began_at=at,
        changed_at=at,
        plan=row.document(),
        sent_by=leases.this_process(),
        sent_until=disconnects.until(session),
        waits_after=disconnects.latest_run(session),
        message=f"{row.source} is asked to disconnect it.",
    )


def _sent(desk: Desk, source: Source, receipt: Disconnect) -> _Answer:
    """Send the one request, and say how it ended."""
    try:
        client = client_of(desk, source)
    except Failure as failure:
        return _Answer(DisconnectState.REFUSED, failure.kind, failure.message, failure.advice)
    try:
        known = calls.send(client, receipt.sent_as)
    except NotFound as gone:
        return _Answer(DisconnectState.UNKNOWN, "not_found", f"{str(gone).rstrip('.')}.")
    except OutcomeUnknown as doubt:
        return _Answer(DisconnectState.UNKNOWN, UNCONFIRMED, f"{str(doubt).rstrip('.')}.", doubt.advice)
    except VendorError as refused:
        advice = _LATER if refused.kind in PASSING else refused.advice
        return _Answer(DisconnectState.REFUSED, refused.kind, f"{str(refused).rstrip('.')}.", advice)
    finally:
        client.close()
    said = "said yes" if known else "says that it knows it no more"
    return _Answer(DisconnectState.UNKNOWN, None if known else "not_found", f"{source.name} {said}.")


def _write(desk: Desk, actor: Actor, sent: Disconnect, source: Source, answer: _Answer) -> None:
    """Write an answer down; one that comes after its receipt was called unknown is told, and moves nothing."""
    with desk.store.writing() as session:
        receipt = disconnects.by_id(session, sent.id or 0)
        if receipt is None or receipt.state != DisconnectState.SENDING:
            audit.record(session, actor, "connection.late_answer", _subject(sent), after={"answer": answer.message})
            return
        receipt.state, receipt.problem = answer.state.value, answer.problem
        receipt.message, receipt.advice = answer.message, answer.advice
        receipt.changed_at, receipt.waits_after = now(), disconnects.latest_run(session)
        disconnects.keep(session, receipt)
        _audited(session, actor, receipt, answer)
        listed = readers.has_list(Vendor(source.vendor), Contract(source.contract), [receipt.connection_id])
        if answer.state is DisconnectState.UNKNOWN and answer.problem != UNCONFIRMED and not listed:
            disconnects.mark_gone(session.connection(), receipt.source_id, receipt.connection_id, receipt.changed_at)


def _audited(session: Session, actor: Actor, receipt: Disconnect, answer: _Answer) -> None:
    outcome = "refused" if answer.state is DisconnectState.REFUSED else "done" if answer.problem is None else "unknown"
    audit.record(
        session,
        actor,
        "connection.disconnect",
        _subject(receipt),
        before={"state": DisconnectState.SENDING.value},
        after={"state": receipt.state, "receipt": receipt.id, "sent_as": receipt.sent_as},
        outcome=outcome,
        reason=answer.message,
    )


def settle_abandoned(desk: Desk) -> int:
    """Call unknown what a dead or silent process left on its way; gives how many receipts."""
    with desk.store.reading() as session:
        if not disconnects.abandoned(session):
            return 0
    reason = "The request was cut off before its answer was written down."
    with desk.store.writing() as session:
        left = disconnects.abandoned(session)
        for receipt in left:
            receipt.state, receipt.problem, receipt.message = DisconnectState.UNKNOWN.value, UNCONFIRMED, reason
            receipt.changed_at, receipt.waits_after = now(), disconnects.latest_run(session)
            disconnects.keep(session, receipt)
            _audited(session, SYSTEM, receipt, _Answer(DisconnectState.UNKNOWN, UNCONFIRMED, reason))
    return len(left)


def _subject(receipt: Disconnect) -> str:
    return f"connection {receipt.connection_id}"


def _told(desk: Desk, results: list[Done]) -> list[Done]:
    """Give the results as their receipts stand now."""
    with desk.store.reading() as session:
        found = {each.id: each for each in disconnects.some(session, [done.receipt or 0 for done in results])}
    return [_now(done, found[done.receipt]) if done.receipt in found else done for done in results]


def _now(done: Done, receipt: Disconnect) -> Done:
    kind = _KINDS[DisconnectState(receipt.state)]
    return done._replace(kind=kind, message=receipt.message, advice=receipt.advice, problem=receipt.problem)
