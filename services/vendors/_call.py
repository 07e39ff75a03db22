"""What is asked of a vendor and what it answers: plain values, with nothing secret in their repr."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from services.vendors import errors
from services.vendors._json import kind_of
from services.vendors._judge import Dialect, common


class Mode(Enum):
    """How a call may be treated when it fails."""

    READ = "read"
    """Changes nothing: tried again after a passing fault."""
    ONCE = "once"
    """Sent once, but nothing is lost when nobody knows how it ended (minting a connect address)."""
    WRITE = "write"
    """Sent once; when nobody knows how it ended, that is said (OutcomeUnknown)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that things may take: connecting, one chunk, one call, a call with its retries; first wait, and tries."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0
    overall: float = 75.0
    backoff: float = 0.5
    tries: int = 4


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to ask of a vendor; `action` is it in words, `secrets` is what must not come back in an error."""

    action: str
    method: str
    path: str
    mode: Mode
    params: Mapping[str, str] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    json: Any = field(default=None, repr=False)
    empty: bool = False
    raw: bool = False
    dialect: Dialect = common
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor answered: status, headers (lower-case names) and the decoded body (never shown in the repr)."""

    vendor: str
    action: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)
    is_json: bool = True
    written: bool = False

    def unexpected(self, reason: str) -> errors.VendorError:
        """The error for an answer whose shape is not the contract's; of a write, nobody knows whether it happened."""
        error = errors.OutcomeUnknown if self.written else errors.UnexpectedAnswer
        return error(self.vendor, self.action, reason, status=self.status)

    def unconfirmed(self, reason: str) -> errors.OutcomeUnknown:
        """The error for an answer to a write that does not say whether it happened."""
        return errors.OutcomeUnknown(self.vendor, self.action, reason, status=self.status)

    def object(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            UnexpectedAnswer: it is something else.
        """
        if not isinstance(self.body, dict):
            raise self.unexpected(f"a JSON object was due, {kind_of(self.body)} came")
        return self.body

    def rows(self, key: str) -> list[Any]:
        """The list under `key` of the body; a missing or null one is an error and never an empty list.

        Raises:
            UnexpectedAnswer: it is not there, or no list.
        """
        body = self.object()
        if key not in body:
            raise self.unexpected(f"the list '{key}' is missing")
        if not isinstance(body[key], list):
            raise self.unexpected(f"'{key}' should be a list, {kind_of(body[key])} came")
        rows: list[Any] = body[key]
        return rows
