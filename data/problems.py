"""What a run found wrong at a source: drift, and the source's own standing."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Link
from sqlalchemy import insert, select, update
from sqlmodel import SQLModel

from data.models import Drift, Source

_drift = SQLModel.metadata.tables[Drift.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]


def note_drift(link: Link, source_id: int, at: datetime, kind: str, field: str, *, sample: str, records: int) -> None:
    """Note that records of a source leave the contract in one field; the first sighting is kept."""
    here = (_drift.c.source_id == source_id) & (_drift.c.kind == kind) & (_drift.c.field == field)
    seen = {"sample": sample, "records": records, "last_seen_at": at}
    if link.execute(update(_drift).where(here).values(seen)).rowcount == 0:
        new = {"source_id": source_id, "kind": kind, "field": field, "first_seen_at": at} | seen
        link.execute(insert(_drift).values(new))


def standing(link: Link, source_id: int) -> Any:
    """Give failures, failing_since and last_complete_at of a source."""
    columns = (_sources.c.failures, _sources.c.failing_since, _sources.c.last_complete_at)
    return link.execute(select(*columns).where(_sources.c.id == source_id)).one()


def set_standing(link: Link, source_id: int, **values: Any) -> None:
    """Write down how a source stands after a run."""
    link.execute(update(_sources).where(_sources.c.id == source_id).values(values))
