"""What happened to one account, newest first: changes of its connections, failed syncs, sightings, and its cases."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, func, literal_column, or_, select

from data.queries import attempts, case_history, receipts
from data.queries._tables import changes, runs, sources
from data.queries.attempts import Shown
from data.queries.cases import Happened
from data.queries.receipts import Receipt
from data.store import Session
from data.types import RunState

FAILED, FIRST_SEEN, UNCONFIRMED, CASE = "failed", "first_seen", "unconfirmed", "case"
PARTED, CONNECT = "parted", "connect"
EXTRA = "extra."
_SAID_BY = {"vendor_status": "status", "category": f"{EXTRA}category"}
"""A field that changed together with one which says the same."""
_YEAR = timedelta(days=366)


class Group(StrEnum):
    """What a person may narrow the timeline to."""

    STATUS = "status"
    FIGURES = "figures"
    PROFILE = "profile"
    SOURCES = "sources"
    CASES = "cases"


_FIELDS = {
    Group.STATUS: ("status", "vendor_status", "health", "vanished"),
    Group.FIGURES: ("suspect",),
    Group.PROFILE: ("handle", "name", "url", "category", "verified", "external_id", "platform", UNCONFIRMED),
    Group.SOURCES: ("account",),
    Group.CASES: (),
}


class Member(Protocol):
    """What the timeline needs of one connection of the account."""

    @property
    def id(self) -> str:
        """Give the connection's id."""
        ...

    @property
    def source(self) -> str:
        """Name its source."""
        ...

    @property
    def first_seen_at(self) -> datetime:
        """Tell when it was first seen."""
        ...


class Entry(NamedTuple):
    """One thing that happened: a changed field, a day's failed syncs (`number` of them), or a first sighting.

    Or the `step` of a case, whose number is `number`; the `receipt` of a disconnect; or an `attempt` to connect.
    """

    at: datetime
    field: str
    before: str | None
    after: str | None
    connections: tuple[str, ...]
    sources: tuple[str, ...]
    number: int = 1
    step: Happened | None = None
    receipt: Receipt | None = None
    attempt: Shown | None = None


class Stretch(NamedTuple):
    """The newest entries, and whether there are earlier ones."""

    entries: tuple[Entry, ...]
    more: bool


def newest(
    session: Session, members: Sequence[Member], *, until: datetime, limit: int, group: Group | None = None
) -> Stretch:
    """Give the newest entries until an instant; alike changes of several connections at one instant are one."""
    most = (limit + 1) * (2 * len(members) + 1)  # so many rows can fold into the entries that are shown
    found = _changed(session, members, until, most, group)
    if group in {None, Group.SOURCES}:
        found += _failed(session, members, until, limit + 1)
        seen = (Entry(each.first_seen_at, FIRST_SEEN, None, None, (each.id,), (each.source,)) for each in members)
        found += [entry for entry in seen if entry.at <= until]
    every = _together(found)
    if group in {None, Group.SOURCES}:
        every += _parted(session, members, until, limit + 1)
        every += _connects(session, members, until, limit + 1)
    if group in {None, Group.CASES}:
        every += _cases(session, members, until, limit + 1)
    told = sorted(every, key=lambda entry: entry.at, reverse=True)
    return Stretch(tuple(told[:limit]), len(told) > limit)


def _changed(
    session: Session, members: Sequence[Member], until: datetime, limit: int, group: Group | None
) -> list[Entry]:
    here = changes.c
    names = {member.id: member.source for member in members}
    query = select(here.at, here.field, here.before, here.after, here.connection_id).where(
        here.connection_id.in_(list(names)), here.at <= until, _wanted(group)
    )
    rows = session.connection().execute(query.order_by(here.at.desc(), here.id.desc()).limit(limit)).all()
    told = {(row.connection_id, row.at, row.field) for row in rows}
    return [
        Entry(row.at, row.field, row.before, row.after, (row.connection_id,), (names[row.connection_id],))
        for row in rows
        if (row.connection_id, row.at, _SAID_BY.get(row.field)) not in told
    ]


def _wanted(group: Group | None) -> ColumnElement[bool]:
    extra = changes.c.field.startswith(EXTRA, autoescape=True)
    fields = [field for each in Group if group in {None, each} for field in _FIELDS[each]]
    own = changes.c.field.in_(fields)
    return or_(own, extra) if group in {None, Group.PROFILE} else own


def _failed(session: Session, members: Sequence[Member], until: datetime, limit: int) -> list[Entry]:
    """Give the failed syncs of the account's sources within a year, those of one day and cause together."""
    here, day = runs.c, func.date(runs.c.observed_at)
    of = {member.source: member.id for member in members}
    failed = here.state == literal_column(
        f"'{RunState.FAILED.value}'"
    )  # so spelt, SQLite finds the index of the failed
    latest = func.max(here.observed_at)
    query = (
        select(latest, sources.c.name, here.problem_message, func.count())
        .select_from(sources.join(runs, sources.c.id == here.source_id))
        .where(sources.c.name.in_(list(of)), failed, here.observed_at.between(until - _YEAR, until))
        .group_by(sources.c.name, day, here.problem_message)
        .order_by(latest.desc())
        .limit(limit)
    )
    rows = session.connection().execute(query)
    return [Entry(at, FAILED, None, why, (of[name],), (name,), number) for at, name, why, number in rows]


def _cases(session: Session, members: Sequence[Member], until: datetime, limit: int) -> list[Entry]:
    taken = case_history.steps(session, [each.id for each in members], until=until, limit=limit)
    return [Entry(step.at, CASE, None, None, (), (), number, step) for number, step in taken]


def _parted(session: Session, members: Sequence[Member], until: datetime, limit: int) -> list[Entry]:
    known = receipts.of_connections(session, [each.id for each in members], until=until, limit=limit)
    return [
        Entry(each.began_at, PARTED, None, None, (each.connection_id,), (each.source,), receipt=each) for each in known
    ]


def _connects(session: Session, members: Sequence[Member], until: datetime, limit: int) -> list[Entry]:
    known = attempts.of_connections(session, [each.id for each in members], until=until, limit=limit)
    return [
        Entry(each.ended_at or each.began_at, CONNECT, None, None, (), (each.source,), attempt=each) for each in known
    ]


def _together(found: Iterable[Entry]) -> list[Entry]:
    """Make one of those that say the same at one instant; a failed sync stays its own source's."""
    alike: dict[tuple[Any, ...], Entry] = {}
    for entry in found:
        own = entry.sources if entry.field == FAILED else None
        account = None if entry.field == "account" else entry.before
        key = (entry.at, entry.field, account, entry.after, own)
        first = alike.get(key)
        if first is None:
            alike[key] = entry
        elif entry.connections[0] not in first.connections:
            named = dict.fromkeys((*first.sources, *entry.sources))
            alike[key] = first._replace(connections=first.connections + entry.connections, sources=tuple(named))
    return list(alike.values())
