"""What a sync read that concerns cases: the vendor's word on them, evidence that moved, accounts that wait for us."""

from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlmodel import SQLModel

from data.case_openings import account_key, copied
from data.models import Case, CaseEvent, Change, Connection, MetricPoint, Source, SyncRun
from data.queries.accounts import FOLLOWERS_FEW, FOLLOWERS_SHARE
from data.staging import Observation
from data.store import Session
from data.types import CaseState, Kind, RunState, Status, Suspect

HALVED = 2
"""Followers that fell to this part of what was pinned, or below, bring a case back."""

_ALL_KINDS = frozenset(kind.value for kind in Kind)
_cases = SQLModel.metadata.tables[Case.__tablename__]
_changes = SQLModel.metadata.tables[Change.__tablename__]
_steps = SQLModel.metadata.tables[CaseEvent.__tablename__]
_events = _steps.c
_here = SQLModel.metadata.tables[Connection.__tablename__].c
_connections = SQLModel.metadata.tables[Connection.__tablename__]
_own = _connections.alias("own")
_points = SQLModel.metadata.tables[MetricPoint.__tablename__]
_runs = SQLModel.metadata.tables[SyncRun.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]
_UNSETTLED = (CaseState.SUBMITTED.value, CaseState.UNKNOWN.value)
_WATCHED = (CaseState.APPROVED.value, CaseState.SUBMITTED.value, CaseState.ACCEPTED.value)
"""What an unknown outcome is about is compared once that is settled: else a second approval could send it twice."""
_DOUBTED = (Suspect.FOLLOWERS_ZERO.value, Suspect.FOLLOWERS_NEGATIVE.value)


class Word(NamedTuple):
    """What a list says of the connection that carries the vendor's word on a case."""

    case: int
    connection_id: str
    status: str
    listed: bool


class Other(NamedTuple):
    """Another witness of an account whose case is watched, as it is now; `evidence` is what was pinned.

    `gone` tells that the connection which the case is about vanished, `doubted` that the figure is not believed;
    `first` is what it told when it was found in the list for the case, or brought that back.
    """

    case: int
    state: str
    evidence: dict[str, Any]
    gone: bool
    connection_id: str
    source: str
    followers: int | None
    handle: str | None
    status: str
    owner: str | None
    doubted: bool
    first: dict[str, Any] | None = None


class Waiting(NamedTuple):
    """A connection that waits for a case; `copied` tells that the database can write its evidence by itself."""

    number: int
    id: str
    account_key: str | None
    copied: bool

    @property
    def marks(self) -> list[str]:
        """Give what tells its account apart, where no other connection witnesses it."""
        return [self.id] if self.account_key is None else [self.id, self.account_key]


def known(session: Session) -> bool:
    """Tell whether there is any case yet."""
    return session.connection().execute(select(_cases.c.id).limit(1)).first() is not None


def unlinked(session: Session, source_id: int) -> list[tuple[int, str]]:
    """Give (case, connection) where a source lists the platform and the handle, or the id, that was sent to it."""
    platform = case((_here.platform == "x", "twitter"), else_=_here.platform)
    found: dict[int, str] = {}
    for same in (
        _here.handle_key == _cases.c.handle_key,
        _here.handle_key == func.lower(_cases.c.sent_as),
        _here.platform_id == _cases.c.sent_as,
    ):
        query = (
            select(_cases.c.id, _here.id)
            .select_from(_cases.join(_connections, same))
            .where(_cases.c.sent_source_id == source_id, _cases.c.listed_id.is_(None))
            .where(_here.source_id == source_id, _here.vanished_at.is_(None))
            .where(platform == case((_cases.c.platform == "x", "twitter"), else_=_cases.c.platform))
            .order_by(_here.kind != Kind.NETWORK.value, _here.number)
        )
        for number, connection_id in session.connection().execute(query):
            found.setdefault(number, connection_id)
    return list(found.items())


def words(session: Session, source_id: int) -> list[Word]:
    """Give what a source's list says of each case that waits for it, or of which it says something new."""
    new = _cases.c.vendor_word.is_distinct_from(_here.status)
    came_back = and_(_cases.c.state == CaseState.REQUESTED.value, _cases.c.sent_source_id.is_not(None))
    joined = _cases.join(_connections, _here.id == _cases.c.listed_id)
    query = (
        select(_cases.c.id, _here.id, _here.status, _here.vanished_at.is_(None))
        .select_from(joined)
        .where(_cases.c.listed_id.is_not(None), _here.source_id + 0 == source_id)  # led by the cases, which are fewer
        .where(or_(_cases.c.state.in_(_UNSETTLED), came_back, new))
        .order_by(_cases.c.id)
    )
    return [Word(*row) for row in session.connection().execute(query)]


def unlisted(session: Session, source_id: int, run_id: int, complete: AbstractSet[str]) -> list[int]:
    """Give the cases of unknown outcome that no list of the source shows (any more), sent before a run began.

    `complete` are the kinds whose list that run read to its end. Which list an account would come in, nobody knows.
    """
    gone = exists().where(
        _here.id == _cases.c.listed_id, _here.vanished_at.is_not(None), _here.kind.in_(sorted(complete))
    )
    never = and_(_cases.c.listed_id.is_(None), literal(complete >= _ALL_KINDS))
    query = select(_cases.c.id).where(
        _cases.c.state == CaseState.UNKNOWN.value,
        _cases.c.sent_source_id == source_id,
        or_(never, gone),
        _cases.c.waits_after < run_id,
    )
    return list(session.connection().execute(query.order_by(_cases.c.id)).scalars())


def moved(session: Session, source_id: int) -> list[tuple[int, str]]:
    """Give (case, connection) where what was pinned moved since: followers halved, handle, owner, or suspension."""
    joined = _cases.join(_connections, _here.id == _cases.c.connection_id)
    query = select(_cases.c.id, _here.id).select_from(joined).where(_cases.c.state.in_(_WATCHED))
    query = query.where(_here.source_id + 0 == source_id, _here.vanished_at.is_(None), or_(*_reasons()))
    return [(row[0], row[1]) for row in session.connection().execute(query.order_by(_cases.c.id))]


def others(session: Session, source_id: int) -> list[Other]:
    """Give the further witnesses that a source lists of accounts whose case is watched, with what was pinned."""
    query = (
        select(
            *(_cases.c.id, _cases.c.state, _cases.c.evidence, _own.c.vanished_at.is_not(None)),
            *(_here.id, _sources.c.name, _here.followers, _here.handle, _here.status),
            *(_here.extra["user_id"].as_string(), func.coalesce(_here.suspect, "").in_(_DOUBTED)),
        )
        .select_from(_cases.join(_own, _own.c.id == _cases.c.connection_id))
        .join(_connections, and_(_here.account == _own.c.account, _here.id != _own.c.id))
        .join(_sources, _sources.c.id == _here.source_id)
        .where(_cases.c.state.concat("").in_(_WATCHED))  # no index: from the few joined connections to their cases
        .where(_here.source_id == source_id, _here.vanished_at.is_(None), _here.account.is_not(None))
        .where(_own.c.account.is_not(None))
    )
    return [Other(*row) for row in session.connection().execute(query.order_by(_cases.c.id, _here.number))]


def listed(session: Session, source_id: int) -> list[Other]:
    """Give the rows that a source lists for watched cases of other connections, where they moved since they were found.

    They may be of another account by now: one whose handle changed witnesses its own.
    """
    first = _events.told["first"]
    anchor = _steps.alias("anchor").c
    latest = select(func.max(anchor.id)).where(
        anchor.case_id == _cases.c.id, anchor.told["listed_id"].as_string() == _cases.c.listed_id
    )
    followers, handle, owner = (first[name] for name in ("followers", "handle", "owner"))
    now = _here.extra["user_id"].as_string()
    moved_on = or_(
        and_(followers.as_integer() > 0, _here.followers * HALVED <= followers.as_integer()),
        func.lower(_here.handle) != func.lower(handle.as_string()),
        now != owner.as_string(),
    )
    query = (
        select(
            *(_cases.c.id, _cases.c.state, _cases.c.evidence, literal(False)),
            *(_here.id, _sources.c.name, _here.followers, _here.handle, _here.status, now),
            *(func.coalesce(_here.suspect, "").in_(_DOUBTED), first),
        )
        .select_from(_cases.join(_connections, _here.id == _cases.c.listed_id))
        .join(_steps, _events.id == latest.correlate(_cases).scalar_subquery())
        .join(_sources, _sources.c.id == _here.source_id)
        .where(_cases.c.state.in_(_WATCHED), _cases.c.connection_id != _cases.c.listed_id)
        .where(_here.source_id + 0 == source_id, _here.vanished_at.is_(None), moved_on)
    )
    return [Other(*row) for row in session.connection().execute(query.order_by(_cases.c.id))]


def has_agreed(session: Session, connection_id: str, followers: int) -> bool:
    """Tell whether a connection ever told a figure that sources agree on: one that never did disagrees, as it began."""
    apart = func.abs(_points.c.followers - followers)
    near = or_(apart < FOLLOWERS_FEW, apart <= followers * FOLLOWERS_SHARE)
    query = select(_points.c.day).where(_points.c.connection_id == connection_id, near)
    return session.connection().execute(query.limit(1)).first() is not None


def _reasons() -> tuple[ColumnElement[bool], ...]:
    owner = _here.extra["user_id"].as_string()
    doubted = func.coalesce(_here.suspect, "").in_(_DOUBTED)
    pinned = _cases.c.evidence["status"].as_string()
    ended = _cases.c.state.in_((CaseState.APPROVED.value, CaseState.ACCEPTED.value))
    return (
        and_(_cases.c.followers > 0, _here.followers * HALVED <= _cases.c.followers, ~doubted),
        and_(_cases.c.handle_key.is_not(None), _here.handle_key != _cases.c.handle_key),
        and_(_cases.c.owner.is_not(None), owner != _cases.c.owner),
        and_(_here.status == Status.SUSPENDED.value, ended, func.coalesce(pinned, "") != Status.SUSPENDED.value),
    )


def pending(session: Session, observation: Observation, after: int) -> list[Waiting]:
    """Give the connections that a source reports as pending and that no case is about, above a number.

    One that had a case before is asked for again only when it became pending since the last run that came to its end.
    """
    about = (_cases.c.connection_id == _here.id, _cases.c.listed_id == _here.id, _cases.c.account_key == account_key)
    known = or_(*(exists().where(condition) for condition in about))
    anew = exists().where(
        _changes.c.connection_id == _here.id,
        _changes.c.field == "status",
        _changes.c.after == Status.PENDING.value,
        _changes.c.run_id > _ended(session, observation.source_id),
    )
    query = select(_here.number, _here.id, account_key, copied()).where(
        _here.status == Status.PENDING.value,
        _here.source_id + 0 == observation.source_id,
        _here.vanished_at.is_(None),
        _here.number > after,
        or_(~known, anew),
    )
    return [Waiting._make(row) for row in session.connection().execute(query.order_by(_here.number)).all()]


def _ended(session: Session, source_id: int) -> int:
    """Give the last run of a source that came to its end: only one that was cut off changes anything and fails."""
    ends = (RunState.OK.value, RunState.PARTIAL.value)
    query = select(func.coalesce(func.max(_runs.c.id), 0)).where(_runs.c.source_id == source_id)
    return int(session.connection().execute(query.where(_runs.c.state.in_(ends))).scalar_one())
