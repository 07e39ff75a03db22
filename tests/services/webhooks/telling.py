"""Tells what Late and imiconnect tell, signed as they sign it."""

import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from tests.served import Client

SECRET = "sandbox-late-webhook-secret"
LATE = "/hooks/late/late"


def told(event: str = "account.connected", at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """What Late tells, with an id of its own."""
    account = {"accountId": "a1", "profileId": "p1", "platform": "instagram", "username": "nova"}
    stamp = (at or datetime.now(UTC)).isoformat()
    return {"id": str(uuid.uuid4()), "event": event, "timestamp": stamp, "account": account} | more


def signed(body: bytes, *, secret: str = SECRET, header: str = "X-Zernio-Signature") -> dict[str, str]:
    """The headers of a webhook."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", header: signature}


def post(client: Client, content: dict[str, Any] | bytes, path: str = LATE, **how: Any) -> Any:
    """Tell something as Late does."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(path, data=body, headers=signed(body, **how))
