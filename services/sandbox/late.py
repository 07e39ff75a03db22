"""Late, pretended: the document's two endpoints, and the public ones (connect, accounts, health, followers)."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import page
from services.sandbox.answers import say
from services.sandbox.kit import Kit, bearer, content_type, count_of, is_http_url, json_object, origin
from services.sandbox.late_book import PROFILE_ID, Book
from services.sandbox.limits import Window
from services.sandbox.world import NETWORKS

API_KEY = "sk_sandbox_not_a_real_key_".ljust(67, "0")
WEBHOOK_SECRET = "sandbox-late-webhook-secret"  # noqa: S105 - a fake credential of the pretended vendor
_PER_MINUTE = 600
_LARGEST_PAGE = 100
_HEALTH = ("healthy", "warning", "error")


class Late:
    """The pretended Late."""

    name = "late"
    credential_headers = ("authorization",)

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.book = Book(kit)
        self.has_analytics = True
        self._minute = Window(_PER_MINUTE, 60.0)

    def recognises(self, header: str, value: str) -> bool:
        """Whether a credential is the right one."""
        return header == "authorization" and value == f"Bearer {API_KEY}"

    def limited(self, request: Request) -> Response | None:
        """600 requests a minute (3 to 2,000 accounts); off while the clock is set."""
        del request
        if not self._kit.rate_limits or self._kit.clock.is_set or self._minute.take():
            return None
        wait = str(max(1, round(self._minute.resets_in)))
        return _error(429, "Rate limit exceeded", "rate_limit_error", "rate_limited", headers={"Retry-After": wait})

    def rate_headers(self) -> Mapping[str, str]:
        """The documented headers, with the reset in unix seconds, and a request id."""
        return {
            "X-RateLimit-Limit": str(_PER_MINUTE),
            "X-RateLimit-Remaining": str(self._minute.remaining),
            "X-RateLimit-Reset": str(int(time.time() + self._minute.resets_in)),
            "X-Request-Id": f"req_{next(self._kit.numbers):08d}",
        }

    def routes(self) -> list[Route]:
        """Both contracts side by side."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("POST", "/api/v1/social-accounts/connect", self._connect_document),
            ("GET", "/api/v1/profiles/{profile}/social-accounts", self._list_document),
            ("GET", "/api/v1/connect/{platform}", self._connect),
            ("GET", "/api/v1/accounts", self._accounts),
            ("GET", "/api/v1/accounts/health", self._health),
            ("GET", "/api/v1/accounts/follower-stats", self._follower_stats),
            ("GET", "/api/v1/accounts/{account}/health", self._one_health),
            ("DELETE", "/api/v1/accounts/{account}", self._delete),
            ("GET", "/api/v1/profiles", self._profiles),
            ("GET", "/api/v1/auth/verify", self._verify),
        ]
        routes = [Route(path, _guarded(handler), methods=[method]) for method, path, handler in table]
        return [
            *routes,
            Route("/consent/{platform}", self._consent, methods=["GET"]),
            Route("/consent/{platform}/finish", self._finish, methods=["POST"]),
        ]

    async def _connect_document(self, request: Request) -> Response:
        wanted = await json_object(request) if content_type(request) == "application/json" else None
        if wanted is None:
            return _error(400, "The body must be raw JSON", "invalid_request_error", "invalid_body")
        profile = wanted.get("profile_id") or PROFILE_ID
        if (refusal := _refuse_connect(wanted.get("platform"), profile)) is not None:
            return refusal
        token = self.book.begin(str(wanted["platform"]), "")
        return say(200, {"connect_url": _consent_url(request, str(wanted["platform"]), token)})

    async def _connect(self, request: Request) -> Response:
        platform, query = request.path_params["platform"], request.query_params
        if not query.get("profileId"):
            return _error(400, "profileId is required", "invalid_request_error", "missing_param", param="profileId")
        back = query.get("redirect_url", "")
        if back and not is_http_url(back):
            return _error(400, "redirect_url is no URL", "invalid_request_error", "invalid_param", param="redirect_url")
        if (refusal := _refuse_connect(platform, query["profileId"])) is not None:
            return refusal
        token = self.book.begin(platform, back)
        return say(200, {"authUrl": _consent_url(request, platform, token), "state": f"sandbox-{token}"})

    async def _list_document(self, request: Request) -> Response:
        if request.path_params["profile"] != PROFILE_ID:
            return _error(404, "Profile not found", "not_found", "profile_not_found")
        keys = ("_id", "platform", "username", "displayName")
        return say(200, [{**{k: row[k] for k in keys}, "profile_id": PROFILE_ID} for row in self.book.accounts()])

    async def _accounts(self, request: Request) -> Response:
        query = request.query_params
        if query.get("profileId", PROFILE_ID) != PROFILE_ID:
            return _error(404, "Profile not found", "not_found", "profile_not_found")
        rows = [row for row in self.book.accounts() if query.get("platform") in {None, row["platform"]}]
        if (wanted := query.get("status")) in {"connected", "disconnected"}:
            rows = [row for row in rows if row["isActive"] == (wanted == "connected")]
        content: dict[str, Any] = {"accounts": rows, "hasAnalyticsAccess": self.has_analytics}
        if "page" in query or "limit" in query:
            number, limit = count_of(query.get("page", "")), count_of(query.get("limit", ""))
            if not number or not limit or limit > _LARGEST_PAGE:
                return _error(400, "page and limit must be given together", "invalid_request_error", "invalid_param")
            content["accounts"] = rows[(number - 1) * limit : number * limit]
            total = len(rows)
            content["pagination"] = {"page": number, "limit": limit, "total": total, "pages": -(-total // limit)}
        return say(200, content)

    async def _health(self, _: Request) -> Response:
        rows = [self.book.health(row) for row in self.book.accounts()]
        summary = {word: sum(row["status"] == word for row in rows) for word in _HEALTH}
        needs = sum(row["needsReconnect"] for row in rows)
        return say(200, {"summary": {"total": len(rows), **summary, "needsReconnect": needs}, "accounts": rows})

    async def _one_health(self, request: Request) -> Response:
        row = self.book.find(request.path_params["account"])
        if row is None:
            return _error(404, "Account not found", "not_found", "account_not_found")
        return say(200, self.book.detailed_health(row))

    async def _follower_stats(self, request: Request) -> Response:
        if not self.has_analytics:
            told = {"error": "Analytics add-on required", "message": "Follower stats need the analytics add-on."}
            return say(403, {**told, "requiresAddon": True})
        query = request.query_params
        wanted = [one for one in query.get("accountIds", "").split(",") if one]
        since, until = query.get("fromDate", ""), query.get("toDate", "")
        found = self.book.follower_stats(wanted, since, until)
        if found is None:
            return _error(400, "Dates are written as YYYY-MM-DD", "invalid_request_error", "invalid_param")
        return say(200, found)

    async def _delete(self, request: Request) -> Response:
        if not self.book.delete(request.path_params["account"]):
            return _error(404, "Account not found", "not_found", "account_not_found")
        return say(200, {"message": "Account disconnected successfully"})

    async def _profiles(self, _: Request) -> Response:
        profile = {"_id": PROFILE_ID, "name": "Fjord & Fell", "color": "#1f6f6b", "isDefault": True}
        return say(200, {"profiles": [profile]})

    async def _verify(self, _: Request) -> Response:
        return say(200, {"valid": True})

    async def _consent(self, request: Request) -> Response:
        if not self.book.is_open(request.query_params.get("token", "")):
            return page.refused("Late")
        known = self.book.connected(request.path_params["platform"])
        return page.consent("Late", finish=f"/sandbox/late{request.url.path}/finish", known=known)

    async def _finish(self, request: Request) -> Response:
        wanted = await json_object(request) or {}
        account = str(wanted.get("account") or "")
        told = self.book.finish(str(wanted.get("token")), approve=wanted.get("approve") is True, account=account)
        if told is None:
            return say(410, {"message": "This link was used already."})
        back, params = told
        return say(200, {"redirect": _with_query(back, params) if back else None})


def _guarded(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if bearer(request) != API_KEY:
            return _error(401, "Invalid API key", "authentication_error", "invalid_api_key")
        return await handler(request)

    return endpoint


def _refuse_connect(platform: Any, profile: Any) -> Response | None:
    if platform not in NETWORKS:
        return _error(400, "Unsupported platform", "invalid_request_error", "invalid_param", param="platform")
    if profile != PROFILE_ID:
        return _error(404, "Profile not found", "not_found", "profile_not_found")
    return None


def _consent_url(request: Request, platform: str, token: str) -> str:
    return f"{origin(request)}/sandbox/late/consent/{platform}?token={token}"


def _with_query(url: str, params: Mapping[str, str]) -> str:
    """The address with more parameters; the ones it has are kept."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *params.items()])
    return urlunsplit(parts._replace(query=query))


def _error(
    status: int, message: str, kind: str, code: str, *, param: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    told = {"error": message, "type": kind, "code": code}
    return say(status, {**told, "param": param} if param else told, headers)
