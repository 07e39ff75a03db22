"""What Patchbay is, the sources it asks, and how each answered."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from data.models._fields import OPEN, instant


class Installation(SQLModel, table=True):
    """One row: what this database is, so that it is never taken for another.

    `reasons_since` is when it began to keep why a health was what it was; None: from its beginning.
    """

    id: int = Field(default=1, primary_key=True)
    uuid: str
    mode: str
    created_at: datetime = instant(null=False)
    key_check: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reasons_since: datetime | None = instant()


class Source(SQLModel, table=True):
    """One credential at one vendor, and how it last answered.

    `joined_run` is its last run whose connections were joined into accounts; None when none was yet.
    """

    __tablename__: ClassVar[Any] = "sources"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    vendor: str
    contract: str
    base_url: str
    options: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    origin: str
    enabled: bool = True
    created_at: datetime = instant(null=False)
    removed_at: datetime | None = instant()
    last_complete_at: datetime | None = instant()
    joined_run: int | None = None
    failures: int = 0
    failing_since: datetime | None = instant()
    next_try_at: datetime | None = instant()
    problem_kind: str | None = None
    problem_message: str | None = Field(default=None, sa_type=Text)
    problem_action: str | None = Field(default=None, sa_type=Text)
    calls_left: int | None = None
    calls_limit: int | None = None


class SyncRun(SQLModel, table=True):
    """One refresh of one source: its lease, its fencing token (the id), its progress and its outcome."""

    __tablename__: ClassVar[Any] = "sync_runs"
    __table_args__: ClassVar[Any] = (
        Index("ix_sync_runs_source_started", "source_id", "started_at"),
        Index("ix_sync_runs_failed", "source_id", "observed_at", sqlite_where=text("state = 'failed'")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="sources.id")
    trigger: str
    state: str
    observed_at: datetime = instant(null=False)
    started_at: datetime = instant(null=False)
    finished_at: datetime | None = instant()
    lease_until: float = 0.0
    owner: str = ""
    progress: str = ""
    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    vanished: int = 0
    rejected: int = 0
    held_back: bool = False
    requests: int = 0
    seconds: float = 0.0
    problem_kind: str | None = None
    problem_message: str | None = Field(default=None, sa_type=Text)
    problem_action: str | None = Field(default=None, sa_type=Text)


class Drift(SQLModel, table=True):
    """Where a vendor's answers leave its contract."""

    __tablename__: ClassVar[Any] = "drift"
    __table_args__: ClassVar[Any] = (UniqueConstraint("source_id", "kind", "field"),)

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="sources.id")
    kind: str
    field: str
    sample: str | None = Field(default=None, sa_type=Text)
    records: int = 0
    first_seen_at: datetime = instant(null=False)
    last_seen_at: datetime = instant(null=False)


class Incident(SQLModel, table=True):
    """One cause that makes something broken, from when it began until it recovered.

    `slot` is what only one open incident may be about, `noted_at` when we saw it: it may have begun before.
    """

    __tablename__: ClassVar[Any] = "incidents"
    __table_args__: ClassVar[Any] = (
        Index("ix_incidents_open", "ended_at", "source_id"),
        Index("ix_incidents_one_open", "slot", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_incidents_slot", "slot", "noted_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source_id: int | None = Field(default=None, foreign_key="sources.id")
    connection_id: str | None = None
    cause: str
    slot: str | None = None
    message: str = Field(sa_type=Text)
    advice: str = Field(default="", sa_type=Text)
    began_at: datetime = instant(null=False)
    noted_at: datetime | None = instant()
    ended_at: datetime | None = instant()
    ended_why: str | None = Field(default=None, sa_type=Text)


class Notice(SQLModel, table=True):
    """One message that tells the world outside of an incident: that it began, or that it recovered, by one channel."""

    __tablename__: ClassVar[Any] = "notices"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("incident_id", "what", "channel"),
        Index("ix_notices_waiting", "next_at", sqlite_where=text("state = 'waiting'")),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incidents.id")
    what: str
    channel: str
    state: str
    tries: int = 0
    created_at: datetime = instant(null=False)
    next_at: datetime | None = instant()
    sent_at: datetime | None = instant()
    problem: str | None = Field(default=None, sa_type=Text)
