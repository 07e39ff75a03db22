"""One account over time: its figures day by day, the days that are missing and why, and what happened on the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from sqlalchemy import and_, func, or_, select

from data.queries import past
from data.queries._tables import changes, points, runs, sources
from data.queries._was import Was
from data.queries.accounts import Witness
from data.queries.history import NEAR
from data.store import Session
from data.types import RunState

DAILY = timedelta(days=400)
"""Older history is kept by the week: there seven days between two points are no gap."""
WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_told = or_(points.c.followers.is_not(None), points.c.engagement_rate.is_not(None))
Figure = Literal["followers", "engagement_rate"]


class Point(NamedTuple):
    """The figures of one day; None is not told."""

    day: date
    followers: int | None
    engagement_rate: float | None


class Best(NamedTuple):
    """The day on which the followers grew most against the day before, and by how many."""

    day: date
    gain: int


class Gap(NamedTuple):
    """Days without a figure, from the first to the last; open when none is known since."""

    first: date
    last: date
    open: bool


class Mark(NamedTuple):
    """A change to be marked on the line: of the status, or of what is suspect (after None: believed again)."""

    at: datetime
    field: str
    after: str | None


@dataclass(frozen=True)
class Curve:
    """The figures of one connection on the days after `since` until `until`, with what is known just before them."""

    since: date
    until: date
    known: tuple[Point, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """Give the days of the range on which something is known, the oldest first."""
        return tuple(point for point in self.known if point.day > self.since)

    @property
    def days(self) -> int:
        """Count the days of the range."""
        return (self.until - self.since).days

    @property
    def days_known(self) -> int:
        """Count the days whose followers are known."""
        return sum(point.followers is not None for point in self.points)

    @property
    def followers_before(self) -> int | None:
        """Give the followers that a change is counted from, by the rule of every list (`history.NEAR`)."""
        told = [point.followers for point in self._just_before() if point.followers is not None]
        return told[-1] if told else None

    @property
    def engagement_before(self) -> float | None:
        """Give the engagement that a change is counted from."""
        told = [point.engagement_rate for point in self._just_before() if point.engagement_rate is not None]
        return told[-1] if told else None

    def _just_before(self) -> list[Point]:
        return [point for point in self.known if self.since - NEAR <= point.day <= self.since]

    def best(self, doubted: frozenset[date] = frozenset()) -> Best | None:
        """Give the best day; one whose figure is doubted counts for nothing. None when no day grew."""
        told = [(point.day, point.followers) for point in self.known if point.followers is not None]
        gains = [
            Best(day, number - before)
            for (eve, before), (day, number) in pairwise(told)
            if day - eve == _DAY and day > self.since and number > before and not {eve, day} & doubted
        ]
        return max(gains, key=lambda best: (best.gain, best.day), default=None)

    def gaps(self, first_seen: date, *, today: date, of: Figure = "followers") -> tuple[Gap, ...]:
        """Give the gaps since the connection was first seen; the last day of the range may still be told."""
        told = [point.day for point in self.known if getattr(point, of) is not None]
        if not told:
            return ()
        begin = max(first_seen, self.since + _DAY)
        open_end = self.until - told[-1] > (WEEK if _weekly(told[-1], today) else _DAY)
        found = [
            Gap(max(eve + _DAY, begin), day - _DAY, open=False)
            for eve, day in pairwise([min(begin - _DAY, told[0]), *told])
            if day > begin and day - max(eve, begin - _DAY) > (WEEK if _weekly(eve, today) else _DAY)
        ]
        return (*found, *([Gap(max(told[-1] + _DAY, begin), self.until, open=True)] if open_end else []))


def _weekly(day: date, today: date) -> bool:
    return today - day > DAILY - WEEK


def curves(session: Session, ids: Sequence[str], *, since: date, until: date) -> dict[str, Curve]:
    """Give the curve of each connection that has any figure in the range or just before it."""
    here = points.c
    query = (
        select(here.connection_id, here.day, here.followers, here.engagement_rate)
        .where(here.connection_id.in_(ids), here.day >= since - NEAR, here.day <= until, _told)
        .order_by(here.connection_id, here.day)
    )
    found: dict[str, list[Point]] = {}
    for connection, *figures in session.connection().execute(query).all():
        found.setdefault(connection, []).append(Point._make(figures))
    return {connection: Curve(since, until, tuple(told)) for connection, told in found.items()}


def first_figure(session: Session, ids: Sequence[str]) -> date | None:
    """Give the first day of which any of these connections has a figure."""
    query = select(func.min(points.c.day)).where(points.c.connection_id.in_(ids), _told)
    found: date | None = session.connection().execute(query).scalar_one()
    return found


def marks(session: Session, connection_id: str, *, since: date, until: date) -> tuple[Mark, ...]:
    """Give the changes of status, and of what is suspect, within a range of days, the oldest first."""
    here = changes.c
    wanted = and_(here.connection_id == connection_id, here.field.in_(("status", "suspect")))
    query = select(here.at, here.field, here.after).where(
        wanted, here.at >= _begin(since + _DAY), here.at < _begin(until + _DAY)
    )
    rows = session.connection().execute(query.order_by(here.at, here.id))
    return tuple(Mark._make(row) for row in rows)


def as_of(session: Session, members: Sequence[Witness], connection_id: str, at: datetime) -> tuple[Witness, ...]:
    """Give the witnesses that were known at an instant to be of one account with a connection, as they were then.

    What is not kept of then is missing: the end of an access, and the extra data.
    """
    was = past.values(session, [member.id for member in members], at)
    if connection_id not in was:
        return ()
    then = [_then(member, was[member.id], at) for member in members if member.id in was]
    own = next(each.account_id for each in then if each.id == connection_id)
    return tuple(each for each in then if each.account_id == own)


def _then(member: Witness, was: Was, at: datetime) -> Witness:
    known = {name: value for name, value in was._asdict().items() if name in Witness._fields}
    same = was.health == member.health and member.health_since is not None and member.health_since <= at
    lost = {"expires_at": None, "extra": None, "details_at": None}
    since = member.health_since if same else None
    return member._replace(**(known | lost | {"health_since": since}))


def suspect_since(session: Session, connection_id: str, suspect: str, *, until: datetime) -> datetime | None:
    """Tell when a figure became suspect in this way, as far as changes are kept of it."""
    here = changes.c
    wanted = and_(here.connection_id == connection_id, here.field == "suspect", here.after == suspect, here.at <= until)
    found: datetime | None = session.connection().execute(select(func.max(here.at)).where(wanted)).scalar_one()
    return found


def asked(session: Session, source: str, gap: Gap) -> str:
    """Tell why a gap is there: "silent" (the source answered, without figures), "failed", or "unasked"."""
    here = runs.c
    within = and_(here.observed_at >= _begin(gap.first), here.observed_at < _begin(gap.last + _DAY))
    query = (
        select(here.state)
        .distinct()
        .select_from(runs.join(sources, sources.c.id == here.source_id))
        .where(sources.c.name == source, within, here.started_at >= _begin(gap.first))
    )
    states = set(session.connection().execute(query).scalars())
    if states & {RunState.OK.value, RunState.PARTIAL.value}:
        return "silent"
    return "failed" if RunState.FAILED.value in states else "unasked"


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
