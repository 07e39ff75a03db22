"""Incidents: one open for each cause, from when it began until it recovered."""

from datetime import datetime, timedelta

from sqlalchemy import Connection as Link
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from data.models import Incident, Notice
from data.types import Told

RESTLESS, WITHIN, CALM = 3, timedelta(hours=6), timedelta(hours=1)
"""What broke so often within so long counts as recovered only once it stayed well for the last (no flapping)."""

_incidents = SQLModel.metadata.tables[Incident.__tablename__]
_notices = SQLModel.metadata.tables[Notice.__tablename__]
_here = _incidents.c
_OPEN = _here.ended_at.is_(None)


def begin(
    link: Link,
    *,
    cause: str,
    message: str,
    advice: str,
    at: datetime,
    source_id: int | None = None,
    connection_id: str | None = None,
    since: datetime | None = None,
) -> int:
    """Begin an incident noticed `at` an instant, once per source, connection and cause; gives its id.

    `since` says when it really began, if that was earlier. The words of an open one follow the latest observation.
    """
    slot, words = slot_of(cause, source_id, connection_id), {"message": message, "advice": advice}
    known = _reopened(link, slot, at)
    if known is not None:
        link.execute(update(_incidents).where(_here.id == known).values(words))
        return known
    about = {"source_id": source_id, "connection_id": connection_id, "cause": str(cause), "slot": slot}
    dialect = sqlite if link.dialect.name == "sqlite" else postgresql
    new = dialect.insert(_incidents).values(about | words | {"began_at": since or at, "noted_at": at})
    both = new.on_conflict_do_update(index_elements=["slot"], index_where=_OPEN, set_=words)
    return int(link.execute(both.returning(_here.id)).scalar_one())


def end(
    link: Link, *, cause: str, at: datetime, why: str, source_id: int | None = None, connection_id: str | None = None
) -> bool:
    """End an incident with the reason in a sentence; tells whether it was open."""
    ours = (_here.slot == slot_of(cause, source_id, connection_id)) & _OPEN
    return link.execute(update(_incidents).where(ours).values(ended_at=at, ended_why=why)).rowcount > 0


def end_of_source(link: Link, source_id: int, at: datetime, why: str) -> None:
    """End all that is open of a source, and of its connections."""
    link.execute(update(_incidents).where(_here.source_id == source_id, _OPEN).values(ended_at=at, ended_why=why))


def slot_of(cause: str, source_id: int | None, connection_id: str | None) -> str:
    """Name what only one open incident may be about; the migration names those that were open before it alike."""
    return f"{cause} {'' if source_id is None else source_id} {connection_id or ''}"


def _reopened(link: Link, slot: str, at: datetime) -> int | None:
    """Find the open incident; one that comes and goes is open again unless its recovery was told meanwhile."""
    last = select(_here.id, _here.ended_at).where(_here.slot == slot).order_by(_here.id.desc()).limit(1)
    found = link.execute(last).one_or_none()
    if found is None or found.ended_at is None:
        return None if found is None else int(found.id)
    told = select(_notices.c.id).where(_notices.c.incident_id == found.id, _notices.c.what == Told.RECOVERED.value)
    if found.ended_at < at - CALM or not restless(link, slot, at) or link.execute(told).first():
        return None
    link.execute(update(_incidents).where(_here.id == found.id).values(ended_at=None, ended_why=None))
    return int(found.id)


def restless(link: Link, slot: str, at: datetime) -> bool:
    """Tell whether something broke again and again of late."""
    often = select(func.count()).where(_here.slot == slot, _here.noted_at > at - WITHIN)
    return int(link.execute(often).scalar_one()) >= RESTLESS
