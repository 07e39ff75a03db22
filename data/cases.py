"""Statements for cases, their story, stand-ins and rules; what the pages ask is in `data.queries.cases`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Link
from sqlalchemy import select as rows
from sqlmodel import SQLModel, col, func, select

from data import leases
from data.models import AuditRow, Case, CaseEvent, CaseRule, Connection, Delegation, SyncRun
from data.staging import among, chunks
from data.store import Session
from data.types import ACTIVE, CaseState, Rule

MARK = leases.LEASE
"""Seconds that a request on its way to the vendor may take before its outcome is called unknown."""
AT_ONCE = 1_000
"""Cases that are marked in one unit of work."""

_TOGETHER = re.compile(r"cases ([0-9]+) to ([0-9]+)", re.ASCII)
_connections = SQLModel.metadata.tables[Connection.__tablename__]
_cases = SQLModel.metadata.tables[Case.__tablename__]
_events = SQLModel.metadata.tables[CaseEvent.__tablename__]
_active = _cases.c.state.in_([state.value for state in ACTIVE])


class Brief(NamedTuple):
    """What is asked of a case that stands in another one's way."""

    id: int
    connection_id: str | None
    account_key: str | None
    state: str


def account_key(platform: str, handle_key: str | None) -> str | None:
    """Give what tells accounts apart where only platform and handle are known; None without a handle."""
    name = "twitter" if platform == "x" else platform
    return None if not handle_key else f"{name}:{handle_key}"


@contextmanager
def session_on(link: Link) -> Iterator[Session]:
    """Open a session inside the transaction of a bare connection; what it did is written at the block's end."""
    with Session(link, join_transaction_mode="rollback_only", expire_on_commit=False) as session:
        yield session
        session.flush()


def by_id(session: Session, number: int) -> Case | None:
    """Find a case by its number; in a unit of work nobody else changes it until its end."""
    return session.get(Case, number, with_for_update=True)


def some(session: Session, numbers: Iterable[int]) -> dict[int, Case]:
    """Give these cases by number."""
    found: dict[int, Case] = {}
    for stretch in chunks(numbers):
        found |= {case.id or 0: case for case in session.exec(select(Case).where(col(Case.id).in_(stretch)))}
    return found


def keep(session: Session, *made: Case | CaseEvent | Delegation | CaseRule) -> None:
    """Write new or changed rows in the caller's transaction."""
    session.add_all(made)
    session.flush()


def events(session: Session, number: int) -> list[CaseEvent]:
    """Give the story of a case, the first step first."""
    return list(session.exec(select(CaseEvent).where(CaseEvent.case_id == number).order_by(col(CaseEvent.id))))


def latest_event(session: Session, number: int) -> CaseEvent | None:
    """Give the last step of a case."""
    query = select(CaseEvent).where(CaseEvent.case_id == number).order_by(col(CaseEvent.id).desc())
    return session.exec(query.limit(1)).first()


def active(session: Session, connection_ids: Sequence[str], keys: Sequence[str]) -> list[Brief]:
    """Give the active cases of any of these connections or accounts."""
    found, link = dict[int, Brief](), session.connection()
    for column, values in ((_cases.c.connection_id, connection_ids), (_cases.c.account_key, keys)):
        for stretch in chunks(values):
            query = rows(*(_cases.c[name] for name in Brief._fields)).where(_active, among(link, column, stretch))
            found |= {row.id: Brief._make(row) for row in link.execute(query)}
    return [found[number] for number in sorted(found)]


def latest_run(session: Session) -> int:
    """Give the number of the newest sync run: only a later one can read what happens from now on."""
    return session.exec(select(func.max(SyncRun.id))).one() or 0


def mark_until(session: Session) -> float:
    """Give until when a mark set now holds, on the database's own clock."""
    return leases.clock(session.connection()) + MARK


def abandoned(session: Session) -> list[Case]:
    """Give the cases whose request nobody waits for any more: its time ran out, or its process is dead."""
    query = select(Case).where(Case.state == CaseState.SUBMITTING)
    on_their_way = list(session.exec(query))
    moment = leases.clock(session.connection()) if on_their_way else 0.0
    return [case for case in on_their_way if case.sent_until <= moment or leases.is_dead(case.sent_by)]


def unmarked(session: Session, mark: str, *, until: datetime, after: datetime | None = None) -> list[Case]:
    """Give the undecided cases whose agreed time is in a stretch, and that do not carry a mark of time yet."""
    query = select(Case).where(Case.state == CaseState.REQUESTED, col(Case.due_at) <= until)
    query = query.where(getattr(Case, mark).is_(None))
    if after is not None:
        query = query.where(col(Case.due_at) > after)
    return list(session.exec(query.order_by(col(Case.id)).limit(AT_ONCE)))


def waited_since(session: Session, since: datetime) -> list[tuple[datetime, datetime]]:
    """Give when each case that was decided since an instant had been requested, and when it was decided."""
    query = rows(_cases.c.requested_at, _cases.c.decided_at).where(_cases.c.decided_at >= since)
    return [(row[0], row[1]) for row in session.connection().execute(query)]


def rules(session: Session) -> dict[Rule, int]:
    """Give the rules that are in force, with their numbers."""
    return {Rule(rule.name): rule.number for rule in session.exec(select(CaseRule))}


def rule(session: Session, name: Rule) -> CaseRule | None:
    """Give a rule, if it is in force."""
    return session.get(CaseRule, name.value)


def drop(session: Session, gone: CaseRule) -> None:
    """Take a rule out of force."""
    session.delete(gone)
    session.flush()


def delegation(session: Session, number: int) -> Delegation | None:
    """Find a delegation by number."""
    return session.get(Delegation, number)


def delegations(session: Session, at: datetime) -> list[Delegation]:
    """Give the delegations that hold at an instant or later."""
    open_ones = select(Delegation).where(col(Delegation.until) > at, col(Delegation.ended_at).is_(None))
    return list(session.exec(open_ones.order_by(col(Delegation.since), col(Delegation.id))))


def reported(session: Session, platform: str, handle_key: str) -> str | None:
    """Give the connection of a platform and handle that a source lists, a network before any other kind."""
    here = _connections.c
    query = rows(here.id, here.platform).where(here.handle_key == handle_key, here.vanished_at.is_(None))
    wanted = account_key(platform, handle_key)
    found = session.connection().execute(query.order_by(here.kind != "network", here.number))
    return next((row.id for row in found if account_key(row.platform, handle_key) == wanted), None)


def decided_since(session: Session, since: datetime) -> list[tuple[int, int | None]]:
    """Give (number, followers) of the cases that were approved since an instant, as pinned then."""
    here = SQLModel.metadata.tables[CaseEvent.__tablename__].c
    query = rows(here.case_id, here.evidence["followers"].as_integer())
    query = query.where(here.at >= since, here.action == "case.approve", here.after == CaseState.APPROVED.value)
    return [(row[0], row[1]) for row in session.connection().execute(query)]


def source_of(session: Session, connection_id: str) -> int | None:
    """Give the source of a connection; None for an unknown one."""
    here = _connections.c
    found = session.connection().execute(rows(here.source_id).where(here.id == connection_id)).scalar_one_or_none()
    return None if found is None else int(found)


def listed_as(session: Session, connection_id: str) -> str | None:
    """Give the status of a connection that its source lists; None for one that it does not."""
    here = _connections.c
    query = rows(here.status).where(here.id == connection_id, here.vanished_at.is_(None))
    found = session.connection().execute(query).scalar_one_or_none()
    return None if found is None else str(found)


def subject_of(number: int, last: int | None = None) -> str:
    """Name a case, or those from one to another that were opened together, as the audit trail does."""
    return f"case {number}" if last is None else f"cases {number} to {last}"


def audit_rows(session: Session, number: int) -> list[AuditRow]:
    """Give the rows of the audit trail about a case, the first one first, that of its opening with others included."""
    shared = list(session.exec(select(AuditRow.subject).where(col(AuditRow.subject).like("cases % to %")).distinct()))
    subjects = [subject_of(number), *(each for each in shared if _holds(each, number))]
    return list(session.exec(select(AuditRow).where(col(AuditRow.subject).in_(subjects)).order_by(col(AuditRow.id))))


def together(subject: str) -> tuple[int, int] | None:
    """Read the first and the last case of a row about cases that were opened together; None of any other subject."""
    told = _TOGETHER.fullmatch(subject)
    return None if told is None else (int(told[1]), int(told[2]))


def _holds(subject: str, number: int) -> bool:
    told = together(subject)
    return told is not None and told[0] <= number <= told[1]


def accounts_of(session: Session, connection_ids: Sequence[str]) -> dict[str, int]:
    """Give the number of the account that each of these connections witnesses; unknown ones are left out."""
    here, found, link = _connections.c, dict[str, int](), session.connection()
    account = func.coalesce(here.account, here.number)
    for stretch in chunks(connection_ids):
        query = rows(here.id, account).where(among(link, here.id, stretch))
        found |= {row[0]: row[1] for row in link.execute(query).all()}
    return found
