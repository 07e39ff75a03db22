"""imiconnect, pretended: send on a configurable path, three families of answers, and delivery callbacks."""

import base64
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox.answers import say
from services.sandbox.clock import stamp_millis
from services.sandbox.imiconnect_receipts import WORDS, Receipts
from services.sandbox.imiconnect_rules import problems
from services.sandbox.kit import Kit, content_type, json_object
from services.sandbox.limits import Window

SERVICE_KEY = "sandbox-imiconnect-service-key"
JWT_SECRET = base64.b64encode(b"sandbox-imiconnect-jwt-secret-0123456789").decode()
APP_ID = "a_637921640978680000"
PATH = "/v1/instagram/messages"
ANSWER_FAMILIES = ("v1", "generic", "v2")
_LONGEST_LIFE = timedelta(minutes=60).total_seconds()
_PER_SECOND = 50


class Imiconnect:
    """The pretended imiconnect."""

    name = "imiconnect"
    credential_headers = ("key", "authorization")

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.family = "v1"
        self.receipts = Receipts(kit)
        self._seen: dict[str, str] = {}
        self._second = Window(_PER_SECOND, 1.0)

    def recognises(self, header: str, value: str) -> bool:
        """Whether a credential is the right one."""
        if header == "key":
            return value == SERVICE_KEY
        return header == "authorization" and _is_valid_jwt(value.partition(" ")[2])

    def limited(self, request: Request) -> Response | None:
        """The tenant's transactions per second are judged with the message, under its own code."""
        del request
        return None

    def rate_headers(self) -> Mapping[str, str]:
        """Imiconnect documents no rate headers."""
        return {}

    def routes(self) -> list[Route]:
        """The inferred Instagram path, and the generic and v2 ones, which answer in their own family."""
        return [
            Route("/resources/v1/messaging", self._send, methods=["POST"]),
            Route("/v1/{channel}/messages", self._send, methods=["POST"]),
            Route("/v2/messages", self._send, methods=["POST"]),
        ]

    async def _send(self, request: Request) -> Response:
        family = _family_of(request.scope["path"]) or self.family
        if (code := _credential_problem(request)) is not None:
            return _refused(family, *code)
        body = await json_object(request) if content_type(request) == "application/json" else None
        if body is None:
            return _refused(family, "7000", "Invalid JSON")
        found = problems(body)
        if found:
            missing = all("mandatory" in problem for problem in found)
            return _refused(family, "7003" if missing else "7004", "; ".join(found))
        if body["from"] != APP_ID:
            return _refused(family, "7104", "Invalid app id")
        if self._kit.rate_limits and not self._second.take():
            return _refused(family, "7020", "Transaction limit reached")
        return self._accept(family, body)

    def _accept(self, family: str, body: Mapping[str, Any]) -> Response:
        if (rehearsed := self.receipts.chosen.of(body).code) is not None:
            return _refused(family, rehearsed, WORDS[rehearsed][1])
        correlation = str(body.get("correlationId") or uuid.uuid4())
        if correlation in self._seen:
            return _refused(family, "7306", "Duplicate message")
        transid = str(uuid.uuid4())
        self._seen[correlation] = transid
        self.receipts.schedule(body, transid, correlation)
        now = stamp_millis(self._kit.clock.now())
        if family == "generic":
            return say(200, {"response": [{"code": "1001", "transid": transid, "description": "Queued"}]})
        told = {"messageId": transid, "correlationId": correlation}
        if family == "v2":
            return say(201, {"requestTimestamp": now, **told, "status": "queued"})
        return say(202, {"acceptedTime": now, **told})


def _family_of(path: str) -> str | None:
    return {"/resources/v1/messaging": "generic", "/v2/messages": "v2"}.get(path)


def _credential_problem(request: Request) -> tuple[str, str] | None:
    """A JWT takes priority: with both, the service key is ignored (document, line 9)."""
    told = request.headers.get("authorization")
    if told is not None:
        scheme, _, token = told.partition(" ")
        good = scheme.lower() == "bearer" and _is_valid_jwt(token)
        return None if good else ("7001", "Authentication failed.")
    key = request.headers.get("key")
    if key is None:
        return "7002", "Service Key missing"
    return None if key == SERVICE_KEY else ("7001", "Authentication failed.")


def _is_valid_jwt(token: str) -> bool:
    """HS256 under the decoded secret, `iss` the service key, `iat` told, alive for at most 60 minutes."""
    try:
        claims = jwt.decode(
            token.strip(),
            base64.b64decode(JWT_SECRET),
            algorithms=["HS256"],
            issuer=SERVICE_KEY,
            leeway=5,
            options={"require": ["iss", "iat"]},
        )
    except jwt.InvalidTokenError:
        return False
    return "exp" not in claims or claims["exp"] - claims["iat"] <= _LONGEST_LIFE


def _refused(family: str, code: str, message: str) -> Response:
    """A refusal in the words of each family: 403 or 400, 200 with an object, 401 without a body."""
    is_auth = code in {"7001", "7002"}
    if family == "generic":
        told = {"code": code, "description": message, "transid": str(uuid.uuid4())}
        return say(200, {"response": told})
    if family == "v2" and is_auth:
        return Response(status_code=401)
    return say(403 if is_auth else 400, {"code": code, "message": message})
