"""Which webhooks are believed: signed over the raw body, or at an address that we signed; the others are refused."""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from data import sources
from data.intake import Entry
from data.store import now
from data.types import Vendor
from services.desk import Desk
from services.vendors import _json, _payload, late_events
from services.vendors.imiconnect import delivery
from services.vendors.late import signature_matches
from services.webhooks import signing, tokens

UNNAMED = "(unnamed)"
DELIVERY = "delivery"
HIDDEN = "[hidden]"
_NOBODY = "no source has this secret"
_SECRET_KEYS = frozenset(
    {
        "access_token", "accesstoken", "fb_token", "token", "temptoken", "connect_token", "pendingdatatoken", "state",
        "api_key", "apikey", "secret", "password", "jwt", "authorization", "connect_url", "authurl",
    }
)  # fmt: skip


class Reason(StrEnum):
    """Why a webhook was refused."""

    UNSIGNED = "unsigned"
    SIGNATURE = "signature"
    NO_SECRET = "no_secret"  # noqa: S105 (a word, no secret)
    UNKNOWN_SOURCE = "unknown_source"
    TOKEN = "token"  # noqa: S105 (a word, no secret)
    STALE = "stale"
    UNREADABLE = "unreadable"
    METHOD = "method"
    CONTENT_TYPE = "content_type"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    BROKEN_OFF = "broken_off"
    CROWDED = "crowded"
    OWN_FAULT = "own_fault"
    UNKNOWN_MESSAGE = "unknown_message"


class Refused(Exception):
    """A webhook is not believed: why, and of which source, "" when it names none of ours."""

    def __init__(self, reason: Reason, source: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.source = source


def late(desk: Desk, name: str, headers: Mapping[str, str], raw: bytes) -> Entry:
    """Believe a webhook of Late. Raises Refused, before anything of the body is read when the signature is wrong."""
    with desk.store.reading() as session:
        source = sources.named(session, name)
    if source is None or source.removed_at is not None or source.vendor != Vendor.LATE:
        _matches([_NOBODY], raw, headers)  # takes the time that a wrong signature takes
        raise Refused(Reason.UNKNOWN_SOURCE)
    at = now()
    if not any(headers.get(header) for header in late_events.SIGNATURES):
        raise Refused(Reason.UNSIGNED, name)
    secrets = signing.accepted(desk, source, at)
    if not _matches(secrets or [_NOBODY], raw, headers) or not secrets:
        raise Refused(Reason.SIGNATURE if secrets else Reason.NO_SECRET, name)
    body = _object(raw, name)
    event = late_events.event(body)
    if event.at is not None and event.at < at - signing.REDELIVERY:
        raise Refused(Reason.STALE, name)
    key = event.id or f"body {hashlib.sha256(raw).hexdigest()}"
    return Entry(source.id or 0, key, event.name or UNNAMED, event.account_id, event.at, at, _kept(body))


def imiconnect(desk: Desk, token: str, raw: bytes) -> Entry:
    """Believe a callback of imiconnect, whose address we signed. Raises Refused."""
    told = tokens.opened(desk, token)
    if told is None:
        raise Refused(Reason.TOKEN)
    with desk.store.reading() as session:
        source = sources.by_id(session, told.source_id)
    name = source.name if source is not None else ""
    body = _object(raw, name)
    found = delivery(body)
    if found is None:
        raise Refused(Reason.UNREADABLE, name)
    words = (found.transid, found.code, found.raw_status, found.at and found.at.isoformat())
    mark = hashlib.sha256(repr((told.reference, *words)).encode()).hexdigest()[:16]
    key = f"{found.transid or told.reference}:{found.code}:{mark}"
    return Entry(told.source_id, key, DELIVERY, told.reference, found.at, now(), _kept(body).replace(token, HIDDEN))


def _matches(secrets: list[str], raw: bytes, headers: Mapping[str, str]) -> bool:
    """Compare each secret with each header, and never stop at the first that fits."""
    given = [headers.get(name) for name in late_events.SIGNATURES]
    return sum(signature_matches(secret, raw, header) for secret in secrets for header in given) > 0


def _object(raw: bytes, source: str) -> dict[str, Any]:
    try:
        body = _payload.plain(_json.decode(raw))
    except ValueError:
        raise Refused(Reason.UNREADABLE, source) from None
    if not isinstance(body, dict):
        raise Refused(Reason.UNREADABLE, source)
    return body


def _kept(body: dict[str, Any]) -> str:
    return json.dumps(_hidden(body), ensure_ascii=False)


def _hidden(value: Any) -> Any:
    """A body without what could open something: a vendor has no reason to send that, and we none to keep it."""
    if isinstance(value, dict):
        return {key: HIDDEN if key.lower() in _SECRET_KEYS else _hidden(part) for key, part in value.items()}
    return [_hidden(part) for part in value] if isinstance(value, list) else value
