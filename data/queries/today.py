"""Today: which connections need someone, and what changed since a person was last here."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from data.queries._tables import changes, connections, sources
from data.store import Session, now
from data.types import Health

EXPIRING_WITHIN = timedelta(days=7)
LOOKED_AT = 1_000
FEW = 3
"""So many connections with one reason are still told one by one."""
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


class Happening(NamedTuple):
    """One change that a person may have missed; `number` further connections changed alike at the same time."""

    at: datetime
    field: str
    before: str | None
    after: str | None
    name: str | None
    handle: str | None
    source: str
    number: int


def attention(session: Session) -> list[Attention]:
    """Give the connections that are broken, then those that expire within seven days; many with one reason are one.

    At most 1,000 of each are looked at.
    """
    link = session.connection()
    broken = _wanting().where(_HERE.health == Health.BROKEN.value, _HERE.vanished_at.is_(None))
    expiring = _wanting().where(*_expiring())
    found = [Attention._make((*row, 1)) for row in link.execute(broken.order_by(_HERE.number).limit(LOOKED_AT))]
    soon = [Attention._make((*row, 1)) for row in link.execute(expiring.order_by(_HERE.number).limit(LOOKED_AT))]
    soon.sort(key=lambda item: (item.until is None, item.until or now()))
    return [*_together(found), *_together(soon)]


def _together(found: list[Attention]) -> list[Attention]:
    """Make one of those that are alike, when they are more than a few."""
    alike: dict[tuple[str, str | None], list[Attention]] = {}
    for item in found:
        alike.setdefault((item.source, item.reason), []).append(item)
    answer: list[Attention] = []
    for group in alike.values():
        many = len(group) > FEW
        answer += [group[0]._replace(number=len(group))] if many else group
    return answer


def _expiring() -> tuple[ColumnElement[bool], ...]:
    soon = and_(_HERE.expires_at.is_not(None), _HERE.expires_at <= now() + EXPIRING_WITHIN)
    return (_HERE.health == Health.EXPIRING.value, or_(soon, _HERE.expires_at.is_(None)), _HERE.vanished_at.is_(None))


def _wanting() -> Select[tuple[object, ...]]:
    columns = (_HERE.id, _HERE.name, _HERE.handle, sources.c.name, _HERE.health, _HERE.health_reason)
    joined = connections.join(sources, sources.c.id == _HERE.source_id)
    return select(*columns, _HERE.health_since, _HERE.expires_at).select_from(joined)


def since(session: Session, instant: datetime, *, limit: int = 8) -> list[Happening]:
    """Give what changed since an instant, the latest first; alike changes of one source and instant are one.

    New connections are told by when they were first seen.
    """
    link = session.connection()
    found = [Happening._make(row) for row in link.execute(_changed(instant).limit(limit))]
    found += [Happening._make(row) for row in link.execute(_new(instant).limit(limit))]
    return sorted(found, key=lambda happening: happening.at, reverse=True)[:limit]


_TOLD = ("status", "name", "handle", "vanished")
_LOOKED_AT = 2_000
"""Changes: enough to tell what happened; a first sync of everything is not read whole."""


def _changed(instant: datetime) -> Select[tuple[object, ...]]:
    bad = and_(changes.c.field == "health", changes.c.after == Health.BROKEN.value)
    recent = (
        select(changes)
        .where(changes.c.at > instant, or_(changes.c.field.in_(_TOLD), bad))
        .order_by(changes.c.at.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    renamed = recent.c.field.in_(("name", "handle"))
    before = case((recent.c.field == "status", literal(None)), else_=recent.c.before)
    own = case((renamed, recent.c.connection_id), else_="")
    joined = recent.join(connections, _HERE.id == recent.c.connection_id).join(sources, sources.c.id == _HERE.source_id)
    columns = (recent.c.at, recent.c.field, func.max(before), recent.c.after)
    return (
        select(*columns, func.max(_HERE.name), func.max(_HERE.handle), sources.c.name, func.count())
        .select_from(joined)
        .group_by(recent.c.at, recent.c.field, recent.c.after, sources.c.name, own)
        .order_by(recent.c.at.desc())
    )


def _new(instant: datetime) -> Select[tuple[object, ...]]:
    recent = select(connections).order_by(_HERE.number.desc()).limit(_LOOKED_AT).subquery()
    here = recent.c
    columns = (here.first_seen_at, literal("new"), literal(None), literal(None), func.max(here.name))
    joined = recent.join(sources, sources.c.id == here.source_id)
    return (
        select(*columns, func.max(here.handle), sources.c.name, func.count())
        .select_from(joined)
        .where(here.first_seen_at > instant)
        .group_by(here.first_seen_at, sources.c.name)
        .order_by(here.first_seen_at.desc())
    )
