"""Sent messages as figures: by day and family, how long delivery takes, and which ones need someone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from data import silence
from data.queries import message_filters
from data.queries._tables import messages, sources
from data.queries.message_filters import Filter
from data.store import Session, now
from data.types import LEAVING, MessageState

FAILED_WITHIN = timedelta(days=7)
FEW = 3
"""So many messages of one trouble are told one by one; how many there are beyond is told with the last of them."""
COUNTED = 1_000
BAD = (MessageState.FAILED.value, MessageState.REFUSED.value)
TAKEN = tuple(
    state.value for state in MessageState if state not in {*LEAVING, MessageState.REFUSED, MessageState.UNKNOWN}
)
"""The states of a message that the vendor took, whatever became of it afterwards."""
_here = messages.c


class Became(StrEnum):
    """What is counted of a message; each but the last is counted on its way to the next."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Count(NamedTuple):
    """How many messages of one family, made on one day, became what."""

    day: date
    family: str
    became: Became
    number: int


@dataclass(frozen=True)
class Times:
    """How long delivery took, of the messages whose beginning and delivery are both known."""

    known: int
    median: timedelta
    slowest: timedelta


class Day(NamedTuple):
    """The messages made on one day: how many the vendor took, how many failed or were refused."""

    day: date
    sent: int
    failed: int


class Trouble(StrEnum):
    """Why a message needs someone, the worst first."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    SILENT = "silent"


class Wanting(NamedTuple):
    """A message that needs someone, and since when; `further` messages have the same trouble and are not told."""

    trouble: Trouble
    id: int
    recipient: str
    source: str
    state: str
    code: str | None
    reason: str | None
    since: datetime
    further: int = 0
    more: bool = False
    """Tells that there are more than `further`: counting stopped there."""


def counts_by_day(session: Session, wanted: Filter, *, since: date, until: date) -> list[Count]:
    """Count by the day on which a message was made, and by family, what became of it."""
    within = (_here.created_at >= _begin(since), _here.created_at < _begin(until + timedelta(days=1)))
    day, became = func.date(_here.created_at), _became()
    sums = [func.sum(case((became[each], 1), else_=0)) for each in Became]
    query = select(day, _here.family, *sums).where(*within, *message_filters.conditions(session, wanted))
    return [
        Count(date.fromisoformat(str(made)), family, each, int(number))
        for made, family, *numbers in session.connection().execute(query.group_by(day, _here.family).order_by(day))
        for each, number in zip(Became, numbers, strict=True)
        if number
    ]


def _became() -> dict[Became, ColumnElement[bool]]:
    arrived = (MessageState.DELIVERED.value, MessageState.READ.value)
    return {
        Became.ACCEPTED: _here.state.in_(TAKEN),
        Became.DELIVERED: _here.state.in_(arrived),
        Became.READ: _here.state == MessageState.READ.value,
        Became.FAILED: _here.state.in_(BAD),
    }


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def times(session: Session, wanted: Filter, *, since: date, until: date) -> Times | None:
    """Tell how long it took from our request to the word that it was delivered; None when no message has both."""
    within = (_here.created_at >= _begin(since), _here.created_at < _begin(until + timedelta(days=1)))
    both = (_here.posting_at.is_not(None), _here.delivered_at.is_not(None))
    query = select(_here.posting_at, _here.delivered_at).where(*within, *both)
    rows = session.connection().execute(query.where(*message_filters.conditions(session, wanted)))
    taken = [delivered - begun for begun, delivered in rows]
    return Times(len(taken), median(taken), max(taken)) if taken else None


def days(session: Session, *, since: date, until: date) -> list[Day | None]:
    """Give the messages of each day, the last one included; None on a day before the first message of all."""
    first = session.connection().execute(select(func.min(_here.created_at))).scalar_one()
    sent, failed = Counter[date](), Counter[date]()
    for count in counts_by_day(session, Filter(), since=since, until=until):
        if count.became is Became.ACCEPTED:
            sent[count.day] += count.number
        elif count.became is Became.FAILED:
            failed[count.day] += count.number
    every = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return [Day(day, sent[day], failed[day]) if first and day >= first.date() else None for day in every]


def wanting(session: Session) -> list[Wanting]:
    """Give the messages that need someone, the worst first: each once, and of each trouble the latest few."""
    found = list[Wanting]()
    for trouble, (condition, since) in _troubles().items():
        rows = [Wanting(trouble, *row) for row in session.connection().execute(_wanting(condition, since))]
        if len(rows) == FEW:
            rows[-1] = _with_further(session, rows[-1], condition)
        found += rows
    return found


def _troubles() -> dict[Trouble, tuple[ColumnElement[bool], ColumnElement[Any]]]:
    """Give for each trouble which messages have it, and since when.

    One that was tried again is told by its newest attempt alone.
    """
    again = messages.alias()
    latest = ~select(again.c.id).where(again.c.attempt_of == _here.id).exists()
    at = now()
    unknown = _here.state == MessageState.UNKNOWN.value
    ended = func.coalesce(_here.failed_at, _here.answered_at, _here.changed_at)
    bad = and_(_here.state.in_(BAD), _here.created_at >= at - FAILED_WITHIN)
    return {
        Trouble.FAILED: (and_(bad, latest), ended),
        Trouble.UNKNOWN: (and_(unknown, latest), func.coalesce(_here.posting_at, _here.created_at)),
        Trouble.SILENT: (and_(silence.is_silent(_here, at), ~unknown), silence.since(_here)),
    }


def _wanting(condition: ColumnElement[bool], since: ColumnElement[Any]) -> Select[Any]:
    told: Sequence[ColumnElement[Any]] = (_here.id, _here.recipient, sources.c.name, _here.state, _here.code)
    query = select(*told, _here.reason, since).select_from(messages.join(sources, sources.c.id == _here.source_id))
    return query.where(condition).order_by(_here.id.desc()).limit(FEW)


def _with_further(session: Session, last: Wanting, condition: ColumnElement[bool]) -> Wanting:
    """Count what is not told one by one, as far as counting goes."""
    counted = select(_here.id).where(condition).limit(FEW + COUNTED + 1).subquery()
    number = int(session.connection().execute(select(func.count()).select_from(counted)).scalar_one()) - FEW
    return last._replace(further=min(number, COUNTED), more=number > COUNTED)
