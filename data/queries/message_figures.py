"""Sent messages as figures: by day and family, how long delivery takes, and which ones need someone."""

from collections.abc import Iterable, Mapping, Sequence
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

LATELY = timedelta(days=7)
"""So long a message that failed, or of which nothing was heard, needs someone."""
UNKNOWN_FOR = timedelta(days=30)
FEW = 3
"""So many messages of one trouble are told one by one; how many there are beyond is told with the last of them."""
COUNTED = 1_000
TIMED = 10_000
"""The latest messages that tell how long delivery takes: reading more takes long and says no more."""
NO_FAILURE = ("stopped", "7306")
"""The codes of refusals that are none: a person stopped it before it left, or the vendor has the message already."""
_here, _S = messages.c, MessageState
_counts = func.coalesce(_here.code, "").not_in(NO_FAILURE) | (_here.state != _S.REFUSED.value)


class Reached(StrEnum):
    """What is counted of messages: how far they came; one that was read counts as delivered and accepted, too."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


OF: Mapping[Reached, frozenset[str]] = {
    Reached.ACCEPTED: frozenset({*_S} - {*LEAVING, _S.REFUSED, _S.UNKNOWN}),
    Reached.DELIVERED: frozenset({_S.DELIVERED, _S.READ}),
    Reached.READ: frozenset({_S.READ}),
    Reached.FAILED: frozenset({_S.FAILED, _S.REFUSED}),
}
"""The states that count as each; one that failed on its way was accepted before."""


class Count(NamedTuple):
    """How many messages of one family, made on one day, are in a state; a code of `NO_FAILURE` stands for a state."""

    day: date
    family: str
    state: str
    number: int


@dataclass(frozen=True)
class Times:
    """How long delivery took, of the latest messages whose beginning and delivery are both known.

    `more` tells that there are earlier ones, which are not looked at.
    """

    known: int
    median: timedelta
    nine_in_ten: timedelta
    slowest: timedelta
    more: bool = False


class Day(NamedTuple):
    """The messages made on one day: how many the vendor took, how many failed or were refused."""

    day: date
    sent: int
    failed: int


class Trouble(StrEnum):
    """Why a message needs someone, the worst first."""

    FAILED = "failed"
    REFUSED = "refused"
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
    """Count by the day on which a message was made, by family, and how it stands, or what kept it from leaving."""
    day = func.date(_here.created_at)
    stands = case((_counts, _here.state), else_=_here.code)
    query = select(day, _here.family, stands, func.count()).where(*_made(since, until))
    query = query.where(*message_filters.conditions(session, wanted)).group_by(day, _here.family, stands)
    rows = session.connection().execute(query.order_by(day))
    return [Count(date.fromisoformat(str(made)), family, state, int(number)) for made, family, state, number in rows]


def reached(counts: Iterable[Count], how_far: Reached) -> int:
    """Sum the messages that came so far."""
    return sum(count.number for count in counts if count.state in OF[how_far])


def _made(since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    return _here.created_at >= _begin(since), _here.created_at < _begin(until + timedelta(days=1))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def times(session: Session, wanted: Filter, *, since: date, until: date, most: int = TIMED) -> Times | None:
    """Tell how long it took from our request to the word that it was delivered; None when no message has both."""
    both = (_here.posting_at.is_not(None), _here.delivered_at.is_not(None))
    query = select(_here.posting_at, _here.delivered_at).where(*_made(since, until), *both)
    query = query.where(*message_filters.conditions(session, wanted)).order_by(_here.created_at.desc())
    rows = session.connection().execute(query.limit(most + 1)).all()
    taken = sorted(delivered - begun for begun, delivered in rows[:most])
    if not taken:
        return None
    ninth = taken[-(-9 * len(taken) // 10) - 1]
    return Times(len(taken), median(taken), ninth, taken[-1], more=len(rows) > most)


def days(session: Session, *, since: date, until: date) -> list[Day | None]:
    """Give the messages of each day, the last one included, as they stand now.

    None on a day before the first message of all: whether anybody sent any then is not known.
    """
    earliest = session.connection().execute(select(func.min(_here.created_at))).scalar_one()
    first = earliest.date() if earliest else now().date()
    made: dict[date, list[Count]] = {}
    for count in counts_by_day(session, Filter(), since=since, until=until):
        made.setdefault(count.day, []).append(count)
    every = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return [_day(day, made.get(day, [])) if day >= first else None for day in every]


def _day(day: date, counts: list[Count]) -> Day:
    return Day(day, reached(counts, Reached.ACCEPTED), reached(counts, Reached.FAILED))


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
    lately = and_(_here.created_at >= at - LATELY, latest)
    refused = and_(_here.state == _S.REFUSED.value, _counts)
    unknown = _here.state == _S.UNKNOWN.value
    unsettled = and_(unknown, latest, _here.created_at >= at - UNKNOWN_FOR)
    return {
        Trouble.FAILED: (
            and_(_here.state == _S.FAILED.value, lately),
            func.coalesce(_here.failed_at, _here.changed_at),
        ),
        Trouble.REFUSED: (and_(refused, lately), func.coalesce(_here.answered_at, _here.changed_at)),
        Trouble.UNKNOWN: (unsettled, func.coalesce(_here.posting_at, _here.created_at)),
        Trouble.SILENT: (and_(silence.is_silent(_here, at), ~unknown, lately), silence.since(_here)),
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
