"""Sources whose webhooks are refused: how often, since when, and whether one was believed meanwhile."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Link
from sqlalchemy import func, select
from sqlmodel import SQLModel

from data.models import InboxEvent, InboxRefusal, Incident, Source

_inbox = SQLModel.metadata.tables[InboxEvent.__tablename__]
_incidents = SQLModel.metadata.tables[Incident.__tablename__]
_refusals = SQLModel.metadata.tables[InboxRefusal.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]


class Refused(NamedTuple):
    """How often a source's webhooks were refused for some reasons, from when to when, and the last one believed."""

    source_id: int
    source: str
    times: int
    first_at: datetime
    last_at: datetime
    believed_at: datetime | None


def lately(link: Link, reasons: Collection[str], since: datetime) -> list[Refused]:
    """Give the sources in use whose webhooks were refused for such a reason since an instant."""
    here = _refusals.c
    columns = (func.sum(here.count), func.min(here.first_at), func.max(here.last_at))
    query = (
        select(_sources.c.id, _sources.c.name, *columns)
        .select_from(_refusals.join(_sources, _sources.c.name == here.source))
        .where(here.reason.in_(list(reasons)), here.last_at >= since, _sources.c.removed_at.is_(None))
        .group_by(_sources.c.id, _sources.c.name)
    )
    return [Refused(*row, believed_at(link, row[0])) for row in link.execute(query).all()]


def believed_at(link: Link, source_id: int) -> datetime | None:
    """Tell when a webhook of a source was believed last."""
    newest = select(_inbox.c.received_at).where(_inbox.c.source_id == source_id)
    found: datetime | None = link.execute(newest.order_by(_inbox.c.id.desc()).limit(1)).scalar_one_or_none()
    return found


def with_incident(link: Link, cause: str) -> dict[int, datetime]:
    """Give the sources with an open incident of a cause, and since when it is known."""
    here = _incidents.c
    query = select(here.source_id, here.noted_at).where(here.ended_at.is_(None), here.cause == cause)
    return {row.source_id: row.noted_at for row in link.execute(query)}
