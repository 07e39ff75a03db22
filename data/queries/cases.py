"""Approvals: the queue of cases in a person's tabs, one case's story, and the earlier cases of its account."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, union_all

from data.queries import _walk, case_filters, cursors, occurring
from data.queries._tables import case_events, sources
from data.queries._tables import cases as _cases
from data.queries._walk import Walk
from data.queries.case_filters import STATES, CaseFilter, CaseOrder, Tab
from data.queries.orders import Phase
from data.store import Session

__all__ = [
    "COUNTED",
    "SIZES",
    "STATES",
    "CaseFilter",
    "CaseOrder",
    "CasePage",
    "CaseRow",
    "Happened",
    "Tab",
    "Words",
    "counts",
    "document",
    "earlier",
    "listing",
    "numbers",
    "of_connections",
    "page",
    "some",
    "story",
    "words",
]

SIZES = (50, 100, 200)
COUNTED = 10_000
"""Of more cases than this is counted one more, which says "more than"."""
FEW = 1_000
"""So many cases of a state are collected and sorted; of more, the index of the order is walked until a page is full."""
_here, _events = _cases.c, case_events


_SORTED: Mapping[CaseOrder, tuple[ColumnElement[Any], bool]] = {
    CaseOrder.DUE: (_here.due_at, False),
    CaseOrder.OLDEST: (_here.requested_at, False),
    CaseOrder.NEWEST: (_here.requested_at, True),
    CaseOrder.CHANGED: (_here.changed_at, True),
    CaseOrder.DECIDED: (_here.decided_at, True),
    CaseOrder.MOST_FOLLOWERS: (_here.followers, True),
    CaseOrder.HANDLE: (_here.handle_key, False),
}
"""What each order is sorted by, and whether the largest comes first; an index of state and that column answers it."""


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
    reminded_at: datetime | None
    flagged_at: datetime | None
    escalated_at: datetime | None
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
    """A stretch of the queue, how many match in all (`COUNTED` at most), and the places before and after it."""

    rows: tuple[CaseRow, ...]
    total: int
    first: int
    last: int
    next: str | None
    previous: str | None
    believed: bool = True
    """False when the place asked for was no place of any list, so that the first page is shown."""
    total_is_exact: bool = True


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
    conditions = case_filters.conditions(session, wanted)
    tally = _tally(session, wanted, conditions)
    total = sum(tally.values())
    mark = cursors.mark(wanted, order.value)
    walk = Walk(session, _phases(order), [], mark, (), _parts(tally, conditions))
    found, believed = _walk.stretch(walk, _query, after=after, before=before, size=size)
    rows = tuple(CaseRow._make(row[: len(CaseRow._fields)]) for row in found.rows)
    first, last = (found.before + 1 if rows else 0), found.before + len(rows)
    exact = total <= COUNTED
    return CasePage(rows, min(total, COUNTED), first, last, found.next, found.previous, believed, exact)


def counts(session: Session, persons: tuple[str, ...]) -> dict[Tab, int]:
    """Count the cases of each tab of a person, in one question; `COUNTED` + 1 stands for more than `COUNTED`."""
    every = [CaseFilter(tab=tab, persons=persons) for tab in Tab]
    queries = [_counted(literal(each.tab.value), case_filters.matching(session, each)) for each in every]
    return {Tab(tab): number for tab, number in session.connection().execute(union_all(*queries))}


def words(session: Session) -> Words:
    """Give the words that occur in the queue, in alphabetical order."""
    found = session.connection().execute(select(_here.platform, _here.kind, _here.source_id).distinct()).all()
    platforms, kinds, numbers = (tuple(sorted({row[place] for row in found} - {None})) for place in range(3))
    named = select(sources.c.name).where(sources.c.id.in_(numbers)).order_by(sources.c.name)
    names = tuple(session.connection().execute(named).scalars())
    people = (occurring.values(session, _here[name]) for name in ("requested_by", "assignee"))
    return Words(platforms, kinds, names, *people)


def listing(session: Session, wanted: CaseFilter, limit: int | None = None) -> tuple[int, list[CaseRow]]:
    """Give how many cases match, and the newest of them."""
    conditions = case_filters.matching(session, wanted)
    query = _query().where(*conditions).order_by(_here.id.desc()).limit(limit)
    total = session.connection().execute(select(func.count()).select_from(_cases).where(*conditions)).scalar_one()
    return int(total), [CaseRow._make(row) for row in session.connection().execute(query)]


def numbers(session: Session, wanted: CaseFilter, limit: int | None = None) -> list[int]:
    """Give the numbers of the cases that match, the oldest first."""
    query = select(_here.id).where(*case_filters.matching(session, wanted)).order_by(_here.id)
    return list(session.connection().execute(query.limit(limit)).scalars())


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


def _phases(order: CaseOrder) -> list[Phase]:
    field, down = _SORTED[order]
    return [Phase((field.is_not(None),), (field, _here.id), down), Phase((field.is_(None),), (_here.id,))]


def _counted(name: ColumnElement[Any], conditions: Iterable[ColumnElement[bool]]) -> Select[Any]:
    """Count what matches under a name, to `COUNTED` + 1."""
    some = select(_here.id).where(*conditions).limit(COUNTED + 1).subquery()
    return select(name, func.count()).select_from(some)


def _tally(session: Session, wanted: CaseFilter, conditions: list[ColumnElement[bool]]) -> dict[str, int]:
    """Count what matches of each state that may: in one question, each to `COUNTED` + 1."""
    queries = [_counted(literal(state), [_here.state == state, *conditions]) for state in case_filters.states(wanted)]
    found = session.connection().execute(union_all(*queries)) if queries else ()
    return {state: number for state, number in found if number}


def _parts(tally: Mapping[str, int], conditions: list[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """Part what matches: a state of which many do walks the index of the order; what few match is looked up by number.

    All that is filtered by stands in one index (`models.ASKED`), so that looking up reads no row in vain.
    """
    few = [state for state, number in tally.items() if number <= FEW]
    found = [and_(_here.state == state, *conditions) for state in tally if state not in few]
    if few or not found:
        found.append(_here.id.in_(select(_here.id).where(_here.state.in_(few), *conditions).correlate(None)))
    return found
