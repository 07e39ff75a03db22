"""What imiconnect answers to a message: three families of responses, in which a 200 may be a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from services.vendors import errors
from services.vendors._http import Refusal, common, words

_TAKEN: Final = frozenset({"1001", "7500", "7501", "7502"})
"""Codes of a message that the vendor has: queued, or already further (delivered, submitted, read)."""
_CLIENT, _SERVER = 400, 500
_META_CLOSED: Final = 2534022

CODES: Final[Mapping[str, tuple[type[errors.VendorError], str]]] = {
    "7000": (errors.Rejected, "The message is not valid: check its fields."),
    "7001": (errors.Unauthorised, "Authentication failed: enter the service key or JWT anew."),
    "7002": (errors.Unauthorised, "The service key is missing: enter it for this source."),
    "7003": (errors.Rejected, "A mandatory field is missing."),
    "7004": (errors.Rejected, "A field or its value is not valid."),
    "7005": (errors.Rejected, "The request came too late: check the clock of this machine."),
    "7006": (errors.VendorDown, "The vendor had an internal fault."),
    "7007": (errors.PermissionDenied, "The service is not active: activate it at the vendor."),
    "7009": (errors.Rejected, "There are too many recipients."),
    "7010": (errors.VendorDown, "Instagram's side reported a fault to the vendor."),
    "7011": (errors.VendorDown, "The vendor had a fault that it does not explain."),
    "7020": (errors.RateLimited, "The transaction limit is reached: wait, or have it raised at the vendor."),
    "7104": (errors.Unauthorised, "The Instagram app id is not valid: check it for this source."),
    "7200": (errors.OutcomeUnknown, "The vendor does not know the state of the message."),
    "7301": (errors.Rejected, "The message expired before it could be delivered."),
    "7302": (errors.RateLimited, "The rate limit is exceeded: wait before sending again."),
    "7303": (errors.Rejected, "The delivery notification expired."),
    "7304": (errors.Unauthorised, "The app's OAuth credentials are not valid: connect the app anew at the vendor."),
    "7305": (errors.Unauthorised, "The user's credentials are not valid: connect the account anew at the vendor."),
    "7306": (errors.Conflict, "The vendor took this for a duplicate: it has the message already."),
    "7307": (errors.VendorDown, "The vendor could not reach Instagram."),
    "7313": (errors.PermissionDenied, "The person has not written within 24 hours: wait for their next message."),
    "7526": (
        errors.PermissionDenied,
        "The permission is missing or the tag is not valid: the 24-hour window is closed.",
    ),
}
"""The vendor's codes that mean a refusal: the error each stands for, and what it means in words."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor took the message: its transaction id, and our correlation id."""

    transid: str
    correlation_id: str


def parts(body: Any) -> tuple[str | None, str | None, str]:
    """The id, code and words of an answer of any family (`response` may be a list or an object)."""
    inner = body.get("response") if isinstance(body, dict) else None
    if isinstance(inner, list):
        inner = inner[0] if inner else None
    source = inner if isinstance(inner, dict) else body if isinstance(body, dict) else {}
    names = ("messageId", "transid", "transId", "messageid")
    identity = next((str(source[name]) for name in names if isinstance(source.get(name), str | int)), None)
    code = source.get("code")
    text = words(source.get("description")) or words(source.get("message")) or words(source.get("status"))
    return identity or None, str(code) if isinstance(code, str | int) and not isinstance(code, bool) else None, text


def dialect(status: int, body: Any) -> Refusal | None:
    """A refusal of any family: a code other than 1001 is one at HTTP 200 too; a 5xx stays unknown whatever it says."""
    identity, code, text = parts(body)
    queued = code is None or code in _TAKEN or (code not in CODES and text.lower().startswith("queued"))
    if status < _CLIENT and queued:
        state = body.get("status") if isinstance(body, dict) else None
        if code is None and isinstance(state, str) and state.lower() in {"failed", "rejected", "error"}:
            return Refusal(text, error=errors.Rejected)
        refusal = common(status, body)  # an id beside an error: nobody knows which of them holds
        return replace(refusal, error=errors.OutcomeUnknown) if refusal is not None and identity else refusal
    if _meta_closed(body):
        kind, meaning = CODES["7313"]
        return Refusal(meaning, code, error=kind, advice=meaning)
    kind, meaning = CODES.get(code or "", (errors.Rejected, ""))
    said = f"{meaning} (code {code}: {text or 'no words'})" if meaning else text
    said = said or (common(status, body) or Refusal()).message
    if status >= _SERVER:
        return Refusal(said, code)
    known = kind if code in CODES or status < _CLIENT else None
    return Refusal(said, code, error=known, advice=meaning or None)


def _meta_closed(body: Any) -> bool:
    """Meta's own words for a closed window, passed through: code 10 with subcode 2534022."""
    error = body.get("error") if isinstance(body, dict) else None
    source = error if isinstance(error, dict) else body if isinstance(body, dict) else {}
    return source.get("error_subcode") == _META_CLOSED
