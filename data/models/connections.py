"""The connections, what changed of them, and their figures day by day."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from data.models._fields import instant
from data.types import UtcDateTime

_GONE = text("vanished_at IS NOT NULL")
_RATED, _SORTED = text("engagement_rate IS NOT NULL"), text("category IS NOT NULL")


class Connection(SQLModel, table=True):
    """One account as one source reports it.

    `account` is the `number` of the first of the connections that witness the same real account (on that one too), None
    for a connection that stands alone; `account_by` says what joined it, or that a person did (`AccountBy`).
    `growth` is the change of followers in 30 days, in percent.
    `last_followers` and `last_engagement_rate` are what was told last, kept only while the figure itself is missing.
    """

    __tablename__: ClassVar[Any] = "connections"
    __table_args__: ClassVar[Any] = (
        Index("ix_connections_vanished", "source_id", "vanished_at", sqlite_where=text("vanished_at IS NOT NULL")),
        Index("ix_connections_followers", "followers"),
        Index("ix_connections_engagement", "engagement_rate", sqlite_where=_RATED, postgresql_where=_RATED),
        Index("ix_connections_connected", "connected_at"),
        Index("ix_connections_category", "category", sqlite_where=_SORTED, postgresql_where=_SORTED),
        Index("ix_connections_handle", "handle_key"),
        Index("ix_connections_platform_id", "platform_id", sqlite_where=text("platform_id IS NOT NULL")),
        Index("ix_connections_account", "account", "health", sqlite_where=text("account IS NOT NULL")),
        Index("ix_connections_expires_at", "expires_at", sqlite_where=text("expires_at IS NOT NULL")),
        Index("ix_connections_growth", "growth", sqlite_where=text("growth IS NOT NULL")),
        Index("ix_connections_suspect", "suspect", sqlite_where=text("suspect IS NOT NULL")),
        Index("ix_connections_status", "status", "health"),
        Index("ix_connections_platform", "platform", "health"),
        Index("ix_connections_kind", "kind", "health"),
        Index("ix_connections_verified", "verified", "health"),
        Index("ix_connections_source_health", "source_id", "health"),
        Index("ix_connections_name", "sort_name"),
        Index("ix_connections_health", "health"),
        Index("ix_connections_first_seen", "first_seen_at", "source_id"),
        Index("ix_connections_seen", "source_id", "last_seen_at"),
        Index("ix_connections_gone", "last_seen_at", sqlite_where=_GONE, postgresql_where=_GONE),
    )

    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    source_id: int = Field(foreign_key="sources.id")
    kind: str
    platform: str
    vendor_id: str
    external_id: str | None = None
    handle: str | None = None
    name: str | None = Field(default=None, sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    status: str
    vendor_status: str | None = None
    verified: bool | None = None
    health: str
    health_reason: str | None = None
    refusal: str | None = None  # why the vendor's own check of the account, told beside its list, refuses it
    health_since: datetime | None = instant()
    followers: int | None = Field(default=None, sa_type=BigInteger)
    engagement_rate: float | None = None
    category: str | None = None
    connected_at: datetime | None = instant()
    last_updated: datetime | None = instant()
    expires_at: datetime | None = instant()
    extra: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    fingerprint: int = Field(default=0, sa_type=BigInteger)
    sort_name: str = ""
    search_text: str = Field(default="", sa_type=Text)
    handle_key: str | None = None
    platform_id: str | None = None
    account: int | None = Field(default=None, sa_type=BigInteger)
    account_by: str | None = None
    suspect: str | None = None
    followers_since: datetime | None = instant()
    growth: float | None = None
    last_followers: int | None = Field(default=None, sa_type=BigInteger)
    last_engagement_rate: float | None = None
    first_seen_at: datetime = instant(null=False)
    last_seen_at: datetime = instant(null=False)
    vanished_at: datetime | None = instant()
    details_at: datetime | None = instant()


class Change(SQLModel, table=True):
    """One field of one connection that changed: kept for ever."""

    __tablename__: ClassVar[Any] = "changes"
    __table_args__: ClassVar[Any] = (
        Index("ix_changes_connection", "connection_id", "at"),
        Index("ix_changes_at", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    connection_id: str
    at: datetime = instant(null=False)
    field: str
    before: str | None = Field(default=None, sa_type=Text)
    after: str | None = Field(default=None, sa_type=Text)
    run_id: int | None = None


class HealthReason(SQLModel, table=True):
    """The reason of a connection's health that stood until an instant, when another took its place: kept for ever."""

    __tablename__: ClassVar[Any] = "health_reasons"
    __table_args__: ClassVar[Any] = {"sqlite_with_rowid": False}

    connection_id: str = Field(primary_key=True)
    until: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    reason: str | None = None


class MetricPoint(SQLModel, table=True):
    """The figures of one connection on one day (UTC)."""

    __tablename__: ClassVar[Any] = "metric_points"
    __table_args__: ClassVar[Any] = {"sqlite_with_rowid": False}

    connection_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    followers: int | None = Field(default=None, sa_type=BigInteger)
    engagement_rate: float | None = None


class Total(SQLModel, table=True):
    """Kept roll-up of one source on one day: its last day is how it stands now.

    `engaged` sums engagement_rate x followers over the rows that have both, `engaged_followers` their followers.
    `followers_once` sums those of the connections that speak for their account; None before accounts were known.
    """

    __tablename__: ClassVar[Any] = "totals"
    __table_args__: ClassVar[Any] = {"sqlite_with_rowid": False}

    source_id: int = Field(primary_key=True)
    day: date = Field(primary_key=True)
    platform: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    status: str = Field(primary_key=True)
    health: str = Field(primary_key=True)
    vanished: bool = Field(primary_key=True)
    connections: int
    with_followers: int
    followers: int = Field(sa_type=BigInteger)
    engaged_followers: int = Field(sa_type=BigInteger)
    engaged: float
    followers_once: int | None = Field(default=None, sa_type=BigInteger)
