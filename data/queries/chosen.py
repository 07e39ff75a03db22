"""Rows that a person chose one by one: how many of them a list holds, and whose connections they are."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from data.queries import inventory
from data.queries._tables import connections
from data.queries.filters import Filter
from data.staging import among
from data.store import Session

_here = connections.c
_account = func.coalesce(_here.account, _here.number)


def held(session: Session, wanted: Filter, ids: Sequence[str], *, accounts: bool) -> int:
    """Count those of the chosen that a list holds: connections, or with `accounts` the accounts that they witness."""
    found = inventory.matching(session, wanted, sort="number", joined=accounts)
    if accounts:
        query = select(func.count(_account.distinct())).where(of_accounts(session, ids), *found)
    else:
        query = select(func.count()).where(among(session.connection(), _here.id, list(ids)), *found)
    return int(session.connection().execute(query).scalar_one())


def accounts_of(session: Session, ids: Sequence[str]) -> list[int]:
    """Give the accounts that these connections witness."""
    query = select(_account).where(among(session.connection(), _here.id, list(ids))).distinct()
    return [row[0] for row in session.connection().execute(query)]


def of_accounts(session: Session, ids: Sequence[str]) -> ColumnElement[bool]:
    """Give the condition that a connection witnesses an account that one of these witnesses too."""
    link, numbers = session.connection(), accounts_of(session, ids)
    return or_(among(link, _here.account, numbers), among(link, _here.number, numbers))
