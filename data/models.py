"""The tables, in our own words. The migrations make them; tests check that both agree."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from data.types import ACTIVE, LEAVING, UNSETTLED, UtcDateTime

_ACTIVE = text(f"state IN ({', '.join(sorted(repr(state.value) for state in ACTIVE))})")
_GONE = text("vanished_at IS NOT NULL")
_OPEN = text("ended_at IS NULL")
_RATED, _SORTED = text("engagement_rate IS NOT NULL"), text("category IS NOT NULL")
_KEPT = text("removed_at IS NULL")
_LEAVING = text(f"state IN ({', '.join(sorted(repr(state.value) for state in LEAVING))})")
_UNSETTLED = text(f"state IN ({', '.join(sorted(repr(state.value) for state in UNSETTLED))})")


def _instant(*, null: bool = True, index: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=null, index=index)


class Installation(SQLModel, table=True):
    """One row: what this database is, so that it is never taken for another.

    `reasons_since` is when it began to keep why a health was what it was; None: from its beginning.
    """

    id: int = Field(default=1, primary_key=True)
    uuid: str
    mode: str
    created_at: datetime = _instant(null=False)
    key_check: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    reasons_since: datetime | None = _instant()


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
    created_at: datetime = _instant(null=False)
    removed_at: datetime | None = _instant()
    last_complete_at: datetime | None = _instant()
    joined_run: int | None = None
    failures: int = 0
    failing_since: datetime | None = _instant()
    next_try_at: datetime | None = _instant()
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
    observed_at: datetime = _instant(null=False)
    started_at: datetime = _instant(null=False)
    finished_at: datetime | None = _instant()
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
    health_since: datetime | None = _instant()
    followers: int | None = Field(default=None, sa_type=BigInteger)
    engagement_rate: float | None = None
    category: str | None = None
    connected_at: datetime | None = _instant()
    last_updated: datetime | None = _instant()
    expires_at: datetime | None = _instant()
    extra: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    fingerprint: int = Field(default=0, sa_type=BigInteger)
    sort_name: str = ""
    search_text: str = Field(default="", sa_type=Text)
    handle_key: str | None = None
    platform_id: str | None = None
    account: int | None = Field(default=None, sa_type=BigInteger)
    account_by: str | None = None
    suspect: str | None = None
    followers_since: datetime | None = _instant()
    growth: float | None = None
    last_followers: int | None = Field(default=None, sa_type=BigInteger)
    last_engagement_rate: float | None = None
    first_seen_at: datetime = _instant(null=False)
    last_seen_at: datetime = _instant(null=False)
    vanished_at: datetime | None = _instant()
    details_at: datetime | None = _instant()


class Change(SQLModel, table=True):
    """One field of one connection that changed: kept for ever."""

    __tablename__: ClassVar[Any] = "changes"
    __table_args__: ClassVar[Any] = (
        Index("ix_changes_connection", "connection_id", "at"),
        Index("ix_changes_at", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    connection_id: str
    at: datetime = _instant(null=False)
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
    first_seen_at: datetime = _instant(null=False)
    last_seen_at: datetime = _instant(null=False)


class Incident(SQLModel, table=True):
    """One cause that makes something broken, from when it began until it recovered.

    `slot` is what only one open incident may be about, `noted_at` when we saw it: it may have begun before.
    """

    __tablename__: ClassVar[Any] = "incidents"
    __table_args__: ClassVar[Any] = (
        Index("ix_incidents_open", "ended_at", "source_id"),
        Index("ix_incidents_one_open", "slot", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_incidents_slot", "slot", "noted_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source_id: int | None = Field(default=None, foreign_key="sources.id")
    connection_id: str | None = None
    cause: str
    slot: str | None = None
    message: str = Field(sa_type=Text)
    advice: str = Field(default="", sa_type=Text)
    began_at: datetime = _instant(null=False)
    noted_at: datetime | None = _instant()
    ended_at: datetime | None = _instant()
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
    created_at: datetime = _instant(null=False)
    next_at: datetime | None = _instant()
    sent_at: datetime | None = _instant()
    problem: str | None = Field(default=None, sa_type=Text)


class Attempt(SQLModel, table=True):
    """One try to connect an account, bound to a person, a source, a platform and, when it reconnects, to an account.

    `key` is its unguessable one-time id; `slot` what only one open attempt of a person may be about. `before` is the
    vendor's list when it began, `told` what a message, a return or a webhook said, which counts for nothing until the
    vendor's own list or account call confirms it. `remaining` are the accounts still to reconnect after this one.
    """

    __tablename__: ClassVar[Any] = "attempts"
    __table_args__: ClassVar[Any] = (
        Index("ix_attempts_open", "person", "slot", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_attempts_ends", "ends_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
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
    began_at: datetime = _instant(null=False)
    changed_at: datetime = _instant(null=False)
    ends_at: datetime = _instant(null=False)
    returned_at: datetime | None = _instant()
    ended_at: datetime | None = _instant()
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
    at: datetime = _instant(null=False)
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
    began_at: datetime = _instant(null=False)
    changed_at: datetime = _instant(null=False)
    plan: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    proof: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sent_by: str = ""
    sent_until: float = 0.0
    waits_after: int = 0
    asked_at: datetime | None = _instant()
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
    received_at: datetime = _instant(null=False)
    told_at: datetime | None = _instant()
    body: str = Field(sa_type=Text)
    state: str
    reason: str | None = Field(default=None, sa_type=Text)
    repeats: int = 0
    tries: int = 0
    next_at: datetime | None = _instant()
    done_at: datetime | None = _instant()


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
    first_at: datetime = _instant(null=False)
    last_at: datetime = _instant(null=False)


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
    created_at: datetime = _instant(null=False)
    changed_at: datetime = _instant(null=False)
    removed_at: datetime | None = _instant()


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
    created_at: datetime = _instant(null=False)
    saved_at: datetime = _instant(null=False)
    saved_by: str
    removed_at: datetime | None = _instant()


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
    created_at: datetime = _instant(null=False)
    saved_by: str
    saved_at: datetime = _instant(null=False)
    removed_at: datetime | None = _instant()


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
    began_at: datetime = _instant(null=False)
    ended_at: datetime | None = _instant()
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
    created_at: datetime = _instant(null=False)
    changed_at: datetime = _instant(null=False)
    posting_at: datetime | None = _instant()
    answered_at: datetime | None = _instant()
    submitted_at: datetime | None = _instant()
    delivered_at: datetime | None = _instant()
    read_at: datetime | None = _instant()
    failed_at: datetime | None = _instant()
    heard_at: datetime | None = _instant()


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
    at: datetime = _instant(null=False)
    told_at: datetime | None = _instant()
    by: str
    before: str | None = None
    after: str
    moved: bool = True
    code: str | None = None
    words: str = Field(default="", sa_type=Text)
    inbox_id: int | None = None
    raw: str | None = Field(default=None, sa_type=Text)


class User(SQLModel, table=True):
    """A person who may sign in."""

    __tablename__: ClassVar[Any] = "users"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    name: str
    email: str | None = None
    role: str
    password_hash: str
    created_at: datetime = _instant(null=False)
    disabled_at: datetime | None = _instant()
    previous_visit_at: datetime | None = _instant()


class View(SQLModel, table=True):
    """A list of networks that a person saved under a name: the query of its address, and whether others see it."""

    __tablename__: ClassVar[Any] = "views"
    __table_args__: ClassVar[Any] = (UniqueConstraint("owner_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="users.id")
    name: str
    query: str = Field(sa_type=Text)
    shared: bool = False
    created_at: datetime = _instant(null=False)


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
    requested_at: datetime = _instant(null=False)
    note: str = Field(default="", sa_type=Text)
    due_at: datetime | None = _instant()
    reminded_at: datetime | None = _instant()
    flagged_at: datetime | None = _instant()
    escalated_at: datetime | None = _instant()
    assignee: str | None = None
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = _instant()
    reason: str | None = Field(default=None, sa_type=Text)
    first_by: str | None = None
    sent_source_id: int | None = Field(default=None, foreign_key="sources.id")
    sent_at: datetime | None = _instant()
    sent_as: str | None = None
    sent_by: str = ""
    sent_until: float = 0.0
    waits_after: int | None = None
    approval_id: int | None = Field(default=None, sa_type=BigInteger)
    code: str | None = None
    code_field: str | None = None
    answer: str | None = Field(default=None, sa_type=Text)
    vendor_word: str | None = None
    vendor_word_at: datetime | None = _instant()
    changed_at: datetime = _instant(null=False)
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
    at: datetime = _instant(null=False)
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
    since: datetime = _instant(null=False)
    until: datetime = _instant(null=False)
    created_by: str
    created_at: datetime = _instant(null=False)
    ended_at: datetime | None = _instant()


class CasePlan(SQLModel, table=True):
    """A plan of many cases that a person lets be carried out, until all of it is done or it is put away."""

    __tablename__: ClassVar[Any] = "case_plans"

    username: str = Field(primary_key=True)
    begun_at: datetime = _instant(null=False)
    begun_by: str
    plan: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class CaseRule(SQLModel, table=True):
    """A number that the approval of cases goes by (`data.types.Rule`); one that has no row is not in force."""

    __tablename__: ClassVar[Any] = "case_rules"

    name: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    changed_by: str
    changed_at: datetime = _instant(null=False)


class SignInSession(SQLModel, table=True):
    """A sign-in: first a one-time ticket, then a cookie; only their hashes are kept."""

    __tablename__: ClassVar[Any] = "sessions"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    ticket_hash: str | None = Field(default=None, unique=True)
    ticket_until: datetime | None = _instant()
    token_hash: str | None = Field(default=None, unique=True)
    address: str = ""
    agent: str = ""
    created_at: datetime = _instant(null=False)
    last_seen_at: datetime = _instant(null=False)
    expires_at: datetime = _instant(null=False)
    ended_at: datetime | None = _instant()
    ended_why: str | None = None


class Lockout(SQLModel, table=True):
    """Failed sign-ins of one account or one address, and until when it has to wait."""

    __tablename__: ClassVar[Any] = "lockouts"

    subject: str = Field(primary_key=True)
    failures: int = 0
    last_at: datetime = _instant(null=False)
    locked_until: datetime | None = _instant()


class AuditRow(SQLModel, table=True):
    """One action, chained to the row before it by hash."""

    __tablename__: ClassVar[Any] = "audit"
    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _instant(null=False, index=True)
    actor: str
    action: str
    subject: str
    before: str | None = Field(default=None, sa_type=Text)
    after: str | None = Field(default=None, sa_type=Text)
    outcome: str
    reason: str | None = Field(default=None, sa_type=Text)
    previous: str
    hash: str
