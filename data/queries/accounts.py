"""Real accounts: the connections that witness each, where these disagree, and the list of all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select

from data.queries._tables import changes, connections, last_seen, points, sources
from data.staging import among
from data.store import Session
from data.types import AccountBy, Status

FOLLOWERS_SHARE, FOLLOWERS_FEW = 0.02, 10
"""Followers disagree when they are more than 2 % of the larger figure, and at least 10, apart."""
ENGAGEMENT_APART = 0.5
"""Engagement rates disagree when they are more than half a point apart."""
CONFIDENCE: Mapping[str | None, float] = {
    AccountBy.PLATFORM_ID.value: 1.0,
    AccountBy.HANDLE.value: 0.9,
    AccountBy.URL.value: 0.8,
    AccountBy.PERSON.value: 1.0,
    None: 1.0,
}
"""How sure each link is; an account is as sure as its weakest one."""
_here = connections.c
_id = func.coalesce(_here.account, _here.number)


class Witness(NamedTuple):
    """A connection as one of the witnesses of its account; None is not told."""

    number: int
    id: str
    source: str
    vendor: str
    kind: str
    platform: str
    vendor_id: str
    external_id: str | None
    handle: str | None
    name: str | None
    url: str | None
    status: str
    vendor_status: str | None
    verified: bool | None
    health: str
    health_reason: str | None
    health_since: datetime | None
    followers: int | None
    engagement_rate: float | None
    category: str | None
    connected_at: datetime | None
    expires_at: datetime | None
    extra: dict[str, Any] | None
    first_seen_at: datetime
    last_seen_at: datetime
    vanished_at: datetime | None
    details_at: datetime | None
    account: int | None
    account_by: str | None
    suspect: str | None
    followers_since: datetime | None
    growth: float | None
    handle_key: str | None

    @property
    def account_id(self) -> int:
        """Give the number of the account that this connection witnesses."""
        return self.number if self.account is None else self.account


class Told(NamedTuple):
    """What one source says of a field; None is not told."""

    connection_id: str
    source: str
    value: Any


def members(session: Session, connection_id: str) -> tuple[Witness, ...]:
    """Give all witnesses of the account of a connection, the first member first; none for an unknown id."""
    asked = session.connection().execute(select(_id).where(_here.id == connection_id)).scalar_one_or_none()
    return () if asked is None else witnesses(session, [asked]).get(asked, ())


def witnesses(session: Session, accounts: Sequence[int]) -> dict[int, tuple[Witness, ...]]:
    """Give the witnesses of each of these accounts, first members first, in one question."""
    link, numbers, found = session.connection(), list(accounts), dict[int, list[Witness]]()
    alone = among(link, _here.number, numbers) & _here.account.is_(None)
    query = _query().where(or_(among(link, _here.account, numbers), alone)).order_by(_here.number)
    for row in link.execute(query).all():
        witness = Witness._make(row)
        found.setdefault(witness.account_id, []).append(witness)
    return {account: tuple(rows) for account, rows in found.items()}


def _query() -> Select[Any]:
    made = {"source": sources.c.name, "vendor": sources.c.vendor, "last_seen_at": last_seen}
    columns = [made.get(name, _here.get(name)) for name in Witness._fields]
    joined = connections.join(sources, sources.c.id == _here.source_id)
    return select(*columns).select_from(joined)  # type: ignore[arg-type]


def confidence(witnessed_by: Iterable[str | None]) -> float:
    """Give how sure an account is: as sure as the weakest of what joined its members."""
    return min((CONFIDENCE.get(by, 0.0) for by in witnessed_by), default=1.0)


def disagreements(members: Sequence[Witness]) -> dict[str, tuple[Told, ...]]:
    """Give the fields in which listed witnesses differ beyond the tolerance, with what each of those that tell says."""
    listed = [witness for witness in members if witness.vanished_at is None]
    found = {}
    for field, apart in _APART.items():
        told = tuple(Told(each.id, each.source, value) for each in listed if (value := _value(each, field)) is not None)
        if apart([each.value for each in told]):
            found[field] = told
    return found


def differs_since(session: Session, members: Sequence[Witness], field: str) -> datetime | None:
    """Tell since when listed witnesses differ in a field without a break; figures to the day, None when unknown.

    Walks back through what was told, and through when each was first seen, to the instant before which none differed.
    """
    listed = [witness for witness in members if witness.vanished_at is None]
    values: dict[str, Any] = {each.id: _value(each, field) for each in listed}
    apart = _APART.get(field)
    if apart is None or not apart(_known(values)):
        return None
    told = _figures(session, list(values), field) if field in _FIGURES else _changes(session, list(values), field)
    told += [_Step(each.first_seen_at, each.id, None) for each in listed]
    at: datetime
    for at, steps in groupby(sorted(told, key=attrgetter("at"), reverse=True), key=attrgetter("at")):
        values |= {step.connection_id: step.before for step in steps}
        if not apart(_known(values)):
            return at
    return None


class _Step(NamedTuple):
    """One change of one connection, to be taken back."""

    at: datetime
    connection_id: str
    before: Any


def _changes(session: Session, ids: Sequence[str], field: str) -> list[_Step]:
    """Give the changes of a field, the newest first."""
    here = changes.c
    query = select(here.at, here.connection_id, here.before).where(here.connection_id.in_(ids), here.field == field)
    rows = session.connection().execute(query.order_by(here.at.desc(), here.id.desc()))
    return [_Step(row.at, row.connection_id, _read(field, row.before)) for row in rows]


def _figures(session: Session, ids: Sequence[str], field: str) -> list[_Step]:
    """Give the changes of a figure from day to day; a day without one says nothing new."""
    here = points.c
    query = select(here.connection_id, here.day, here[field]).where(
        here.connection_id.in_(ids), here[field].is_not(None)
    )
    found, before = list[_Step](), dict[str, Any]()
    for connection, day, value in session.connection().execute(query.order_by(here.connection_id, here.day)):
        found.append(_Step(datetime.combine(day, time(), UTC), connection, before.get(connection)))
        before[connection] = value
    return found


def _known(values: Mapping[str, Any]) -> list[Any]:
    return [value for value in values.values() if value is not None]


def _value(witness: Witness, field: str) -> Any:
    value = getattr(witness, field)
    return None if field == "status" and value == Status.UNKNOWN.value else value


def _read(field: str, text: str | None) -> Any:
    """Read a value back from a row of the changes."""
    if text is None or (field == "status" and text == Status.UNKNOWN.value):
        return None
    return text == "1" if field == "verified" else text


def _followers_apart(values: Sequence[int]) -> bool:
    spread = max(values, default=0) - min(values, default=0)
    return spread >= FOLLOWERS_FEW and spread > FOLLOWERS_SHARE * max(values)


def _engagement_apart(values: Sequence[float]) -> bool:
    return max(values, default=0.0) - min(values, default=0.0) > ENGAGEMENT_APART


def _words_apart(values: Sequence[str]) -> bool:
    return len({value.strip().casefold() for value in values} - {""}) > 1


def _plainly_apart(values: Sequence[Any]) -> bool:
    return len(set(values)) > 1


_APART: Mapping[str, Callable[[Sequence[Any]], bool]] = {
    "handle": _words_apart,
    "name": _words_apart,
    "category": _words_apart,
    "status": _plainly_apart,
    "verified": _plainly_apart,
    "followers": _followers_apart,
    "engagement_rate": _engagement_apart,
}
"""What may differ, and how far before it counts; addresses are written in too many ways to compare."""
_FIGURES = frozenset({"followers", "engagement_rate"})


def listing(session: Session, limit: int | None = None) -> tuple[int, list[dict[str, Any]]]:
    """Give how many accounts there are, and the first of them: id, platform, handle, connections, confidence."""
    link = session.connection()
    first = or_(_here.account.is_(None), _here.account == _here.number)
    query = select(_here.number, _here.platform, _here.id, _here.handle, _here.account_by).where(first)
    rows = link.execute(query.order_by(_here.number).limit(limit)).all()
    joined = _joined(session, rows[0].number, rows[-1].number) if rows else {}
    return _count(session), [document([row, *joined.get(row.number, ())]) for row in rows]


def _count(session: Session) -> int:
    """Count the accounts: as many as connections, less those that joined the first one of theirs."""
    every, link = select(func.count()).select_from(connections), session.connection()
    joined = every.where(_here.account.is_not(None), _here.account != _here.number)
    return int(link.execute(every).scalar_one()) - int(link.execute(joined).scalar_one())


def _joined(session: Session, lowest: int, highest: int) -> dict[int, list[Any]]:
    """Give the members beside the first one, by account, of a stretch of accounts."""
    within = and_(_here.account.between(lowest, highest), _here.account != _here.number)
    query = select(_here.account, _here.id, _here.handle, _here.account_by).where(within)
    found: dict[int, list[Any]] = {}
    for row in session.connection().execute(query.order_by(_here.account, _here.number)):
        found.setdefault(row.account, []).append(row)
    return found


def handle_of(handles: Iterable[str | None]) -> str | None:
    """Give the handle of an account: the word that most of its members say; a number only where none says a word."""
    told = [handle for handle in handles if handle]
    words = [handle for handle in told if not handle.isdigit()] or told
    return max(words, key=words.count, default=None)


def document(rows: Sequence[Any]) -> dict[str, Any]:
    """Give an account as a program may ask for it, of its members, the first one first."""
    return {
        "id": rows[0].number,
        "platform": rows[0].platform,
        "handle": handle_of(row.handle for row in rows),
        "connections": [row.id for row in rows],
        "confidence": confidence(row.account_by for row in rows),
    }
