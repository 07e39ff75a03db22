"""Contract drift: where vendors' answers left their contracts lately, in the vendors' own words."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from data.queries._tables import drift, sources
from data.store import Session, now


class Drifted(NamedTuple):
    """One field of one source that is new, has a new value, or a bad one."""

    source: str
    vendor: str
    kind: str
    field: str
    sample: str | None
    records: int
    first_seen_at: datetime


def recent(session: Session, *, within: timedelta = timedelta(days=30), limit: int = 20) -> list[Drifted]:
    """Give the drift seen lately, what began last first."""
    shown = [sources.c.name, sources.c.vendor, *(drift.c[name] for name in Drifted._fields[2:])]
    query = (
        select(*shown)
        .select_from(drift.join(sources, sources.c.id == drift.c.source_id))
        .where(drift.c.last_seen_at >= now() - within, sources.c.removed_at.is_(None))
        .order_by(drift.c.first_seen_at.desc(), drift.c.id)
        .limit(limit)
    )
    return [Drifted._make(row) for row in session.connection().execute(query)]
