"""Test recipients, drafts, templates, and what was sent."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from data.models._fields import instant
from data.types import LEAVING

_KEPT = text("removed_at IS NULL")
_LEAVING = text(f"state IN ({', '.join(sorted(repr(state.value) for state in LEAVING))})")


class Recipient(SQLModel, table=True):
    """A named test recipient: the only people whom a message of ours may reach.

    `name_key` is the name as it is compared; `variables` fill a message (`{{first_name}}`); `consent` says how the
    person agreed to tests. One that was removed keeps its row: messages name it.
    """

    __tablename__: ClassVar[Any] = "recipients"
    __table_args__: ClassVar[Any] = (
        Index("ix_recipients_name", "name_key", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("ix_recipients_igsid", "igsid", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_key: str
    igsid: str
    variables: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    consent: str = Field(default="", sa_type=Text)
    created_by: str
    created_at: datetime = instant(null=False)
    changed_at: datetime = instant(null=False)
    removed_at: datetime | None = instant()


class Draft(SQLModel, table=True):
    """A message in the making, saved by itself; its id stands in the address.

    `body` has the document's own names (contentType, content, template, url, type, quickReplies, callbackData,
    correlationId), of every family that was typed into, finished or not. `press` is the one-time id that the next press
    of its send button is known by, in each of its tabs; a sent one gets a new press only when a person asks for it.
    """

    __tablename__: ClassVar[Any] = "drafts"
    __table_args__: ClassVar[Any] = (
        Index("ix_drafts_saved", "saved_at", sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("ix_drafts_owner", "owner", "saved_at", sqlite_where=_KEPT, postgresql_where=_KEPT),
    )

    id: str = Field(primary_key=True)
    owner: str
    source_id: int | None = Field(default=None, foreign_key="sources.id")
    recipient_id: int | None = Field(default=None, foreign_key="recipients.id")
    body: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    version: int = 1
    press: str = Field(unique=True)
    created_at: datetime = instant(null=False)
    saved_at: datetime = instant(null=False)
    saved_by: str
    removed_at: datetime | None = instant()


class MessageTemplate(SQLModel, table=True):
    """A message kept under a name for everybody who composes; `body` as in a draft."""

    __tablename__: ClassVar[Any] = "message_templates"
    __table_args__: ClassVar[Any] = (
        Index("ix_message_templates_name", "name_key", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_key: str
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    version: int = 1
    created_by: str
    created_at: datetime = instant(null=False)
    saved_by: str
    saved_at: datetime = instant(null=False)
    removed_at: datetime | None = instant()


class Sending(SQLModel, table=True):
    """One press that sends to a list of recipients; its messages carry its id and hold the result of each."""

    __tablename__: ClassVar[Any] = "sendings"
    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    press: str = Field(unique=True)
    source_id: int = Field(foreign_key="sources.id")
    person: str
    state: str
    total: int
    began_at: datetime = instant(null=False)
    ended_at: datetime | None = instant()
    stopped_by: str | None = None


class Message(SQLModel, table=True):
    """One message to one recipient, from its reservation on; its story is in `message_events`.

    `press` is the one-time id of the press that sent it: a second one with the same id finds this row. It is also the
    reference that the address of its callbacks carries. `payload` is the JSON that left, without that address;
    `digest` the hash of the whole of it, address included, that the button was bound to. `attempt_of` is the message
    that this one deliberately tries again, under the same correlation id. `sent_by` and `sent_until` hold while its
    request is on its way; `heard_at` is when a callback was heard last. The instants of its states are our own clock's.
    """

    __tablename__: ClassVar[Any] = "messages"
    __table_args__: ClassVar[Any] = (
        Index("ix_messages_leaving", "state", "id", sqlite_where=_LEAVING, postgresql_where=_LEAVING),
        Index("ix_messages_created", "created_at", "id"),
        Index("ix_messages_state", "state", "id"),
        Index("ix_messages_family", "family", "id"),
        Index("ix_messages_source", "source_id", "id"),
        Index("ix_messages_recipient", "recipient_id", "id"),
        Index("ix_messages_person", "person", "id"),
        Index("ix_messages_sending", "sending_id", "id", sqlite_where=text("sending_id IS NOT NULL")),
        Index("ix_messages_draft", "draft_id", "id", sqlite_where=text("draft_id IS NOT NULL")),
        Index("ix_messages_attempt", "attempt_of", sqlite_where=text("attempt_of IS NOT NULL")),
        Index("ix_messages_transid", "transid", sqlite_where=text("transid IS NOT NULL")),
        Index("ix_messages_correlation", "correlation_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    press: str = Field(unique=True)
    source_id: int = Field(foreign_key="sources.id")
    recipient_id: int = Field(foreign_key="recipients.id")
    recipient: str
    to: str
    family: str
    payload: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    digest: str
    correlation_id: str
    search_text: str = Field(default="", sa_type=Text)
    person: str
    draft_id: str | None = None
    sending_id: int | None = Field(default=None, foreign_key="sendings.id")
    attempt_of: int | None = Field(default=None, foreign_key="messages.id")
    state: str
    transid: str | None = None
    code: str | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    advice: str | None = Field(default=None, sa_type=Text)
    sent_by: str = ""
    sent_until: float = 0.0
    created_at: datetime = instant(null=False)
    changed_at: datetime = instant(null=False)
    posting_at: datetime | None = instant()
    answered_at: datetime | None = instant()
    submitted_at: datetime | None = instant()
    delivered_at: datetime | None = instant()
    read_at: datetime | None = instant()
    failed_at: datetime | None = instant()
    heard_at: datetime | None = instant()


class MessageEvent(SQLModel, table=True):
    """One step of a message: what a person, our own side, the vendor's answer or a callback said, moved or not.

    `told_at` is when the vendor says that it happened; `inbox_id` the callback that told it, each noted once; `raw`
    that callback's body as it was kept.
    """

    __tablename__: ClassVar[Any] = "message_events"
    __table_args__: ClassVar[Any] = (
        Index("ix_message_events_message", "message_id", "id"),
        UniqueConstraint("message_id", "inbox_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="messages.id")
    at: datetime = instant(null=False)
    told_at: datetime | None = instant()
    by: str
    before: str | None = None
    after: str
    moved: bool = True
    code: str | None = None
    words: str = Field(default="", sa_type=Text)
    inbox_id: int | None = None
    raw: str | None = Field(default=None, sa_type=Text)
