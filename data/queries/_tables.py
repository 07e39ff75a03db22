"""The tables as Core sees them: a page reads rows, never live objects."""

from sqlalchemy import Table
from sqlmodel import SQLModel

from data import models

_known = SQLModel.metadata.tables

connections: Table = _known["connections"]
sources: Table = _known[models.Source.__tablename__]
runs: Table = _known[models.SyncRun.__tablename__]
changes: Table = _known[models.Change.__tablename__]
points: Table = _known[models.MetricPoint.__tablename__]
totals: Table = _known[models.Total.__tablename__]
drift: Table = _known[models.Drift.__tablename__]
incidents: Table = _known[models.Incident.__tablename__]
