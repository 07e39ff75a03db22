"""The delivery notification: what became of a message, keyed by its code (the words are misspelt at times)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.vendors import _payload, errors
from services.vendors.imiconnect.answers import CODES

STATES: Final = {"7501": "submitted", "7500": "delivered", "7502": "read"}
_WORDS: Final = {
    "submitted": "submitted",
    "submited": "submitted",
    "delivered": "delivered",
    "read": "read",
    "seen": "read",
    "failed": "failed",
    "undelivered": "failed",
    "rejected": "failed",
    "expired": "failed",
}
_UNTELLING: Final = frozenset({"7200", "7303", "7306"})
"""Codes that leave open what became of the message: unknown to the vendor, no word of it came, it had it already."""
_LONGEST: Final = 512


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification; `state` is submitted, delivered, read or failed, None when neither code nor word tells."""

    state: str | None
    code: str | None
    reason: str
    transid: str | None
    correlation_id: str | None
    callback_data: str | None
    at: datetime | None
    channel: str | None
    destination: str | None
    raw_status: str | None
    subtid: str | None = None


def delivery(data: Any) -> Delivery | None:
    """The notification of a callback's JSON; None when it is none."""
    outer = _under(data, "deliveryInfoNotification")
    info = _under(outer, "deliveryInfo")
    if outer is None or info is None:
        return None
    code, status = _text(info, "code"), _text(info, "deliveryStatus")
    description = _text(info, "description") or _text(info, "additionalInfo") or ""
    return Delivery(
        state_of(code, status),
        code,
        errors.clean(description),
        _text(outer, "transid") or _text(outer, "messageId"),
        _text(outer, "correlationid"),
        _text(outer, "callbackData"),
        _moment(info),
        _text(info, "deliveryChannel"),
        _text(info, "destination"),
        status,
        _text(outer, "subtid"),
    )


def state_of(code: str | None, word: str | None) -> str | None:
    """The state that a code stands for; the word counts when the code is missing, unknown or does not tell."""
    if code in STATES:
        return STATES[code]
    if code in CODES and code not in _UNTELLING:
        return "failed"
    plain = "".join(character for character in (word or "").lower() if character.isalpha())
    return _WORDS.get(plain)


def _under(data: Any, name: str) -> Mapping[str, Any] | None:
    found = _named(data, name)
    return found if isinstance(found, dict) else None


def _named(data: Any, name: str) -> Any:
    """A value by its name in any case (the vendor writes Description and correlationid)."""
    if not isinstance(data, dict):
        return None
    return next((value for key, value in data.items() if key.lower() == name.lower()), None)


def _text(data: Mapping[str, Any], name: str) -> str | None:
    found = _payload.written(_named(data, name))
    return (
        found[:_LONGEST]
        if name != "callbackData" and isinstance(found, str)
        else found
        if isinstance(found, str)
        else None
    )


def _moment(info: Mapping[str, Any]) -> datetime | None:
    found = _payload.moment(_named(info, "timeStamp"))
    return found if isinstance(found, datetime) else None
