"""Approvals: the queue of cases in a person's tabs, one case's story, and the earlier cases of its account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, false, func, literal, or_, select
from sqlmodel import SQLModel

from data import models
from data.queries import cursors
from data.queries._tables import sources
from data.queries.cursors import Nonsense, Place
from data.queries.filters import contains, folded
from data.store import Session, now
from data.types import CaseState, UtcDateTime

SIZES = (50, 100, 200)
_cases: Table = SQLModel.metadata.tables[models.Case.__tablename__]
_events: Table = SQLModel.metadata.tables[models.CaseEvent.__tablename__]
_here = _cases.c
_never = datetime(9999, 12, 31, tzinfo=UTC)


class Tab(StrEnum):
    """The tabs of the queue; an approved case that nothing was sent for is decided."""

    TO_DECIDE = "to_decide"
    MINE = "mine"
    WAITING = "waiting"
    DECIDED = "decided"
    ALL = "all"


STATES: Mapping[Tab, tuple[CaseState, ...]] = {
    Tab.TO_DECIDE: (CaseState.REQUESTED, CaseState.CHANGES_REQUESTED, CaseState.HELD),
    Tab.WAITING: (CaseState.SUBMITTING, CaseState.SUBMITTED, CaseState.UNKNOWN),
    Tab.DECIDED: (
        *(CaseState.APPROVED, CaseState.ACCEPTED, CaseState.REJECTED, CaseState.SUSPENDED),
        *(CaseState.REFUSED, CaseState.DECLINED, CaseState.WITHDRAWN),
    ),
}


class CaseOrder(StrEnum):
    """How the queue is sorted; cases without an agreed time, or without followers told, come last."""

    DUE = "due"
    OLDEST = "oldest"
    NEWEST = "newest"
    CHANGED = "changed"
    MOST_FOLLOWERS = "followers-most"
    HANDLE = "handle"


_SORTED: Mapping[CaseOrder, tuple[ColumnElement[Any], bool]] = {
    CaseOrder.DUE: (func.coalesce(_here.due_at, literal(_never, UtcDateTime()), type_=UtcDateTime()), False),
    CaseOrder.OLDEST: (_here.requested_at, False),
    CaseOrder.NEWEST: (_here.requested_at, True),
    CaseOrder.CHANGED: (_here.changed_at, True),
    CaseOrder.MOST_FOLLOWERS: (func.coalesce(_here.followers, -1), True),
    CaseOrder.HANDLE: (func.coalesce(_here.handle_key, "\U0010ffff"), False),
}


@dataclass(frozen=True)
class CaseFilter:
    """Which cases are asked for; values of one field are alternatives, fields narrow each other, empty means any.

    `persons` are who looks, with those in whose place they decide: MINE are cases that any of them requested or was
    given, TO_DECIDE leaves out what any of them requested.
    """

    tab: Tab = Tab.ALL
    persons: tuple[str, ...] = ()
    search: str = ""
    states: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    requested_by: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    overdue: bool = False
    flagged: bool = False
    disagreeing: bool = False


class CaseRow(NamedTuple):
    """A case as the queue shows it; None is not told, or not there yet."""

    id: int
    connection_id: str | None
    listed_id: str | None
    source: str | None
    kind: str
    platform: str
    handle: str | None
    name: str | None
    url: str | None
    followers: int | None
    category: str | None
    state: str
    version: int
    requested_by: str
    requested_at: datetime
    note: str
    due_at: datetime | None
    flagged_at: datetime | None
    assignee: str | None
    difference: dict[str, Any] | None
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    first_by: str | None
    sent_at: datetime | None
    approval_id: int | None
    code: str | None
    code_field: str | None
    answer: str | None
    vendor_word: str | None
    vendor_word_at: datetime | None
    changed_at: datetime

    @property
    def disagrees(self) -> bool:
        """Tell whether we and the vendor decided differently."""
        ours, theirs = self.decision, self.vendor_word
        against = {"approved": {"rejected", "suspended"}, "declined": {"accepted"}}
        return ours is not None and theirs in against.get(ours, set())


class Words(NamedTuple):
    """The words that occur in the queue: what can be chosen of it."""

    platforms: tuple[str, ...]
    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    requesters: tuple[str, ...]
    assignees: tuple[str, ...]


class Happened(NamedTuple):
    """One step in the story of a case."""

    at: datetime
    actor: str
    action: str
    before: str | None
    after: str
    version: int
    reason: str | None
    evidence: dict[str, Any] | None
    told: dict[str, Any] | None


@dataclass(frozen=True)
class CasePage:
    """A stretch of the queue, how many match in all, and the places before and after it."""

    rows: tuple[CaseRow, ...]
    total: int
    first: int
    last: int
    next: str | None
    previous: str | None
    believed: bool = True
    """False when the place asked for was no place of this list, so that its first page is shown."""


def page(
    session: Session,
    wanted: CaseFilter,
    *,
    order: CaseOrder = CaseOrder.DUE,
    after: str | None = None,
    before: str | None = None,
    size: int = SIZES[0],
) -> CasePage:
    """Give the cases after or before a place, or the first ones; a place of another list gives the first ones too."""
    mark, total = cursors.mark(wanted, order.value), _count(session, wanted)
    place, believed = _place(after or before, mark, order)
    back = before is not None and after is None and place is not None
    value, down = _SORTED[order]
    ways = (value.desc(), _here.id.desc()) if down is not back else (value.asc(), _here.id.asc())
    query = _query().add_columns(value.label("sorted_by")).where(*_conditions(session, wanted)).order_by(*ways)
    if place is not None:
        query = query.where(_beyond(value, place, down=down is not back))
    found = session.connection().execute(query.limit(size + 1)).all()
    more, found = len(found) > size, found[:size]
    found = found[::-1] if back else found
    start = 0 if place is None else max(0, place.before - len(found) - 1) if back else place.before
    rows = tuple(CaseRow._make(row[:-1]) for row in found)
    ahead = _written(found[-1], mark, start + len(found)) if found and (more or back) else None
    behind = _written(found[0], mark, start + 1) if found and start else None
    return CasePage(rows, total, start + 1 if rows else 0, start + len(rows), ahead, behind, believed)


def counts(session: Session, persons: tuple[str, ...]) -> dict[Tab, int]:
    """Count the cases of each tab of a person."""
    return {tab: _count(session, CaseFilter(tab=tab, persons=persons)) for tab in Tab}


def words(session: Session) -> Words:
    """Give the words that occur in the queue, in alphabetical order."""
    named = select(sources.c.name).where(sources.c.id.in_(select(_here.source_id).distinct()))
    columns = (_here.platform, _here.kind, _here.requested_by, _here.assignee)
    platforms, kinds, requesters, assignees = (_distinct(session, select(column).distinct()) for column in columns)
    return Words(platforms, kinds, _distinct(session, named), requesters, assignees)


def _distinct(session: Session, query: Select[Any]) -> tuple[str, ...]:
    return tuple(sorted(word for word in session.connection().execute(query).scalars() if word is not None))


def listing(session: Session, wanted: CaseFilter, limit: int | None = None) -> tuple[int, list[CaseRow]]:
    """Give how many cases match, and the newest of them."""
    query = _query().where(*_conditions(session, wanted)).order_by(_here.id.desc()).limit(limit)
    return _count(session, wanted), [CaseRow._make(row) for row in session.connection().execute(query)]


def numbers(session: Session, wanted: CaseFilter) -> list[int]:
    """Give the numbers of all cases that match, the oldest first."""
    query = select(_here.id).select_from(_found(wanted)).where(*_conditions(session, wanted)).order_by(_here.id)
    return list(session.connection().execute(query).scalars())


def some(session: Session, ids: list[int]) -> dict[int, CaseRow]:
    """Give these cases by number."""
    found = session.connection().execute(_query().where(_here.id.in_(ids)))
    return {row.id: CaseRow._make(row) for row in found}


def story(session: Session, number: int) -> tuple[Happened, ...]:
    """Give every step of a case, the first one first."""
    query = select(*(_events.c[name] for name in Happened._fields)).where(_events.c.case_id == number)
    return tuple(Happened._make(row) for row in session.connection().execute(query.order_by(_events.c.id)))


def earlier(session: Session, number: int) -> tuple[CaseRow, ...]:
    """Give the other cases of the same connection or account, the newest first."""
    own = session.connection().execute(select(_here.connection_id, _here.account_key).where(_here.id == number)).first()
    if own is None:
        return ()
    told = ((_here.connection_id, own.connection_id), (_here.account_key, own.account_key))
    same = or_(*(column == value for column, value in told if value is not None), false())
    query = _query().where(same, _here.id != number).order_by(_here.id.desc())
    return tuple(CaseRow._make(row) for row in session.connection().execute(query))


def of_connections(session: Session, connection_ids: list[str]) -> tuple[CaseRow, ...]:
    """Give the cases about any of these connections, the newest first."""
    about = or_(_here.connection_id.in_(connection_ids), _here.listed_id.in_(connection_ids))
    found = session.connection().execute(_query().where(about).order_by(_here.id.desc()))
    return tuple(CaseRow._make(row) for row in found)


def document(row: CaseRow, at: datetime) -> dict[str, Any]:
    """Give a case as a program may ask for it."""
    told = ("id", "connection_id", "state", "approval_id", "requested_by", "decided_by", "reason", "version")
    age = max(0, int((at - row.requested_at).total_seconds()))
    return {name: getattr(row, name) for name in told} | {"age_seconds": age}


def _query() -> Select[Any]:
    columns = [sources.c.name.label("source") if name == "source" else _here[name] for name in CaseRow._fields]
    return select(*columns).select_from(_cases.outerjoin(sources, sources.c.id == _here.source_id))


def _count(session: Session, wanted: CaseFilter) -> int:
    query = select(func.count()).select_from(_found(wanted)).where(*_conditions(session, wanted))
    return int(session.connection().execute(query).scalar_one())


def _found(wanted: CaseFilter) -> FromClause:
    return _cases.outerjoin(sources, sources.c.id == _here.source_id) if wanted.sources else _cases


def _conditions(session: Session, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    alternatives: tuple[tuple[ColumnElement[Any], tuple[str, ...]], ...] = (
        (_here.state, tuple(state.value for state in STATES.get(wanted.tab, ()))),
        (_here.state, wanted.states),
        (_here.platform, wanted.platforms),
        (_here.kind, wanted.kinds),
        (sources.c.name, wanted.sources),
        (_here.requested_by, wanted.requested_by),
        (_here.assignee, wanted.assignees),
    )
    found: list[ColumnElement[bool]] = [field.in_(values) for field, values in alternatives if values]
    if wanted.tab is Tab.MINE:
        found.append(or_(_here.requested_by.in_(wanted.persons), _here.assignee.in_(wanted.persons)))
    if wanted.tab is Tab.TO_DECIDE and wanted.persons:
        found.append(_here.requested_by.not_in(wanted.persons))
    if wanted.overdue:
        found += [_here.due_at <= now(), _here.state.in_([state.value for state in STATES[Tab.TO_DECIDE]])]
    if wanted.flagged:
        found.append(_here.flagged_at.is_not(None))
    if wanted.disagreeing:
        found.append(_disagreeing())
    text = folded(wanted.search)
    return [*found, contains(session, text, _cases)] if text else found


def _disagreeing() -> ColumnElement[bool]:
    against = and_(_here.decision == "approved", _here.vendor_word.in_(("rejected", "suspended")))
    return or_(against, and_(_here.decision == "declined", _here.vendor_word == "accepted"))


def _beyond(value: ColumnElement[Any], place: Place, *, down: bool) -> ColumnElement[bool]:
    known, number = place.values
    if down:
        return or_(value < known, and_(value == known, _here.id < number))
    return or_(value > known, and_(value == known, _here.id > number))


def _place(text: str | None, mark: int, order: CaseOrder) -> tuple[Place | None, bool]:
    """Read a place of this very list; tells whether there was any other text."""
    if not text:
        return None, True
    try:
        found = cursors.read(text)
        known, number = found.values
        dated = isinstance(_SORTED[order][0].type, UtcDateTime)
        values = (datetime.fromisoformat(known) if dated else known, number)
    except (Nonsense, ValueError, TypeError):
        return None, False
    aware = not dated or values[0].tzinfo is not None
    fits = aware and found.mark == mark and type(number) is int and isinstance(known, str | int)
    return (replace(found, values=values), True) if fits else (None, False)


def _written(row: Any, mark: int, before: int) -> str:
    value = row.sorted_by
    return cursors.written(
        Place(mark, 0, (value.isoformat() if isinstance(value, datetime) else value, row.id), before)
    )
