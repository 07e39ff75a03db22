"""Sending: exactly one credential header, one request per message, and an answer that is never guessed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Final

from services.vendors import errors
from services.vendors._http import Http, Pace, Timing
from services.vendors.imiconnect.answers import Accepted, dialect, parts
from services.vendors.imiconnect.body import body, from_body
from services.vendors.imiconnect.limits import Problem, validate_envelope
from services.vendors.imiconnect.message import Message

PATH: Final = "/v1/instagram/messages"
LONGEST_LIFE: Final = 3600
"""Seconds that the vendor lets a JWT live."""
_LIFE: Final = 600
_ACTION: Final = "send the message"


class Imiconnect:
    """One imiconnect app. With a JWT (or its secret) the service key is not sent; every method raises VendorError."""

    def __init__(
        self,
        base_url: str,
        *,
        path: str = PATH,
        service_key: str | None = None,
        jwt: str | None = None,
        jwt_secret: str | None = None,
        app_id: str,
        pace: Pace | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.pace = pace or Pace(20, 1.0)
        self.app_id = app_id
        self._path = path if path.startswith("/") else f"/{path}"
        self._service_key, self._jwt_secret = service_key, jwt_secret
        if jwt_secret is not None:
            mint(service_key or "", jwt_secret, now=0)  # a secret that cannot sign is told at once
        headers = {} if jwt_secret is not None else _credential(service_key, jwt)
        self._http = Http(base_url, vendor="imiconnect", headers=headers, pace=self.pace, timing=timing)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def post(self, payload: Mapping[str, Any]) -> Accepted:
        """Post one message as it is written, once.

        Raises:
            Rejected: it breaks a limit or comes from another app (nothing was sent), or the vendor refused it.
            OutcomeUnknown: nobody knows whether it was taken; it must not be sent again by itself.
        """
        found = self._problem(payload)
        if found is not None:
            raise _refused(found)
        fresh = self._fresh()
        answer = self._http.write(
            "POST",
            self._path,
            action=_ACTION,
            json=dict(payload),
            dialect=dialect,
            headers=fresh,
            secrets=self._untold(payload, fresh),
        )
        identity, _, _ = parts(answer.body)
        if identity is None:
            raise answer.unconfirmed("its answer holds no id of the message")
        return Accepted(errors.clean(identity, length=128), str(payload["correlationId"]))

    def send(
        self, message: Message, *, to: str, callback_url: str, correlation_id: str, callback_data: str | None = None
    ) -> Accepted:
        """Write one message and post it, once; raises what `post` does."""
        return self.post(
            body(
                message,
                app_id=self.app_id,
                to=to,
                callback_url=callback_url,
                correlation_id=correlation_id,
                callback_data=callback_data,
            )
        )

    def _problem(self, payload: Mapping[str, Any]) -> Problem | None:
        """The first reason why a payload may not leave."""
        reading = from_body(payload)
        around = validate_envelope(
            to=reading.to or "",
            app_id=reading.app_id or "",
            callback_url=str(payload.get("callbackUrl", "")),
            correlation_id=reading.correlation_id or "",
            callback_data=reading.callback_data,
        )
        other = Problem("from", self.app_id, "this source", "The message comes from another app than this source's.")
        return next(iter([*reading.problems, *around, *([other] if reading.app_id != self.app_id else [])]), None)

    def _untold(self, payload: Mapping[str, Any], fresh: Mapping[str, str]) -> tuple[str, ...]:
        """What no error repeats, though the vendor may: all keys, those that were not sent too, and our address."""
        token = str(payload.get("callbackUrl", "")).rpartition("/")[2]
        made = (value.removeprefix("Bearer ") for value in fresh.values())
        return (*made, token, self._service_key or "", self._jwt_secret or "")

    def _fresh(self) -> dict[str, str]:
        """The header with a JWT made for this request, when its secret is known."""
        if self._jwt_secret is None:
            return {}
        token = mint(self._service_key or "", self._jwt_secret, now=int(time.time()))
        return {"Authorization": f"Bearer {token}"}


def _credential(service_key: str | None, jwt: str | None) -> dict[str, str]:
    """The one credential header: the JWT wins."""
    if jwt:
        return {"Authorization": f"Bearer {jwt}"}
    if service_key:
        return {"key": service_key}
    raise ValueError("imiconnect needs a service key, a JWT, or a JWT secret with the service key")


def _refused(problem: Problem) -> errors.Rejected:
    reason = f"{problem.field}: {problem.message} (limit: {problem.limit}; source: {problem.source})"
    return errors.Rejected("imiconnect", _ACTION, reason, field=problem.field)


def mint(service_key: str, secret: str, *, now: int, life: int = _LIFE) -> str:
    """A JWT (HS256) of the service: `iss` is the service key, the secret is base64 text, at most 60 minutes long.

    Raises:
        ValueError: the service key is missing, or the secret is no base64 (it is not repeated).
    """
    if not service_key:
        raise ValueError("a JWT secret needs the service key beside it: it is the token's issuer")
    claims: dict[str, str | int] = {"iss": service_key, "iat": now, "exp": now + min(life, LONGEST_LIFE)}
    signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    signature = hmac.new(_key(secret), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64(signature)}"


def _key(secret: str) -> bytes:
    text = secret.strip().rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("the JWT secret is not valid base64 text")
    return key


def _encoded(part: dict[str, str | int]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
