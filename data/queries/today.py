"""Today: which connections need someone, and what changed since a person was last here."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, literal, or_, select

from data.queries import past, totals
from data.queries._tables import changes, connections, runs, sources
from data.queries.filters import Filter, Listed
from data.queries.inventory import SIZES, Row
from data.queries.suspects import FEW
from data.store import Session, now
from data.types import Health

EXPIRING_WITHIN = timedelta(days=7)
LOOKED_AT = 200
"""Connections of one source and health: more than these are told as one, with their number from the kept totals."""
_HERE = connections.c


class Attention(NamedTuple):
    """A connection that needs someone; or `number` of them, of one source, for one reason."""

    id: str
    name: str | None
    handle: str | None
    source: str
    health: str
    reason: str | None
    since: datetime | None
    until: datetime | None
    number: int = 1
    more: bool = False
    """Tells that there are more than `number`: counting stopped there."""
    vendor: str = ""
    platform: str = ""
    kind: str = ""


class Happening(NamedTuple):
    """One change that a person may have missed; or `number` connections that changed alike at the same time."""

    at: datetime
    field: str
    before: str | None
    after: str | None
    id: str
    name: str | None
    handle: str | None
    source: str
    number: int
    more: bool = False
    """Tells that there may be more than `number`: no more were looked at."""


def attention(session: Session) -> list[Attention]:
    """Give the connections that are broken, then those that expire within seven days; many with one reason are one."""
    found = _together(session, Health.BROKEN)
    found.sort(key=lambda item: (item.number, item.since or item.until or now()), reverse=True)
    soon = _together(session, Health.EXPIRING)
    soon.sort(key=lambda item: (item.until is None, item.until or now()))
    return [*found, *soon]


def _together(session: Session, health: Health) -> list[Attention]:
    """Make one of those that are alike, when they are more than a few; of very many, one for their source."""
    found = session.connection().execute(_wanting(health))
    rows = [Attention(*row[:8])._replace(vendor=row.vendor, platform=row.platform, kind=row.kind) for row in found]
    answer: list[Attention] = []
    for source, every in groupby(rows, key=lambda item: item.source):
        theirs = list(every)
        alike: dict[str | None, list[Attention]] = {}
        for item in theirs:
            alike.setdefault(item.reason, []).append(item)
        if len(theirs) < LOOKED_AT:
            for group in alike.values():
                answer += group if len(group) <= FEW else [_one(group, len(group))]
        else:
            wanted = Filter(sources=(source,), healths=(health.value,), listed=Listed.LISTED)
            one = _one(theirs, totals.connections(session, wanted))
            answer.append(one if len(alike) == 1 else one._replace(reason="For several reasons."))
    return answer


def _one(group: list[Attention], number: int) -> Attention:
    since = min((item.since for item in group if item.since), default=None)
    return group[0]._replace(since=since, number=max(number, len(group)))


def _wanting(health: Health) -> Select[Any]:
    """Ask for the first connections of each source, so that no source with many hides another one's."""
    other = connections.alias()
    first = (
        select(other.c.number)
        .where(other.c.source_id == sources.c.id, *_conditions(other, health))
        .order_by(other.c.number)
        .limit(LOOKED_AT)
        .correlate(sources)
    )
    columns = (_HERE.id, _HERE.name, _HERE.handle, sources.c.name, _HERE.health, _HERE.health_reason)
    joined = sources.join(connections, _HERE.number.in_(first))
    whose = (sources.c.vendor, _HERE.platform, _HERE.kind)
    query = select(*columns, _HERE.health_since, _HERE.expires_at, *whose).select_from(joined)
    return query.where(sources.c.removed_at.is_(None)).order_by(sources.c.id, _HERE.number)


def _conditions(table: FromClause, health: Health) -> tuple[ColumnElement[bool], ...]:
    here = table.c
    soon = or_(here.expires_at <= now() + EXPIRING_WITHIN, here.expires_at.is_(None))
    within = (soon,) if health is Health.EXPIRING else ()
    return (here.health == health.value, here.vanished_at.is_(None), *within)


def attention_at(session: Session, at: datetime) -> list[Attention]:
    """Give the connections that were broken or expiring at a past instant; those beyond 200 of one health are one.

    Why is None where it is not kept, and empty where none was given; since when is told by the last change before.
    """
    answer, kept = list[Attention](), past.reasons_kept(session, at)
    for health in (Health.BROKEN, Health.EXPIRING):
        then = past.page(session, Filter(healths=(health.value,), listed=Listed.LISTED), at=at, size=SIZES[-1])
        began = _began(session, [row.id for row in then.rows], health, at)
        found = [_then(row, began.get(row.id), (row.health_reason or "") if kept else None) for row in then.rows]
        answer += sorted(found, key=lambda item: item.since or at, reverse=True)
        if (beyond := then.total - len(found)) > 0:
            rest = Attention("", None, None, "", health.value, None, None, None, beyond, not then.total_is_exact)
            answer.append(rest)
    return answer


def _then(row: Row, began: datetime | None, reason: str | None) -> Attention:
    return Attention(row.id, row.name, row.handle, row.source, row.health, reason, began, None)


def _began(session: Session, ids: Sequence[str], health: Health, at: datetime) -> dict[str, datetime]:
    """Tell since when each had that health at an instant: since it was first seen, if no change led to it."""
    here = changes.c
    led = (here.connection_id == _HERE.id, here.field == "health", here.after == health.value, here.at <= at)
    joined = connections.outerjoin(changes, and_(*led))
    began = func.coalesce(func.max(here.at), _HERE.first_seen_at)
    query = select(_HERE.id, began).select_from(joined).where(_HERE.id.in_(ids)).group_by(_HERE.id)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def since(session: Session, instant: datetime, *, limit: int = 8) -> list[Happening]:
    """Give what changed since an instant, the latest first; alike changes of one source and instant are one.

    New connections are told by when they were first seen.
    """
    found = [*_read(session, _changed(instant, now())), *_read(session, _new(instant))]
    return sorted(found, key=lambda happening: happening.at, reverse=True)[:limit]


def between(session: Session, start: datetime, end: datetime, *, limit: int = 8) -> list[Happening]:
    """Give what changed between two past instants; how many connections were new is what the syncs counted."""
    found = [*_read(session, _changed(start, end)), *_read(session, _found(start, end), bounded=False)]
    return sorted(found, key=lambda happening: happening.at, reverse=True)[:limit]


_TOLD = ("status", "name", "handle", "vanished")
_LOOKED_AT = 2_000
"""Changes: enough to tell what happened; a first sync of everything is not read whole."""


def _read(session: Session, query: Select[Any], *, bounded: bool = True) -> list[Happening]:
    """Read groups, the latest first; when no more were looked at, the earliest of them may be larger than it seems."""
    found = [Happening._make((*row, False)) for row in session.connection().execute(query)]
    if bounded and sum(item.number for item in found) >= _LOOKED_AT:
        earliest = found[-1].at
        found = [item._replace(more=item.at == earliest) for item in found]
    return found


def _changed(instant: datetime, end: datetime) -> Select[Any]:
    broken = Health.BROKEN.value
    bad = and_(changes.c.field == "health", or_(changes.c.after == broken, changes.c.before == broken))
    doubt = and_(changes.c.field == "suspect", changes.c.after.is_not(None))
    recent = (
        select(changes)
        .where(changes.c.at > instant, changes.c.at <= end, or_(changes.c.field.in_(_TOLD), bad, doubt))
        .order_by(changes.c.at.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    renamed = recent.c.field.in_(("name", "handle"))
    before = case((recent.c.field == "status", literal(None)), else_=recent.c.before)
    own = case((renamed, recent.c.connection_id), else_="")
    joined = recent.join(connections, _HERE.id == recent.c.connection_id).join(sources, sources.c.id == _HERE.source_id)
    columns = (recent.c.at, recent.c.field, func.max(before), recent.c.after, func.max(_HERE.id))
    return (
        select(*columns, func.max(_HERE.name), func.max(_HERE.handle), sources.c.name, func.count())
        .select_from(joined)
        .group_by(recent.c.at, recent.c.field, recent.c.after, sources.c.name, own)
        .order_by(recent.c.at.desc())
    )


def _new(instant: datetime) -> Select[Any]:
    recent = select(connections).order_by(_HERE.number.desc()).limit(_LOOKED_AT).subquery()
    here = recent.c
    columns = (here.first_seen_at, literal("new"), literal(None), literal(None), func.max(here.id), func.max(here.name))
    joined = recent.join(sources, sources.c.id == here.source_id)
    return (
        select(*columns, func.max(here.handle), sources.c.name, func.count())
        .select_from(joined)
        .where(here.first_seen_at > instant)
        .group_by(here.first_seen_at, sources.c.name)
        .order_by(here.first_seen_at.desc())
    )


def _found(start: datetime, end: datetime) -> Select[Any]:
    here, none = runs.c, literal(None)
    told = (here.observed_at, literal("new"), none, none, literal(""), none, none, sources.c.name, here.created)
    joined = runs.join(sources, sources.c.id == here.source_id)
    query = select(*told).select_from(joined).where(here.observed_at > start, here.observed_at <= end, here.created > 0)
    return query.order_by(here.observed_at.desc())
