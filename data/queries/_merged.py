"""One row for each real account: of the connections that witness it, the matching one that an order puts first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, case, exists, func, select, true

from data.queries import accounts, filters, orders
from data.queries._tables import connections
from data.queries.accounts import Witness
from data.queries.filters import Filter
from data.queries.orders import Order, Phase
from data.store import Session

FEW = 5_000
"""So many connections beyond the first of their accounts are looked at one by one; of more, a bound is told."""

_here = connections.c


class Voices(NamedTuple):
    """The sources that witness an account, the fields in which they disagree, and what the listed ones tell."""

    sources: tuple[str, ...]
    differs: tuple[str, ...]
    listed: tuple[Witness, ...]
    """The one that was seen last first."""

    def told(self, name: str) -> Any:
        """Give what the first of them that tells a field says; None where none does."""
        return next((value for each in self.listed if (value := getattr(each, name)) is not None), None)

    @property
    def figures(self) -> Witness | None:
        """Give the first of them that tells its followers."""
        return next((each for each in self.listed if each.followers is not None), None)


def voices(session: Session, joined: Sequence[int]) -> dict[int, Voices]:
    """Give who witnesses each of these accounts, and what they tell, in one question."""
    found = accounts.witnesses(session, joined) if joined else {}
    return {account: _voices(members) for account, members in found.items()}


def _voices(members: Sequence[Witness]) -> Voices:
    names = tuple(dict.fromkeys(each.source for each in members))
    listed = sorted((each for each in members if each.vanished_at is None), key=_seen, reverse=True)
    return Voices(names, tuple(accounts.disagreements(members)), tuple(listed))


def _seen(witness: Witness) -> datetime:
    return witness.last_seen_at


def beyond_first(session: Session) -> int:
    """Count the connections that are not the first of their account, from the index of accounts alone."""
    return _number(session, select(func.count()).where(_here.account.is_not(None), _here.account != _here.number))


def any_joined(session: Session) -> bool:
    """Tell whether any two connections are one account."""
    query = select(_here.number).where(_here.account.is_not(None)).limit(1)
    return session.connection().execute(query).first() is not None


def first_of_each(
    session: Session, wanted: Filter, order: Order, ours: Sequence[Phase]
) -> list[tuple[ColumnElement[bool], ...]]:
    """Give for each phase of an order the condition that no matching connection of the same account comes before.

    The worst health of an account is its own, so the worst connection also stands for it where the best come first.
    """
    other = connections.alias("other")
    if order is Order.BEST_HEALTH:
        order = Order.WORST_HEALTH
        ours = orders.phases(session, order)
    theirs = orders.phases(session, order, other, wanted=wanted)
    same = [other.c.account == _here.account, *_members(session, wanted, other)]
    return [(_alone(other, [*same, orders.ahead(theirs, ours, number)]),) for number in range(len(ours))]


def _alone(other: FromClause, found: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    before = exists(select(other.c.number).select_from(other).where(*found).correlate(connections))
    return _here.account.is_(None) | ~before


def _members(session: Session, wanted: Filter, other: FromClause) -> list[ColumnElement[bool]]:
    """Give the filter on the members of one account, whom the index of accounts alone has to find.

    The health that is asked for is the account's: it is the same for all of them.
    """
    found = filters.conditions(session, replace(wanted, healths=()), sort="account", of=other)
    return [*found, filters.contains(session, wanted.text, other)] if wanted.text else found


def showing(healths: Sequence[str]) -> ColumnElement[bool]:
    """Give the condition that the worst health of its account, which a row shows, is one of these; row by row."""
    other = connections.alias("witness")
    worst = select(func.min(other.c.health)).where(other.c.account == _here.account).correlate(connections)
    return case((_here.account.is_(None), _here.health), else_=worst.scalar_subquery()).in_(healths)


def shown(
    healths: Sequence[str], alone: Sequence[ColumnElement[bool]], joined: Sequence[ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Give the same for the few that also match: those that stand `alone` by their index, `joined` ones by account."""
    worst = select(_here.account).where(_here.account.is_not(None)).group_by(_here.account)
    members = _here.account.in_(worst.having(func.min(_here.health).in_(healths)))
    number = select(_here.number)
    found = number.where(_here.account.is_(None), *alone).union_all(number.where(members, *joined))
    return _here.number.in_(found)


def count(
    session: Session, wanted: Filter, number: int, *, most: int, matching: Sequence[ColumnElement[bool]]
) -> tuple[int, bool]:
    """Count the accounts behind exactly `number` matching connections; (most, False) where exactly would cost."""
    beyond = beyond_first(session)
    if not beyond or wanted.empty:
        return number - beyond, True
    if number > most:
        if beyond <= FEW:
            return number - _doubles(session, wanted), True
        joined = 2 * beyond if wanted.healths else beyond  # an account of matching health may match by no other one
        if number - joined > most:
            return most, False
    return counted(session, matching, most=most)


def surely_more(session: Session, found: Select[tuple[int]], *, than: int, joined: bool) -> bool:
    """Tell whether there are more than so many of these numbers, where accounts are `joined` first ones of accounts.

    Two indexes know, no row does. Others may be more accounts yet; so False says nothing.
    """
    more = _number(session, select(func.count()).select_from(found.limit(than + 1).subquery())) > than
    if not more or not joined:
        return more
    beyond = select(_here.number).where(_here.account.is_not(None), _here.account != _here.number)
    (number,) = found.selected_columns
    firsts = found.where(number.not_in(beyond)).limit(than + 1)
    return _number(session, select(func.count()).select_from(firsts.subquery())) > than


def counted(session: Session, matching: Sequence[ColumnElement[bool]], *, most: int) -> tuple[int, bool]:
    """Count the accounts behind matching connections one by one; (most, False) for more than that."""
    every = select(func.coalesce(_here.account, _here.number)).where(*matching).distinct().limit(most + 1)
    found = _number(session, select(func.count()).select_from(every.subquery()))
    return (found, True) if found <= most else (most, False)


def _doubles(session: Session, wanted: Filter) -> int:
    """Count by how many the joined connections that match are more than the accounts that do."""
    healths = wanted.healths
    matching = case((_here.health.in_(healths) if healths else true(), 1))
    account = case((showing(healths) if healths else true(), _here.account))
    query = select(func.count(matching) - func.count(account.distinct()))
    return _number(session, query.where(_here.account.is_not(None), *_members(session, wanted, connections)))


def _number(session: Session, query: Any) -> int:
    return int(session.connection().execute(query).scalar_one())
