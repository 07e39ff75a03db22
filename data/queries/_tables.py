"""The tables as Core sees them: a page reads rows, never live objects."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, case
from sqlmodel import SQLModel

from data import models

_known = SQLModel.metadata.tables

connections: Table = _known["connections"]
sources: Table = _known[models.Source.__tablename__]
runs: Table = _known[models.SyncRun.__tablename__]
changes: Table = _known[models.Change.__tablename__]
reasons: Table = _known[models.HealthReason.__tablename__]
installation: Table = _known["installation"]
points: Table = _known[models.MetricPoint.__tablename__]
totals: Table = _known[models.Total.__tablename__]
drift: Table = _known[models.Drift.__tablename__]
incidents: Table = _known[models.Incident.__tablename__]
notices: Table = _known[models.Notice.__tablename__]
users: Table = _known[models.User.__tablename__]
sessions: Table = _known[models.SignInSession.__tablename__]
lockouts: Table = _known[models.Lockout.__tablename__]
audit: Table = _known[models.AuditRow.__tablename__]
views: Table = _known[models.View.__tablename__]
cases: Table = _known[models.Case.__tablename__]
attempts: Table = _known[models.Attempt.__tablename__]
attempt_events: Table = _known[models.AttemptEvent.__tablename__]
case_events: Table = _known[models.CaseEvent.__tablename__]
inbox: Table = _known[models.InboxEvent.__tablename__]
refusals: Table = _known[models.InboxRefusal.__tablename__]
disconnects: Table = _known[models.Disconnect.__tablename__]
messages: Table = _known[models.Message.__tablename__]
message_events: Table = _known[models.MessageEvent.__tablename__]
recipients: Table = _known[models.Recipient.__tablename__]
drafts: Table = _known[models.Draft.__tablename__]
message_templates: Table = _known[models.MessageTemplate.__tablename__]
sendings: Table = _known[models.Sending.__tablename__]

last_seen: ColumnElement[datetime] = case(
    (connections.c.vanished_at.is_not(None), connections.c.last_seen_at),
    (sources.c.last_complete_at > connections.c.last_seen_at, sources.c.last_complete_at),
    else_=connections.c.last_seen_at,
)
"""When a connection was last seen: a complete answer of its source saw all that it still lists."""
