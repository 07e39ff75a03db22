"""Column types and the closed word lists of the cache."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NewType

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

ConnectionId = NewType("ConnectionId", str)
SourceId = NewType("SourceId", int)
RunId = NewType("RunId", int)
UserId = NewType("UserId", int)
CaseId = NewType("CaseId", int)


class Vendor(StrEnum):
    """The five APIs."""

    HIGHLEVEL = "highlevel"
    GIPPER = "gipper"
    LATE = "late"
    ZOCIAL = "zocial"
    IMICONNECT = "imiconnect"


class Contract(StrEnum):
    """Which of a vendor's two contracts a source speaks (contracts/README.md)."""

    DOCUMENTED = "documented"
    CURRENT = "current"


class Kind(StrEnum):
    """What a connection is at its vendor."""

    NETWORK = "network"
    PAGE = "page"
    WALL = "wall"
    CHANNEL = "channel"


class Status(StrEnum):
    """What the vendor says (Zocial, Network Status Values); anything else is UNKNOWN, its word kept raw."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    DISCONNECTED = "disconnected"
    UNKNOWN = "unknown"


class Health(StrEnum):
    """What we observe of a connection; in alphabetical order the worst comes first."""

    BROKEN = "broken"
    DEGRADED = "degraded"
    EXPIRING = "expiring"
    HEALTHY = "healthy"
    UNKNOWN = "unknown"


class AccountBy(StrEnum):
    """What says that connections are the same real account; a person's word stays whatever the vendors say later."""

    PLATFORM_ID = "platform_id"
    HANDLE = "handle"
    URL = "url"
    PERSON = "person"


class Suspect(StrEnum):
    """Why a figure is not to be believed as it stands: what it did from one sync to the next."""

    FOLLOWERS_DOUBLED = "followers_doubled"
    FOLLOWERS_ZERO = "followers_zero"
    FOLLOWERS_NEGATIVE = "followers_negative"
    FOLLOWERS_FROZEN = "followers_frozen"
    ENGAGEMENT_DOUBLED = "engagement_doubled"
    ENGAGEMENT_ZERO = "engagement_zero"
    ENGAGEMENT_NEGATIVE = "engagement_negative"


class CaseState(StrEnum):
    """How a case stands (DESIGN.md section 6); accepted, rejected and suspended are the vendor's word."""

    REQUESTED = "requested"
    CHANGES_REQUESTED = "changes_requested"
    HELD = "held"
    APPROVED = "approved"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


ACTIVE = frozenset(
    {
        CaseState.REQUESTED,
        CaseState.CHANGES_REQUESTED,
        CaseState.HELD,
        CaseState.APPROVED,
        CaseState.SUBMITTING,
        CaseState.SUBMITTED,
        CaseState.UNKNOWN,
    }
)
"""The states of a case that is not at its end: an account has one such case at most."""


class AttemptState(StrEnum):
    """How an attempt to connect stands (DESIGN.md section 6); all but the first two are its end."""

    STARTED = "started"
    WAITING = "waiting"
    CONNECTED = "connected"
    WRONG_ACCOUNT = "wrong_account"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"


OPEN_ATTEMPT = frozenset({AttemptState.STARTED, AttemptState.WAITING})
"""The states of an attempt that is not at its end."""


class DisconnectState(StrEnum):
    """How a disconnect stands: marked before the request, settled by what every source says afterwards."""

    SENDING = "sending"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DISCONNECTED = "disconnected"
    ALIVE = "alive"
    """The vendor said yes, and the account lives on somewhere: an incident."""


UNSETTLED = frozenset({DisconnectState.SENDING, DisconnectState.UNKNOWN})
"""The states of a disconnect of which nobody knows yet whether it happened."""


class Family(StrEnum):
    """What a message is (imiconnect document, contentType)."""

    TEXT = "TEXT"
    TEMPLATE = "TEMPLATE"
    MEDIA = "MEDIA"
    STICKER = "STICKER"


class MessageState(StrEnum):
    """How a message stands (DESIGN.md section 6); each list, export and command names it like this."""

    RESERVED = "reserved"
    POSTING = "posting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


LEAVING = frozenset({MessageState.RESERVED, MessageState.POSTING})
"""The states of a message of which our own side is not done yet."""


class SendingState(StrEnum):
    """How a send to a list of recipients stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class InboxState(StrEnum):
    """What became of a webhook that was believed."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


class Cause(StrEnum):
    """What an incident is about; one is open at most for each cause of a source or of a connection."""

    FAILING = "failing"
    LOSS = "loss"
    RECONNECT = "reconnect"
    ZOMBIE = "zombie"
    WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 (the name of a cause, no secret)
    WEBHOOK_REFUSED = "webhook_refused"
    AUDIT = "audit"
    JWT = "jwt"


class Channel(StrEnum):
    """By what an incident is told outside of the app."""

    WEBHOOK = "webhook"
    EMAIL = "email"


class Told(StrEnum):
    """What a message tells of an incident."""

    BEGAN = "began"
    RECOVERED = "recovered"


class NoticeState(StrEnum):
    """What became of a message that tells of an incident."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It was on its way when Patchbay stopped: it may have arrived, and is not sent twice."""
    SPARED = "spared"
    """It was not sent on purpose; the reason says why."""


class Rule(StrEnum):
    """What the approval of cases goes by, each a number that an admin sets."""

    TWO_ABOVE = "two_above"
    """Followers above which a case needs two approvals by different people."""
    DUE_HOURS = "due_hours"
    """Hours after which a case is due when its request agrees on no time."""
    REMIND_HOURS = "remind_hours"
    """Hours before the agreed time from which on a case that waits carries a reminder."""
    ESCALATE_HOURS = "escalate_hours"
    """Hours past the agreed time after which a case that waits, flagged by then, is escalated."""


class RunState(StrEnum):
    """How a sync of one source stands or ended."""

    RUNNING = "running"
    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"


class Role(StrEnum):
    """Who may do what: analysts look, marketers write, admins decide."""

    ANALYST = "analyst"
    MARKETER = "marketer"
    ADMIN = "admin"


class Origin(StrEnum):
    """Where a source comes from."""

    ENVIRONMENT = "environment"
    SANDBOX = "sandbox"
    ADDED = "added"


class Mode(StrEnum):
    """Whether a database holds demo or real data: it never holds both."""

    DEMO = "demo"
    REAL = "real"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept as naive UTC so that both databases sort and compare it alike; in SQLite as ISO text."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Keep text in SQLite: the driver's own conversion costs more than the write (100,000 rows a sync)."""
        return dialect.type_descriptor(String(26) if dialect.name == "sqlite" else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Turn an aware instant into naive UTC; a naive one is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant without a time zone can't be stored.")
        naive = value.astimezone(UTC).replace(tzinfo=None)
        return naive.isoformat(" ", "microseconds") if dialect.name == "sqlite" else naive

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (the base class's signature)
        """Give the stored instant its zone back."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value + "+00:00")  # a fifth of the time that replacing its zone takes
        naive: datetime = value
        return naive.replace(tzinfo=UTC)
