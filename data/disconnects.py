"""Statements for receipts of disconnects; what the pages ask of them is in `data.queries.receipts`."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Select, exists, func, select
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel, col
from sqlmodel import select as rows

from data import absences, leases
from data.models import Attempt, Connection, Disconnect, SyncRun
from data.staging import Observation, among
from data.store import Session
from data.types import AttemptState, DisconnectState, RunState, Status

MARK = leases.LEASE
"""Seconds that a request on its way to the vendor may take before its outcome is called unknown."""
CONNECTED_AGAIN = "connected_again"
"""The problem of a receipt whose account lives on because somebody connected it again on purpose."""

_attempts = SQLModel.metadata.tables[Attempt.__tablename__]
_connections = SQLModel.metadata.tables[Connection.__tablename__]
_receipts = SQLModel.metadata.tables[Disconnect.__tablename__]
_runs = SQLModel.metadata.tables[SyncRun.__tablename__]
_unsettled = _receipts.c.state.in_([DisconnectState.SENDING.value, DisconnectState.UNKNOWN.value])


def by_id(session: Session, number: int) -> Disconnect | None:
    """Find a receipt by its number; in a unit of work nobody else changes it until its end."""
    return session.get(Disconnect, number, with_for_update=True)


def some(session: Session, numbers: Iterable[int]) -> list[Disconnect]:
    """Give these receipts, the first one first."""
    query = rows(Disconnect).where(col(Disconnect.id).in_(list(numbers)))
    return list(session.exec(query.order_by(col(Disconnect.id))))


def keep(session: Session, receipt: Disconnect) -> Disconnect:
    """Write a new or changed receipt in the caller's transaction."""
    session.add(receipt)
    session.flush()
    return receipt


def unsettled(session: Session, connection_ids: Sequence[str] | None = None) -> list[Disconnect]:
    """Give the receipts of which nobody knows yet whether it happened: all, or those of some connections."""
    query = rows(Disconnect).where(_unsettled)
    if connection_ids is not None:
        query = query.where(among(session.connection(), _receipts.c.connection_id, list(connection_ids)))
    return list(session.exec(query.order_by(col(Disconnect.id))))


def until(session: Session) -> float:
    """Give until when a mark set now holds, on the database's own clock."""
    return leases.clock(session.connection()) + MARK


def abandoned(session: Session) -> list[Disconnect]:
    """Give the receipts whose request nobody waits for any more: its time ran out, or its process is dead."""
    on_their_way = list(session.exec(rows(Disconnect).where(Disconnect.state == DisconnectState.SENDING.value)))
    moment = leases.clock(session.connection()) if on_their_way else 0.0
    return [each for each in on_their_way if each.sent_until <= moment or leases.is_dead(each.sent_by)]


def latest_run(session: Session) -> int:
    """Give the number of the newest sync run: only a later one can read what happens from now on."""
    return int(session.connection().execute(select(func.coalesce(func.max(_runs.c.id), 0))).scalar_one())


def read_since(session: Session, sources: Iterable[str], after: int, names: dict[str, int]) -> dict[str, datetime]:
    """Give which of these sources were read to the end by a sync run later than `after`, and when it began."""
    numbers = {names[name]: name for name in sources if name in names}
    query = (
        select(_runs.c.source_id, func.max(_runs.c.started_at))
        .where(_runs.c.source_id.in_(list(numbers)), _runs.c.id > after, _runs.c.state == RunState.OK.value)
        .group_by(_runs.c.source_id)
    )
    return {numbers[row[0]]: row[1] for row in session.connection().execute(query)}


def connected_since(session: Session, connection_ids: Sequence[str], since: datetime) -> bool:
    """Tell whether somebody connected one of these again on purpose since an instant."""
    here = _attempts.c
    query = select(here.id).where(
        here.connection_id.in_(list(connection_ids)),
        here.state == AttemptState.CONNECTED.value,
        here.ended_at >= since,
    )
    return session.connection().execute(query.limit(1)).first() is not None


def alive(session: Session, *, newest: bool = False) -> list[Disconnect]:
    """Give the receipts whose account lives on, as far as nobody has connected it again on purpose.

    `newest` leaves out those of connections that have a later receipt.
    """
    wondered = col(Disconnect.problem).is_distinct_from(CONNECTED_AGAIN)
    query = rows(Disconnect).where(Disconnect.state == DisconnectState.ALIVE.value, wondered)
    if newest:
        query = query.where(col(Disconnect.id).in_(_newest()))
    return list(session.exec(query.order_by(col(Disconnect.id))))


def contradicted(session: Session) -> list[int]:
    """Give the settled receipts that the cache contradicts: gone and listed again, or alive and gone by now.

    Of several receipts of one connection the newest speaks.
    """
    own, other = _connections.alias("own"), _connections.alias("other")
    same = (other.c.account == own.c.account) & _listed(other)  # so written, SQLite finds them by their account's index
    lives = _listed(own) | exists(select(other.c.id).where(same))
    gone, alive = (_receipts.c.state == state.value for state in (DisconnectState.DISCONNECTED, DisconnectState.ALIVE))
    query = (
        select(_receipts.c.id)
        .join(own, own.c.id == _receipts.c.connection_id)
        .where(_receipts.c.id.in_(_newest()), (gone & lives) | (alive & ~lives))
    )
    return [int(number) for number in session.connection().execute(query.order_by(_receipts.c.id)).scalars()]


def _newest() -> Select[tuple[int]]:
    return select(func.max(_receipts.c.id)).group_by(_receipts.c.connection_id)


def _listed(table: FromClause) -> ColumnElement[bool]:
    return table.c.vanished_at.is_(None) & (table.c.status != Status.DISCONNECTED.value)


def mark_gone(link: Link, source_id: int, connection_id: str, at: datetime) -> None:
    """Mark a connection as vanished whose vendor confirmed the delete and has no list that could show it."""
    absences.mark_one(link, Observation(0, source_id, at), connection_id)
