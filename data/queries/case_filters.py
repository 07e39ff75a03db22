"""What is asked of the queue of approvals: its tabs and orders, a filter, and that filter as SQL conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from data.queries._tables import cases as _cases
from data.queries.filters import contains, folded, source_numbers, unindexed
from data.store import Session, now
from data.types import CaseState

_here = _cases.c


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
    """How the queue is sorted; cases without what it is sorted by (an agreed time, a decision …) come last."""

    DUE = "due"
    OLDEST = "oldest"
    NEWEST = "newest"
    CHANGED = "changed"
    DECIDED = "decided"
    MOST_FOLLOWERS = "followers-most"
    HANDLE = "handle"


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
    escalated: bool = False
    disagreeing: bool = False


def states(wanted: CaseFilter) -> list[str]:
    """Give the states that a filter allows."""
    found = [state.value for state in STATES.get(wanted.tab, tuple(CaseState))]
    undecided = STATES[Tab.TO_DECIDE] if wanted.overdue else tuple(CaseState)
    return [state for state in found if state in undecided and (not wanted.states or state in wanted.states)]


def matching(session: Session, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """Give the whole filter as conditions."""
    return [_here.state.in_(states(wanted)), *conditions(session, wanted)]


def conditions(session: Session, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """Give all of a filter but its states, as conditions that lead SQLite to no other index than the state's."""
    sqlite = session.connection().dialect.name == "sqlite"
    alternatives: tuple[tuple[ColumnElement[Any], tuple[str, ...]], ...] = (
        (_here.platform, wanted.platforms),
        (_here.kind, wanted.kinds),
        (_here.requested_by, wanted.requested_by),
        (_here.assignee, wanted.assignees),
    )
    found: list[ColumnElement[bool]] = [
        (unindexed(field) if sqlite else field).in_(values) for field, values in alternatives if values
    ]
    if wanted.sources:
        found.append(_here.source_id.in_(source_numbers(session, wanted.sources)))
    if wanted.tab is Tab.MINE:
        found.append(or_(_here.requested_by.in_(wanted.persons), _here.assignee.in_(wanted.persons)))
    if wanted.tab is Tab.TO_DECIDE and wanted.persons:
        found.append(_here.requested_by.not_in(wanted.persons))
    if wanted.overdue:
        found.append(_here.due_at <= now())
    found += [_here[f"{name}_at"].is_not(None) for name in ("flagged", "escalated") if getattr(wanted, name)]
    if wanted.disagreeing:
        found.append(_disagreeing())
    text = folded(wanted.search)
    return [*found, contains(session, text, _cases)] if text else found


def _disagreeing() -> ColumnElement[bool]:
    against = and_(_here.decision == "approved", _here.vendor_word.in_(("rejected", "suspended")))
    return or_(against, and_(_here.decision == "declined", _here.vendor_word == "accepted"))
