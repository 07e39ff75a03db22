"""Tries to connect an account, receipts of disconnects, and what vendors told by themselves."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from data.models._fields import OPEN, instant
from data.types import UNSETTLED

_UNSETTLED = text(f"state IN ({', '.join(sorted(repr(state.value) for state in UNSETTLED))})")


class Attempt(SQLModel, table=True):
    """One try to connect an account, bound to a person, a source, a platform and, when it reconnects, to an account.

    `key` is its unguessable one-time id; `slot` what only one open attempt of a person may be about. `before` is the
    vendor's list when it began, `told` what a message, a return or a webhook said, which counts for nothing until the
    vendor's own list or account call confirms it. `remaining` are the accounts still to reconnect after this one.
    """

    __tablename__: ClassVar[Any] = "attempts"
    __table_args__: ClassVar[Any] = (
        Index("ix_attempts_open", "person", "slot", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_attempts_ends", "ends_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_attempts_source", "source_id", "id"),
        Index("ix_attempts_connection", "connection_id", sqlite_where=text("connection_id IS NOT NULL")),
        Index("ix_attempts_reconnects", "reconnects", sqlite_where=text("reconnects IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    person: str
    slot: str
    source_id: int = Field(foreign_key="sources.id")
    platform: str
    kind: str
    reconnects: str | None = None
    expects: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    state: str
    began_at: datetime = instant(null=False)
    changed_at: datetime = instant(null=False)
    ends_at: datetime = instant(null=False)
    returned_at: datetime | None = instant()
    ended_at: datetime | None = instant()
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    told: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    remaining: list[Any] | None = Field(default=None, sa_column=Column(JSON))
    problem: str | None = None
    message: str = Field(default="", sa_type=Text)
    advice: str = Field(default="", sa_type=Text)
    connection_id: str | None = None
    account: str | None = None


class AttemptEvent(SQLModel, table=True):
    """One step of an attempt: who or what made it (a person, the popup, a return, a webhook, a list, the clock)."""

    __tablename__: ClassVar[Any] = "attempt_events"
    __table_args__: ClassVar[Any] = (Index("ix_attempt_events_attempt", "attempt_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    attempt_id: int = Field(foreign_key="attempts.id")
    at: datetime = instant(null=False)
    by: str
    before: str | None = None
    after: str
    words: str = Field(default="", sa_type=Text)


class Disconnect(SQLModel, table=True):
    """The receipt of one disconnect: what was planned, what was sent, and what each source said afterwards.

    `sent_as` is the vendor's own id it was sent under; `proof` has one entry for each source that was asked, `asked_at`
    is when they were asked last. `waits_after` is the last sync run that had begun before the vendor answered: only a
    later one can have read what the disconnect did.
    """

    __tablename__: ClassVar[Any] = "disconnects"
    __table_args__: ClassVar[Any] = (
        Index(
            "ix_disconnects_open", "connection_id", unique=True, sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED
        ),
        Index("ix_disconnects_connection", "connection_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    connection_id: str
    source_id: int = Field(foreign_key="sources.id")
    account: str
    sent_as: str
    person: str
    state: str
    began_at: datetime = instant(null=False)
    changed_at: datetime = instant(null=False)
    plan: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    proof: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sent_by: str = ""
    sent_until: float = 0.0
    waits_after: int = 0
    asked_at: datetime | None = instant()
    problem: str | None = None
    message: str = Field(default="", sa_type=Text)
    advice: str = Field(default="", sa_type=Text)


class InboxEvent(SQLModel, table=True):
    """One webhook that was believed, kept before it is acknowledged and worked off later, once."""

    __tablename__: ClassVar[Any] = "inbox"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("source_id", "event_id"),
        Index("ix_inbox_waiting", "next_at", "id", sqlite_where=text("state = 'waiting'")),
        Index("ix_inbox_received", "received_at"),
        Index("ix_inbox_source", "source_id", "id"),
        Index("ix_inbox_event", "event", "id"),
        Index("ix_inbox_state", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="sources.id")
    event_id: str
    event: str
    about: str | None = None
    received_at: datetime = instant(null=False)
    told_at: datetime | None = instant()
    body: str = Field(sa_type=Text)
    state: str
    reason: str | None = Field(default=None, sa_type=Text)
    repeats: int = 0
    tries: int = 0
    next_at: datetime | None = instant()
    done_at: datetime | None = instant()


class InboxRefusal(SQLModel, table=True):
    """Webhooks that were refused, counted by hook, source, reason and day: what they said is not kept."""

    __tablename__: ClassVar[Any] = "inbox_refusals"
    __table_args__: ClassVar[Any] = (UniqueConstraint("hook", "source", "reason", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    hook: str
    source: str
    reason: str
    day: date
    count: int = 1
    first_at: datetime = instant(null=False)
    last_at: datetime = instant(null=False)
