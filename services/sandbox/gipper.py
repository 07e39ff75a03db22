"""Gipper, pretended: create and delete of API v3 (document gipper.txt), and the public list and verify reads."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import curves
from services.sandbox.answers import say
from services.sandbox.clock import stamp_millis
from services.sandbox.kit import Kit, bearer, content_type, count_of, json_object
from services.sandbox.world import Account, platform_id

TOKEN = "sandbox-gipper-token"  # noqa: S105 - a fake credential of the pretended vendor
LOCATIONS = (
    "workspaceSettingsPage", "signUpForm", "guidedWalkthrough", "progressMeter", "personalSettingsPage",
    "templateBranding",
)  # fmt: skip
_PAGE = 10
_IN_WORKSPACE = (
    "To connect this social media account to your Personal, you must first remove it from your Workspace accounts"
)
_ASK_OWNER = "This social account is already connected to your Workspace! Please ask example@mail.com for access"
_FIRST_NEW = 20_001
_ITEM = ("id", "username", "profile_picture_url", "fb_token")


class Gipper:
    """The pretended Gipper."""

    name = "gipper"
    credential_headers = ("authentication",)

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._created: list[dict[str, Any]] = []
        self._deleted: dict[int, datetime] = {}
        self._next = _FIRST_NEW

    def recognises(self, header: str, value: str) -> bool:
        """Whether a credential is the right one."""
        return header in {"authentication", "authorization"} and value == f"Bearer {TOKEN}"

    def limited(self, request: Request) -> Response | None:
        """Gipper documents no rate limit."""
        del request
        return None

    def rate_headers(self) -> Mapping[str, str]:
        """Gipper documents no rate headers."""
        return {}

    def routes(self) -> list[Route]:
        """The document's two endpoints and the public reads."""
        return [
            Route("/api/v3/instagram_accounts", _guarded(self._create), methods=["POST"]),
            Route("/api/v3/instagram_accounts/{id}", _guarded(self._delete), methods=["DELETE"]),
            Route("/api/v2/social_accounts", _guarded(self._list_v2), methods=["GET"]),
            Route("/api/v2/social_accounts/social_accounts_list", _guarded(self._list_v4), methods=["GET"]),
            Route("/api/v4/social_accounts", _guarded(self._list_v4), methods=["GET"]),
            Route("/api/v2/verify_social_accounts", _guarded(self._verify), methods=["GET"]),
            Route("/api/v4/verify_social_accounts", _guarded(self._verify), methods=["GET"]),
        ]

    def accounts(self) -> list[dict[str, Any]]:
        """All connected Instagram accounts, in the words of the list."""
        now = self._kit.clock.now()
        told = stamp_millis(now)
        rows = [row for account in self._kit.world.gipper if (row := _row(account, now)) is not None]
        fresh = [row for row in self._created if row["created_at"] <= told]
        return [row for row in rows + fresh if row["id"] not in self._deleted or now < self._deleted[row["id"]]]

    async def _create(self, request: Request) -> Response:
        if content_type(request) != "application/json":
            return say(415, {"error": "Unsupported media type"})
        wanted = await json_object(request)
        problems = ["The body must be a JSON object"] if wanted is None else _problems(wanted)
        if problems:
            return say(422, {"message": problems})
        assert wanted is not None
        items: list[dict[str, str]] = wanted.get("ig_accounts") or []
        for item in items:
            if item["username"].endswith(("_workspace_admin", "_workspace_creator")):
                admin = item["username"].endswith("_admin")
                return say(422, {"ig_user_id": [_IN_WORKSPACE if admin else _ASK_OWNER]})
        messages: list[str] = []
        made = [row for item in items if (row := self._connect(item, messages)) is not None]
        return say(200, {"success": bool(made) or not items, "ig_accounts": made, "message": messages})

    def _connect(self, item: Mapping[str, str], messages: list[str]) -> dict[str, Any] | None:
        known = {row["ig_user_id"] for row in self.accounts()}
        if item["id"] in known or "refused" in item["username"]:
            messages.append(f"Instagram account {item['username']} not connected. {_IN_WORKSPACE}")
            return None
        told = stamp_millis(self._kit.clock.now())
        row = {
            "id": self._next,
            "ig_user_id": item["id"],
            "ig_user_name": item["username"],
            "ig_profile_picture_url": item["profile_picture_url"] or None,
            "facebook_page_id": None,
            "user_id": None,
            "created_at": told,
            "updated_at": told,
            "nickname": "",
            "connected_teams": None,
        }
        self._next += 1
        self._created.append({**row, "name": item["username"]})
        return {**row, "fb_token": item["fb_token"], "facebook_account_id": 10528}

    async def _delete(self, request: Request) -> Response:
        number = count_of(request.path_params["id"])
        if number is None:
            return say(422, {"message": ["id: Must be a Integer"]})
        if all(row["id"] != number for row in self.accounts()):
            return say(404, {"message": ["Instagram account not found"]})
        self._deleted[number] = self._kit.clock.now()
        return say(200, {"success": True, "instagram_account_id": number})

    async def _list_v2(self, _: Request) -> Response:
        keys = ("id", "ig_user_name", "ig_user_id", "ig_profile_picture_url")
        rows = [{key: row[key] for key in keys} for row in self.accounts()]
        return say(200, {"twitter_accounts": [], "facebook_pages": [], "instagram_accounts": rows})

    async def _list_v4(self, request: Request) -> Response:
        page = count_of(request.query_params.get("page", "1")) or 1
        rows = [_short(row) for row in self.accounts()]
        content = {"accounts": rows[(page - 1) * _PAGE : page * _PAGE], "meta": {"total_count": len(rows)}}
        return say(200, content)

    async def _verify(self, request: Request) -> Response:
        kind, page = request.query_params.get("type"), count_of(request.query_params.get("page", ""))
        if kind not in {"facebook", "instagram", "twitter"}:
            return say(422, {"message": ["type: Must be one of: facebook, instagram, twitter."]})
        if page is None:
            return say(422, {"message": ["page: Must be a Integer"]})
        rows = self.accounts() if kind == "instagram" else []
        told = [{**_short(row), "verified": _verified(row)} for row in rows]
        page = max(page, 1)
        content = {"accounts": told[(page - 1) * _PAGE : page * _PAGE], "meta": {"total_count": len(told)}}
        return say(200, content)


def _guarded(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if bearer(request, "authentication") != TOKEN:
            return say(401, {"error": "Only registered user can perform this action"})
        return await handler(request)

    return endpoint


def _row(account: Account, now: datetime) -> dict[str, Any] | None:
    seen = account.seen(now)
    if seen is None:
        return None
    return {
        "id": seen.number,
        "ig_user_id": platform_id(account),
        "ig_user_name": seen.handle,
        "ig_profile_picture_url": None,
        "nickname": account.name or "",
        "name": seen.handle,
        "created_at": stamp_millis(seen.since),
        "healthy": curves.status(account.curve, now) in {"accepted", "pending"},
    }


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "social_channel": "Instagram",
        "name": row["name"],
        "nickname": row["nickname"],
        "logo": row["ig_profile_picture_url"],
    }


def _verified(row: Mapping[str, Any]) -> dict[str, Any]:
    good = row.get("healthy", True)
    return {"verified": good, "error_message": None if good else "The session has been invalidated. Please reconnect."}


def _problems(wanted: Mapping[str, Any]) -> list[str]:
    """What the parameter validations of the document refuse."""
    return [*_account_problems(wanted.get("facebook_account")), *_item_problems(wanted.get("ig_accounts"))]


def _account_problems(account: Any) -> list[str]:
    if not isinstance(account, dict):
        return ["facebook_account: Must be a Hash"]
    names = ("fb_token", "fb_uid")
    found = [f"facebook_account[{name}]: Must be a String" for name in names if not isinstance(account.get(name), str)]
    if "location" in account and account["location"] not in LOCATIONS:
        found.append(f"facebook_account[location]: Must be one of: {', '.join(LOCATIONS)}.")
    return found


def _item_problems(items: Any) -> list[str]:
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return ["ig_accounts: Must be an Array of nested elements"]
    return [
        f"ig_accounts[{name}]: Must be a String"
        for item in items
        for name in _ITEM
        if not isinstance(item.get(name), str)
    ]
