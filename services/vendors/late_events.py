"""What Late tells by webhook: the envelope and the account in it, both spellings of each key, every field optional.

The public contract puts the account under `account` (contracts README, section 2.3); the document names platform,
username and profile_id without saying where (documents/late.txt, step 3). Message events call the account's id `id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.vendors import _payload

SIGNATURES: Final = ("x-zernio-signature", "x-late-signature")
CONNECTED: Final = "account.connected"
TEST: Final = "webhook.test"


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook: what it is called, when it was told, whether it is a test, and Late's id of its account."""

    id: str | None
    name: str | None
    at: datetime | None
    test: bool
    account_id: str | None


def event(data: Mapping[str, Any]) -> Event:
    """The event of a webhook's JSON; a platform without a name is the document's: an account was connected."""
    name, at, found = _text(data, "event"), _payload.moment(data.get("timestamp")), data.get("account")
    account: Mapping[str, Any] = found if isinstance(found, dict) else data
    ids = ("accountId", "account_id") if account is data else ("accountId", "account_id", "id", "_id")
    return Event(
        _text(data, "id"),
        name or (CONNECTED if _text(account, "platform") else None),
        at if isinstance(at, datetime) else None,
        name == TEST or data.get("test") is True,
        _text(account, *ids),
    )


def _text(data: Mapping[str, Any], *names: str) -> str | None:
    found = (_payload.identifier(data.get(name)) for name in names)
    return next((value for value in found if isinstance(value, str)), None)
