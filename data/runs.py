"""The runs that this process left open: what a stopped command has to close."""

from sqlalchemy import Connection as Link
from sqlalchemy import select
from sqlmodel import SQLModel

from data import leases
from data.models import SyncRun

_runs = SQLModel.metadata.tables[SyncRun.__tablename__]


def open_here(link: Link) -> list[int]:
    """Give the ids of the runs that this process holds a lease for."""
    owner = leases.this_process()
    return list(link.execute(select(_runs.c.id).where(_runs.c.state == "running", _runs.c.owner == owner)).scalars())
