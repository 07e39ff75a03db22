"""HighLevel's social planner, pretended: OAuth start, accounts by id, attach, list, delete, statistics."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from services.sandbox import page
from services.sandbox.answers import say
from services.sandbox.highlevel_book import Book
from services.sandbox.kit import Kit, bearer, content_type, json_object, origin
from services.sandbox.limits import Window

TOKEN = "pit-sandbox-not-a-real-token"  # noqa: S105 - a fake credential of the pretended vendor
LOCATION_ID = "locSandboxFjordFell"
USER_ID = "userSandboxFjordFell"
VERSIONS = ("2021-07-28", "v3")
PLATFORMS = ("google", "facebook", "instagram", "linkedin", "twitter", "tiktok", "tiktok-business")
_BASE = "/social-media-posting"
_DAILY = 200_000
START_MODES = ("redirect", "url", "document", "html")


class HighLevel:
    """The pretended HighLevel."""

    name = "highlevel"
    credential_headers = ("authorization",)

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.book = Book(kit, LOCATION_ID)
        self.start_mode = "redirect"
        self.event_page = "social_media_posting"
        self.cuts_opener = False
        self._burst = Window(100, 10.0)
        self._day = Window(_DAILY, 86_400.0)

    def recognises(self, header: str, value: str) -> bool:
        """Whether a credential is the right one."""
        return header == "authorization" and value == f"Bearer {TOKEN}"

    def limited(self, request: Request) -> Response | None:
        """100 requests in 10 s and 200,000 a day; off while the clock is set."""
        del request
        if not self._kit.rate_limits or self._kit.clock.is_set:
            return None
        if self._burst.take() and self._day.take():
            return None
        return say(429, {"statusCode": 429, "message": "Too many requests", "error": "Too Many Requests"})

    def rate_headers(self) -> Mapping[str, str]:
        """The five documented headers; there is no Retry-After."""
        return {
            "X-RateLimit-Max": "100",
            "X-RateLimit-Remaining": str(self._burst.remaining),
            "X-RateLimit-Interval-Milliseconds": "10000",
            "X-RateLimit-Limit-Daily": str(_DAILY),
            "X-RateLimit-Daily-Remaining": str(self._day.remaining),
        }

    def routes(self) -> list[Route]:
        """The document's two paths, and the paths of the public contract."""
        attach = f"{_BASE}/oauth/{{location}}/{{platform}}/accounts/{{account}}"
        return [
            Route(f"{_BASE}/oauth/{{platform}}/start", _guarded(self._start), methods=["GET"]),
            Route(f"{_BASE}/oauth/{{platform}}/accounts/{{account}}", _guarded(self._available), methods=["GET"]),
            Route(attach, _guarded(self._available), methods=["GET"]),
            Route(attach, _guarded(self._attach), methods=["POST"]),
            Route(f"{_BASE}/statistics", _guarded(self._statistics), methods=["POST"]),
            Route(f"{_BASE}/{{location}}/accounts", _guarded(self._accounts), methods=["GET"]),
            Route(f"{_BASE}/{{location}}/accounts/{{account}}", _guarded(self._delete), methods=["DELETE"]),
            Route("/consent", self._consent, methods=["GET"]),
            Route("/consent/finish", self._finish, methods=["POST"]),
        ]

    def _start(self, request: Request, _: bytes) -> Response:
        platform, query = request.path_params["platform"], request.query_params
        missing = [f"{name} must be a string" for name in ("locationId", "userId") if not query.get(name)]
        if missing:
            return unprocessable(*missing)
        if query["locationId"] != LOCATION_ID:
            return forbidden()
        if platform not in PLATFORMS:
            return unprocessable("platform is not supported")
        state = self.book.begin(platform, query["userId"], reconnect=query.get("reconnect") == "true")
        return self._started(platform, f"{origin(request)}/sandbox/highlevel/consent?client_id=sandbox&state={state}")

    def _started(self, platform: str, url: str) -> Response:
        """The redirect that the vendor really sends, or one of the answers that integrators met."""
        if self.start_mode == "url":
            return say(200, {"url": url})
        if self.start_mode == "document":
            return say(200, self.book.added_document(platform))
        if self.start_mode == "html":
            return HTMLResponse("<!DOCTYPE html><title>Session</title><p>Something is missing.</p>")
        return RedirectResponse(url, status_code=302)

    def _available(self, request: Request, _: bytes) -> Response:
        if (refusal := _foreign(request)) is not None:
            return refusal
        found = self.book.available(request.path_params["account"])
        if found is None:
            return bad_request("No account was found for this id")
        told = {"results": {_result_key(request.path_params["platform"]): found}}
        return say(200, {"success": True, "statusCode": 200, "message": "Fetched accounts", **told})

    def _attach(self, request: Request, body: bytes) -> Response:
        if (refusal := _foreign(request)) is not None:
            return refusal
        wanted = _object(request, body)
        if wanted is None or not isinstance(wanted.get("pageId"), str) or not wanted["pageId"]:
            return unprocessable("pageId must be a string")
        platform = request.path_params["platform"]
        attached = self.book.attach(request.path_params["account"], platform, wanted["pageId"])
        if attached is None:
            return bad_request("This page can't be attached: it was not offered for this id")
        message = f"Added {platform.capitalize()} Account"
        return say(201, {"success": True, "statusCode": 201, "message": message, "results": attached})

    def _accounts(self, request: Request, _: bytes) -> Response:
        if (refusal := _foreign(request)) is not None:
            return refusal
        results = {"accounts": self.book.accounts(), "groups": []}
        return say(200, {"success": True, "statusCode": 200, "message": "Fetched Accounts", "results": results})

    def _delete(self, request: Request, _: bytes) -> Response:
        if (refusal := _foreign(request)) is not None:
            return refusal
        number = request.path_params["account"]
        if not self.book.delete(number):
            return say(404, {"statusCode": 404, "message": "Account not found", "error": "Not Found"})
        results = {"locationId": LOCATION_ID, "id": number}
        return say(200, {"success": True, "statusCode": 200, "message": "Account deleted", "results": results})

    def _statistics(self, request: Request, body: bytes) -> Response:
        wanted = _object(request, body)
        if request.query_params.get("locationId") != LOCATION_ID:
            return unprocessable("locationId must be a string")
        profiles = wanted.get("profileIds") if wanted else None
        if not isinstance(profiles, list) or not all(isinstance(one, str) for one in profiles):
            return unprocessable("profileIds must be an array of strings")
        results = self.book.statistics(profiles)
        status = 200 if request.headers.get("version") == "v3" else 201
        return say(status, {"success": True, "statusCode": 201, "message": "Fetched statistics", "results": results})

    async def _consent(self, request: Request) -> Response:
        platform = self.book.platform_of(request.query_params.get("state", ""))
        if platform is None:
            return page.refused("HighLevel")
        finish, known = "/sandbox/highlevel/consent/finish", self.book.connected(platform)
        return page.consent("HighLevel", finish=finish, known=known, cuts_opener=self.cuts_opener)

    async def _finish(self, request: Request) -> Response:
        wanted = await json_object(request) or {}
        account = str(wanted.get("account") or "")
        approve, alone = wanted.get("approve") is True, wanted.get("alone") is True
        told = self.book.finish(str(wanted.get("state")), approve=approve, account=account, alone=alone)
        if told is None:
            return say(410, {"message": "This consent is no longer open."})
        spelling = (
            wanted.get("page") if wanted.get("page") in {"social_media_posting", "social-media-posting"} else None
        )
        return say(200, {"message": {**told, "page": spelling or self.event_page} if told else None})


def unprocessable(*messages: str) -> Response:
    """The document's 422: `message` is a list."""
    return say(422, {"statusCode": 422, "message": list(messages), "error": "Unprocessable Entity"})


def bad_request(message: str) -> Response:
    """The document's 400: no `error` key."""
    return say(400, {"statusCode": 400, "message": message})


def forbidden() -> Response:
    """The public contract's refusal of a token of another location."""
    message = "The token does not have access to this location."
    return say(403, {"statusCode": 403, "message": message, "error": "Forbidden"})


def _guarded(handler: Callable[[Request, bytes], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if (refusal := _check(request)) is not None:
            return refusal
        return handler(request, await request.body())

    return endpoint


def _check(request: Request) -> Response | None:
    token = bearer(request)
    if token != TOKEN:
        message = "Invalid token: access token is invalid"
        return say(401, {"statusCode": 401, "message": message, "error": "Unauthorized"})
    if request.headers.get("version") not in VERSIONS:
        return unprocessable("version must be one of 2021-07-28, v3")
    return None


def _foreign(request: Request) -> Response | None:
    return forbidden() if request.path_params.get("location", LOCATION_ID) != LOCATION_ID else None


def _object(request: Request, body: bytes) -> dict[str, Any] | None:
    if content_type(request) != "application/json":
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _result_key(platform: str) -> str:
    return {"facebook": "pages", "google": "locations", "linkedin": "pages", "twitter": "profile"}.get(
        platform, "accounts"
    )
