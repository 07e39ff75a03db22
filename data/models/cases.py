"""Cases, their steps, and the rules that they go by."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from data.models._fields import instant
from data.types import ACTIVE

_ACTIVE = text(f"state IN ({', '.join(sorted(repr(state.value) for state in ACTIVE))})")


ASKED = (
    *("state", "platform", "kind", "source_id", "requested_by", "assignee", "due_at", "flagged_at", "escalated_at"),
    *("decision", "vendor_word", "search_text"),
)
"""What the queue of cases is filtered by: one index answers each filter, without the rows, which carry the evidence."""


class Case(SQLModel, table=True):
    """One request to have an account approved, as it stands now; its story is in `case_events`.

    `account_key` is platform and handle in compared form. `evidence` is what was pinned at the latest request or
    decision; `followers`, `handle_key` and `owner` are its parts that are watched. `decision` is our word and
    `vendor_word` the vendor's, side by side. `sent_as` is the id it was sent under; `listed_id` the connection that
    carries the vendor's word; `waits_after` the last sync run that had begun before we sent: only a later one can
    have read what that did.
    """

    __tablename__: ClassVar[Any] = "cases"
    __table_args__: ClassVar[Any] = (
        Index("ix_cases_active_account", "account_key", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
        Index(
            "ix_cases_active_connection", "connection_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE
        ),
        Index("ix_cases_connection", "connection_id"),
        Index("ix_cases_account", "account_key"),
        Index("ix_cases_listed", "listed_id", sqlite_where=text("listed_id IS NOT NULL")),
        Index(
            "ix_cases_unlinked",
            "sent_source_id",
            sqlite_where=text("sent_source_id IS NOT NULL AND listed_id IS NULL"),
        ),
        Index("ix_cases_state", "state", "requested_at"),
        Index("ix_cases_due", "state", "due_at"),
        Index("ix_cases_changed", "state", "changed_at"),
        Index("ix_cases_decided", "state", "decided_at"),
        Index("ix_cases_followers", "state", "followers"),
        Index("ix_cases_handle", "state", "handle_key"),
        Index("ix_cases_asked", *ASKED),
        Index("ix_cases_requested_by", "requested_by"),
        Index("ix_cases_reopened", "state", sqlite_where=text("difference IS NOT NULL")),
        Index("ix_cases_assignee", "assignee", sqlite_where=text("assignee IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    connection_id: str | None = None
    listed_id: str | None = None
    source_id: int | None = Field(default=None, foreign_key="sources.id")
    kind: str
    platform: str
    handle: str | None = None
    handle_key: str | None = None
    account_key: str | None = None
    name: str | None = Field(default=None, sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    followers: int | None = Field(default=None, sa_type=BigInteger)
    owner: str | None = None
    category: str | None = None
    search_text: str = Field(default="", sa_type=Text)
    state: str
    version: int = 1
    requested_by: str
    requested_at: datetime = instant(null=False)
    note: str = Field(default="", sa_type=Text)
    due_at: datetime | None = instant()
    reminded_at: datetime | None = instant()
    flagged_at: datetime | None = instant()
    escalated_at: datetime | None = instant()
    assignee: str | None = None
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = instant()
    reason: str | None = Field(default=None, sa_type=Text)
    first_by: str | None = None
    sent_source_id: int | None = Field(default=None, foreign_key="sources.id")
    sent_at: datetime | None = instant()
    sent_as: str | None = None
    sent_by: str = ""
    sent_until: float = 0.0
    waits_after: int | None = None
    approval_id: int | None = Field(default=None, sa_type=BigInteger)
    code: str | None = None
    code_field: str | None = None
    answer: str | None = Field(default=None, sa_type=Text)
    vendor_word: str | None = None
    vendor_word_at: datetime | None = instant()
    changed_at: datetime = instant(null=False)
    difference: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    evidence: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class CaseEvent(SQLModel, table=True):
    """One step of a case: who did what, from which state to which, and what they saw."""

    __tablename__: ClassVar[Any] = "case_events"
    __table_args__: ClassVar[Any] = (
        Index("ix_case_events_case", "case_id", "id"),
        Index("ix_case_events_at", "at", "action", "before", "after"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    at: datetime = instant(null=False)
    actor: str
    action: str
    before: str | None = None
    after: str
    version: int
    reason: str | None = Field(default=None, sa_type=Text)
    evidence: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    told: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class Delegation(SQLModel, table=True):
    """Who decides cases in whose place while that person is away."""

    __tablename__: ClassVar[Any] = "delegations"
    __table_args__: ClassVar[Any] = (Index("ix_delegations_until", "until"),)

    id: int | None = Field(default=None, primary_key=True)
    away: str
    delegate: str
    since: datetime = instant(null=False)
    until: datetime = instant(null=False)
    created_by: str
    created_at: datetime = instant(null=False)
    ended_at: datetime | None = instant()


class CasePlan(SQLModel, table=True):
    """A plan of many cases that a person lets be carried out, until all of it is done or it is put away."""

    __tablename__: ClassVar[Any] = "case_plans"

    username: str = Field(primary_key=True)
    begun_at: datetime = instant(null=False)
    begun_by: str
    plan: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class CaseRule(SQLModel, table=True):
    """A number that the approval of cases goes by (`data.types.Rule`); one that has no row is not in force."""

    __tablename__: ClassVar[Any] = "case_rules"

    name: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    changed_by: str
    changed_at: datetime = instant(null=False)
