"""Which sources are due: decided by the database alone, so that several processes agree."""

from datetime import datetime

from sqlalchemy import Connection as Link
from sqlalchemy import func, select
from sqlmodel import SQLModel

from data.models import Source, SyncRun

_sources = SQLModel.metadata.tables[Source.__tablename__]
_runs = SQLModel.metadata.tables[SyncRun.__tablename__]


def due(link: Link, *, since: datetime, at: datetime) -> list[str]:
    """Name the enabled sources without a run since that instant whose breaker lets them be asked."""
    here = (_runs.c.source_id == _sources.c.id) & (_runs.c.trigger != "replay")
    last = select(func.max(_runs.c.started_at)).where(here).scalar_subquery()
    query = select(_sources.c.name).where(
        _sources.c.enabled.is_(True),
        _sources.c.removed_at.is_(None),
        last.is_(None) | (last <= since),
        _sources.c.next_try_at.is_(None) | (_sources.c.next_try_at <= at),
    )
    return list(link.execute(query.order_by(_sources.c.name)).scalars())


def last_observed(link: Link) -> datetime | None:
    """Give the latest instant that any run observed, or None in a cache that was never filled."""
    last: datetime | None = link.execute(select(func.max(_runs.c.observed_at))).scalar_one()
    return last


def ever_filled_otherwise(link: Link) -> bool:
    """Tell whether a run other than the replay of the demo has filled this cache."""
    return link.execute(select(_runs.c.id).where(_runs.c.trigger != "replay").limit(1)).first() is not None
