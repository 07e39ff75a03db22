"""What can go wrong between us and a vendor: one class per situation, each a sentence a person can act on."""

from __future__ import annotations

import re
from typing import ClassVar, Final

REASON_LENGTH: Final = 300
"""A vendor's own words are cut at this many characters."""

PASSING: Final = frozenset({"unreachable", "timeout", "rate_limited", "vendor_down"})
"""The kinds that pass by themselves: they make a source degraded, never broken."""

_NAMES: Final = {"highlevel": "HighLevel", "gipper": "Gipper", "late": "Late", "zocial": "Zocial"}
_MAIL: Final = re.compile(r"([\w.+%-])[\w.+%-]*@[\w-][\w.-]*")


def clean(text: object, *, length: int = REASON_LENGTH) -> str:
    """Foreign text made safe to show and to log: control characters escaped, cut at `length` characters."""
    head = str(text)[: length + 1]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in head)
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def mask_mail(text: str) -> str:
    """The text with every e-mail address reduced to its first letter."""
    return _MAIL.sub(r"\1…@…", text)


class VendorError(Exception):
    """A call to a vendor that did not give what it should; `str()` is a sentence without any secret.

    Attributes:
        vendor: the vendor's module name. action: the call in words ("list the networks").
        reason: what happened. kind: one short constant per situation. advice: what a person should do.
        status: the HTTP status. code: the vendor's own code. field: the field it complains about.
        retry_after: seconds to wait, when the vendor told them.
    """

    kind: ClassVar[str] = "unexpected_answer"
    usual_advice: ClassVar[str] = "Try again later; if it stays, ask the vendor's support."
    fieldless_advice: ClassVar[str | None] = None
    """What to do instead where no field is named, if that is something else."""

    def __init__(
        self,
        vendor: str,
        action: str,
        reason: str,
        *,
        advice: str | None = None,
        status: int | None = None,
        code: str | None = None,
        field: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.vendor = vendor
        self.action = action
        self.reason = clean(reason)
        self.advice = advice or (None if field else self.fieldless_advice) or self.usual_advice
        self.status = status
        self.code = None if code is None else clean(code, length=64)
        self.field = None if field is None else clean(field, length=128)
        self.retry_after = retry_after
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        return f"{_NAMES.get(self.vendor, self.vendor)} could not {self.action}: {self.reason}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), dict(self.__dict__))


def _rebuilt(kind: type[VendorError], values: dict[str, object]) -> VendorError:
    return kind(**values)  # type: ignore[arg-type]


class Unreachable(VendorError):
    """No connection came about; nothing was sent (of a write: nothing happened)."""

    kind = "unreachable"
    usual_advice = "Check the base URL and the network; it is tried again by itself."


class TimedOut(VendorError):
    """The vendor did not answer in time, and nothing depends on it."""

    kind = "timeout"
    usual_advice = "The vendor is slow or hangs; it is tried again by itself."


class RateLimited(VendorError):
    """The vendor, or our own limit for it, allows no call now; `retry_after` says when, if known."""

    kind = "rate_limited"
    usual_advice = "Wait: the next attempt comes by itself when the vendor allows it."


class WaitTooLong(RateLimited):
    """The wait asked for is longer than a thread may sleep: the job is to be scheduled anew after `retry_after`."""


class Unauthorised(VendorError):
    """The credential is missing, wrong or expired."""

    kind = "unauthorised"
    usual_advice = "Enter a new credential for this source."


class PermissionDenied(VendorError):
    """The credential is known, but may not do this."""

    kind = "permission_denied"
    usual_advice = "Give the credential the missing permission at the vendor, or use another one."


class NotFound(VendorError):
    """The vendor does not know what was asked for."""

    kind = "not_found"
    usual_advice = "Refresh the source: it may be gone at the vendor."


class Conflict(VendorError):
    """It exists or is connected already."""

    kind = "conflict"
    usual_advice = "Refresh the source: it may be connected already."


class LimitReached(VendorError):
    """The plan or the account at the vendor is full."""

    kind = "limit_reached"
    usual_advice = "Disconnect something or raise the limit at the vendor; trying again does not help."


class Rejected(VendorError):
    """The vendor refused what was sent."""

    kind = "rejected"
    usual_advice = "Correct what the vendor names and try again."
    fieldless_advice = "The vendor named no field: sent again unchanged, it is refused again."


class VendorDown(VendorError):
    """The vendor has a fault of its own (5xx)."""

    kind = "vendor_down"
    usual_advice = "The vendor has a fault of its own; it is tried again by itself."


class UnexpectedAnswer(VendorError):
    """The answer is not what the contract says: not JSON, HTML, null, empty, another shape."""

    kind = "unexpected_answer"
    usual_advice = "Check that the base URL is the vendor's API; if it is, the vendor changed its answers."


class AnswerTooLarge(VendorError):
    """The answer was refused while reading, because it is larger than any honest one."""

    kind = "too_large"
    usual_advice = "Check that the base URL is the vendor's API; if it is, tell the vendor."


class RedirectRefused(VendorError):
    """The vendor answered with a redirect, which is never followed (credentials would leave)."""

    kind = "redirect"
    usual_advice = "Check the base URL: scheme, host and prefix must be the vendor's final ones."


class OutcomeUnknown(VendorError):
    """A write was sent and nobody knows whether it happened: it is never sent again by itself."""

    kind = "unknown_outcome"
    usual_advice = "Look at the vendor or refresh the source before doing it again."

    def _sentence(self) -> str:
        return f"{_NAMES.get(self.vendor, self.vendor)} did not confirm whether it could {self.action}: {self.reason}"
