"""Figures that are not to be believed as they stand: whose, what they did, since when, and how many there are."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select

from data.queries._tables import changes, connections, last_seen, sources
from data.store import Session
from data.types import Suspect

LOOKED_AT = 1_000
COUNTED = 10_000
FEW = 3
"""So many of one source and kind are still told one by one."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_HERE = connections.c
_TOLD = (
    select(func.max(changes.c.at))
    .where(changes.c.connection_id == _HERE.id, changes.c.field == "suspect", changes.c.after == _HERE.suspect)
    .correlate(connections)
    .scalar_subquery()
)
_FROZEN = _HERE.suspect == Suspect.FOLLOWERS_FROZEN.value
_SINCE: ColumnElement[datetime | None] = case(
    (_FROZEN, func.coalesce(_HERE.followers_since, _TOLD)), else_=func.coalesce(_TOLD, _HERE.followers_since)
)


class Doubtful(NamedTuple):
    """A connection with a suspect figure, and since when the figure is so; or `number` of one source with that kind."""

    id: str
    name: str | None
    handle: str | None
    platform: str
    source: str
    suspect: str
    since: datetime | None
    followers: int | None
    engagement_rate: float | None
    last_seen_at: datetime
    number: int = 1
    more: bool = False
    """Tells that there are more than `number`: no more were looked at."""


class Counted(NamedTuple):
    """How many accounts have a suspect figure of one kind; not exact where counting stopped."""

    suspect: str
    accounts: int
    exact: bool


def found(session: Session, *, kinds: Sequence[str] = tuple(Suspect), limit: int = LOOKED_AT) -> list[Doubtful]:
    """Give accounts with suspect figures, once each for a kind, of every kind the first so many that were listed."""
    link = session.connection()
    query = _query().order_by(_HERE.number).limit(limit)
    return [Doubtful(*row) for kind in kinds for row in link.execute(query.where(_HERE.suspect == kind))]


def latest(session: Session, *, kinds: Sequence[str] = tuple(Suspect), limit: int) -> list[Doubtful]:
    """Give the accounts whose figures became suspect last, among the first 1,000 of each kind."""
    known = found(session, kinds=kinds)
    return sorted(known, key=lambda item: item.since or _LONG_AGO, reverse=True)[:limit]


def folded(session: Session) -> list[Doubtful]:
    """Give them as a list of troubles has them: more than a few of one source and kind are one."""
    answer: list[Doubtful] = []
    for kind in Suspect:
        known = found(session, kinds=(kind,))
        alike: dict[str, list[Doubtful]] = {}
        for item in known:
            alike.setdefault(item.source, []).append(item)
        more = len(known) == LOOKED_AT
        for group in alike.values():
            since = min((item.since for item in group if item.since), default=None)
            many = group[0]._replace(since=since, number=len(group), more=more)
            answer += [many] if len(group) > FEW else group
    return answer


def counted(session: Session) -> list[Counted]:
    """Count the accounts of each kind that occurs, up to 10,000."""
    link, answer = session.connection(), list[Counted]()
    for kind in Suspect:
        some = select(_HERE.number).where(*_listed(), _HERE.suspect == kind).limit(COUNTED + 1).subquery()
        number = int(link.execute(select(func.count()).select_from(some)).scalar_one())
        if number:
            answer.append(Counted(kind.value, min(number, COUNTED), number <= COUNTED))
    return answer


def _query() -> Select[Any]:
    shown = (_HERE.id, _HERE.name, _HERE.handle, _HERE.platform, sources.c.name, _HERE.suspect, _SINCE)
    joined = connections.join(sources, sources.c.id == _HERE.source_id)
    figures = (_HERE.followers, _HERE.engagement_rate, last_seen.label("last_seen_at"))
    return select(*shown, *figures).select_from(joined).where(*_listed())


def _listed() -> tuple[ColumnElement[bool], ...]:
    """Leave out what is no longer listed, and all witnesses of one account but the first that say the same."""
    other = connections.alias()
    before = exists().where(
        other.c.account == _HERE.account,
        func.coalesce(other.c.suspect, "") == _HERE.suspect,  # as a term, so that the account's index is taken
        other.c.vanished_at.is_(None),
        other.c.number < _HERE.number,
    )
    return (_HERE.vanished_at.is_(None), or_(_HERE.account.is_(None), ~before))
