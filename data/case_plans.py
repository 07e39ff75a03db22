"""Statements for plans of many cases that are carried out: kept before their first row, and what became of each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as rows
from sqlmodel import SQLModel, select

from data import leases
from data.models import Case, CaseEvent, CasePlan
from data.staging import among, chunks
from data.store import Session

_cases = SQLModel.metadata.tables[Case.__tablename__]
_events = SQLModel.metadata.tables[CaseEvent.__tablename__]


def keep(session: Session, username: str, begun_at: datetime, plan: dict[str, Any]) -> None:
    """Write down what a person lets be carried out by this process, in place of what they did before."""
    session.merge(CasePlan(username=username, begun_at=begun_at, begun_by=leases.this_process(), plan=plan))
    session.flush()


def forget(session: Session, username: str) -> None:
    """Take out the plan of a person, if one is kept."""
    found = session.get(CasePlan, username)
    if found is not None:
        session.delete(found)
        session.flush()


def broken_off(session: Session) -> list[CasePlan]:
    """Give the plans whose process is gone; for a process that has begun none yet, whose number may be used anew."""
    mine = leases.this_process()
    return [plan for plan in session.exec(select(CasePlan)) if plan.begun_by == mine or leases.is_dead(plan.begun_by)]


def stepped(
    session: Session, numbers: Iterable[int], username: str, since: datetime, actions: Sequence[str]
) -> set[int]:
    """Give those of these cases in which a person took such a step since an instant."""
    found, link = set[int](), session.connection()
    for stretch in chunks(numbers):
        query = rows(_events.c.case_id).where(among(link, _events.c.case_id, stretch), _events.c.at >= since)
        query = query.where(_events.c.actor == username, _events.c.action.in_(actions))
        found.update(link.execute(query).scalars())
    return found


def requested(session: Session, connections: Iterable[str], username: str, since: datetime) -> dict[str, int]:
    """Give the case of each of these connections that a person requested since an instant."""
    found, link = dict[str, int](), session.connection()
    for stretch in chunks(connections):
        query = rows(_cases.c.connection_id, _cases.c.id).where(among(link, _cases.c.connection_id, stretch))
        query = query.where(_cases.c.requested_by == username, _cases.c.requested_at >= since).order_by(_cases.c.id)
        found |= {row[0]: row[1] for row in link.execute(query)}
    return found
