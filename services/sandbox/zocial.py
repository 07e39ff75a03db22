"""Zocial, pretended: the 15 endpoints of the Connect API (document zocial.txt), all by POST."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.sandbox.answers import say
from services.sandbox.kit import (
    FORM_TYPE,
    JSON_TYPE,
    Kit,
    bearer,
    content_type,
    count_of,
    form,
    is_http_url,
    json_object,
)
from services.sandbox.world import NETWORKS
from services.sandbox.zocial_rows import FOREIGN_ID, Claim, Desk

TOKEN = "sandbox-zocial-token"  # noqa: S105 - a fake credential of the pretended vendor
_AUTH = ("facebook", "google", "instagram", "twitter")
_KINDS = {"page": "pages", "wall": "walls", "channel": "channels"}
Fields = Mapping[str, Any]
Handler = Callable[[Fields], Response]


class Refusal(Exception):
    """An error of the document, with the HTTP status that the sandbox chose for it."""

    def __init__(self, status: int, error: str, message: str, field: str = "") -> None:
        super().__init__(error)
        told = {"error": error, "message": message}
        self.answer = say(status, {**told, "field": field} if field else told)


class Zocial:
    """The pretended Zocial."""

    name = "zocial"
    credential_headers = ("authorization",)

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.desk = Desk(kit)

    def recognises(self, header: str, value: str) -> bool:
        """Whether a credential is the right one."""
        return header == "authorization" and value == f"Bearer {TOKEN}"

    def limited(self, request: Request) -> Response | None:
        """Zocial documents no rate limit."""
        del request
        return None

    def rate_headers(self) -> Mapping[str, str]:
        """Zocial documents no rate headers."""
        return {}

    def routes(self) -> list[Route]:
        """The documented paths with their slash, and a redirect for each without it, as Django does."""
        table: dict[str, tuple[str, Handler]] = {
            "/api/get/networks/": ("", lambda _: say(200, {"networks": self.desk.networks()})),
            "/api/action/network-extra/update/": (FORM_TYPE, self._update_extra),
            "/api/action/network/approval/": (JSON_TYPE, self._approval),
            "/api/network/status/": (FORM_TYPE, self._status),
            "/api/network/disconnect/": (FORM_TYPE, self._disconnect),
        }
        for platform in _AUTH:
            table[f"/api/auth/{platform}/"] = (FORM_TYPE, self._authentication(platform))
        for kind, plural in _KINDS.items():
            table[f"/api/get/social-{plural}/"] = ("", self._list(kind, plural))
            body_type = JSON_TYPE if kind == "channel" else FORM_TYPE
            table[f"/api/add/social-{kind}/"] = (body_type, self._add(kind))
        routes = [Route(path, self._endpoint(*row), methods=["POST"]) for path, row in table.items()]
        return routes + [Route(path[:-1], _to_slash, methods=["GET", "POST"]) for path in table]

    def _endpoint(self, body_type: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                self._check_token(request)
                return handler(await _fields(request, body_type))
            except Refusal as refusal:
                return refusal.answer

        return endpoint

    def _check_token(self, request: Request) -> None:
        token = bearer(request)
        if token is None:
            raise Refusal(401, "authentication_required", "Authentication is required for this endpoint")
        if token != TOKEN:
            raise Refusal(401, "invalid_access_token", "Invalid or expired access token")

    def _list(self, kind: str, plural: str) -> Handler:
        return lambda _: say(200, {plural: self.desk.listed(kind)})

    def _update_extra(self, fields: Fields) -> Response:
        number = self._own_network(fields)
        extra = {
            name[11:-1]: value for name, value in fields.items() if name.startswith("extra_data[") and name[-1] == "]"
        }
        if not extra:
            raise Refusal(400, "validation_error", "Extra data is required", "extra_data")
        self.desk.update_extra(number, extra)
        return _done("Network extra information updated successfully")

    def _authentication(self, platform: str) -> Handler:
        def authenticate(fields: Fields) -> Response:
            token, user = _text(fields, "access_token"), _text(fields, "user_id")
            if "invalid" in token or "expired" in token:
                raise Refusal(400, "network_verification_failed", "Failed to verify network credentials")
            if self.desk.find(platform, user) is not None:
                raise _already()
            self._check_room()
            number = self.desk.authenticate(platform, user)
            return _done(f"{platform.capitalize()} account connected successfully", network_id=number)

        return authenticate

    def _approval(self, fields: Fields) -> Response:
        network = _network(fields, "network_type")
        handle, url = _text(fields, "network_id"), _url(fields, "network_url")
        claim = Claim(network, handle, url, _count(fields, "followers"), str(fields.get("category") or ""))
        known = self.desk.find(network, handle)
        if known is not None and known["status"] == "accepted":
            raise _already()
        if known is None:
            self._check_room()
        return _done("Network submitted for approval", approval_id=self.desk.submit(claim, known))

    def _status(self, fields: Fields) -> Response:
        return say(200, self.desk.status(self._own_network(fields)))

    def _disconnect(self, fields: Fields) -> Response:
        self.desk.disconnect(self._own_network(fields))
        return _done("Network disconnected successfully")

    def _add(self, kind: str) -> Handler:
        def add(fields: Fields) -> Response:
            network = _network(fields, "network")
            external, name = _text(fields, f"{kind}_id"), _text(fields, f"{kind}_name")
            url = _url(fields, f"{kind}_url")
            figure = _count(fields, "subscribers" if kind == "channel" else "followers")
            if self.desk.has(kind, network, external):
                raise _already()
            claim = Claim(network, external, url, figure, str(fields.get("category") or ""), name)
            number = self.desk.add(kind, claim)
            return _done(f"Social {kind} added successfully", **{f"{kind}_id": number})

        return add

    def _own_network(self, fields: Fields) -> int:
        number = count_of(fields.get("network_id"))
        if number is None:
            raise Refusal(400, "validation_error", "Network id must be a number", "network_id")
        if number == FOREIGN_ID:
            raise Refusal(403, "permission_denied", "You don't have permission to access this network")
        if not self.desk.knows(number):
            raise Refusal(404, "network_not_found", "Network not found")
        return number

    def _check_room(self) -> None:
        if self.desk.connected() >= self._kit.network_limit:
            raise Refusal(403, "network_limit_reached", "Maximum number of networks reached")


async def _to_slash(request: Request) -> Response:
    target = f"/sandbox/zocial{request.url.path}/"
    return RedirectResponse(target, status_code=301)


async def _fields(request: Request, body_type: str) -> Fields:
    """The body's fields under exactly the documented content type; reads take no body."""
    if not body_type:
        return {}
    if content_type(request) != body_type:
        raise Refusal(415, "validation_error", f"This endpoint takes {body_type}", "content_type")
    if body_type == FORM_TYPE:
        return await form(request)
    found = await json_object(request)
    if found is None:
        raise Refusal(400, "validation_error", "The body is not a JSON object", "body")
    return found


def _done(message: str, **ids: int) -> Response:
    return say(200, {"status": "success", "message": message, **ids})


def _already() -> Refusal:
    return Refusal(409, "network_already_connected", "This network is already connected to your account")


def _network(fields: Fields, name: str) -> str:
    network = fields.get(name)
    if not isinstance(network, str) or network not in NETWORKS:
        raise Refusal(400, "validation_error", "Network type not supported", "network")
    return network


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refusal(400, "validation_error", "This field is required", name)
    return value


def _url(fields: Fields, name: str) -> str:
    if not is_http_url(fields.get(name)):
        raise Refusal(400, "validation_error", "Invalid network URL format", name)
    return str(fields[name])


def _count(fields: Fields, name: str) -> int | None:
    if fields.get(name) in {None, ""}:
        return None
    number = count_of(fields[name])
    if number is None:
        raise Refusal(400, "validation_error", "Must be a whole number", name)
    return number
