"""The cases of one account, whatever source or person they came from, and every step that was taken with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, literal, or_, select

from data.queries import cases as queue
from data.queries._tables import case_events, cases, connections
from data.queries.cases import CaseRow, Happened
from data.store import Session


class Taken(NamedTuple):
    """One step of a case."""

    case: int
    step: Happened


def of_account(session: Session, connection_ids: Sequence[str]) -> tuple[CaseRow, ...]:
    """Give the cases of the account with these connections, the newest first."""
    found = queue.some(session, _numbers(session, connection_ids))
    return tuple(found[number] for number in sorted(found, reverse=True))


def steps(session: Session, connection_ids: Sequence[str], *, until: datetime, limit: int) -> list[Taken]:
    """Give the newest steps of the cases of an account until an instant, the latest first."""
    here, numbers = case_events.c, _numbers(session, connection_ids)
    if not numbers:
        return []
    query = select(here.case_id, *(here[name] for name in Happened._fields))
    query = query.where(here.case_id.in_(numbers), here.at <= until).order_by(here.id.desc()).limit(limit)
    return [Taken(row[0], Happened._make(row[1:])) for row in session.connection().execute(query)]


def _numbers(session: Session, connection_ids: Sequence[str]) -> list[int]:
    """Find cases by connection, by the row that carries the vendor's word, and by platform and handle."""
    own, here = connections.c, cases.c
    platform = case((own.platform == "x", "twitter"), else_=own.platform)
    keys = select(platform + literal(":") + own.handle_key).where(own.id.in_(connection_ids))
    of = (here.connection_id.in_(connection_ids), here.listed_id.in_(connection_ids), here.account_key.in_(keys))
    return list(session.connection().execute(select(here.id).where(or_(*of))).scalars())
