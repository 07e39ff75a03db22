"""The two small routes beside the pages, swap a ticket for the cookie and sign out; and the doors of other routes."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from data.errors import DatabaseProblem
from services import desk as desks
from services import sessions
from services.headers import foreign
from services.settings import is_loopback

COOKIE = "patchbay_session"
LARGEST_BODY = 4_096
SESSION_PATH = "/auth/session"
SIGN_OUT_PATH = "/auth/sign-out"
NOT_KEPT = {"cache-control": "no-store"}
MEMBERS_ONLY = ("/_stcore/upload_file", "/media")  # what Streamlit serves to whoever knows the address


@dataclass
class _Served:
    origin: str = "http://127.0.0.1:8501"


_served = _Served()


def serve_at(address: str, port: int, public_url: str | None) -> str:
    """Note where this process serves itself; an explicit public URL on this machine wins with its port."""
    parts = urlsplit(public_url or "")
    if is_loopback(parts.hostname) and parts.port is not None:
        port = parts.port
    host = "127.0.0.1" if address in {"", "0.0.0.0", "localhost", "::", "::1"} else address  # noqa: S104 (compared, not bound)
    _served.origin = f"http://{host}:{port}"
    return _served.origin


def own_origin() -> str:
    """Give the origin at which this process reaches itself, such as http://127.0.0.1:8501."""
    return _served.origin


class SessionRoute(HTTPEndpoint):
    """POST /auth/session: a one-time ticket becomes the cookie; any other method is 405."""

    async def post(self, request: Request) -> Response:
        """Answer 204 with the cookie, 401 for a ticket that is used, unknown or too old."""
        body = await _body(request)
        if isinstance(body, Response):
            return body
        ticket = body.get("ticket")
        if not isinstance(ticket, str) or not ticket:
            return told(400, "The ticket is missing.")
        desk = desks.current()
        old = request.cookies.get(COOKIE)
        try:
            token = await anyio.to_thread.run_sync(lambda: sessions.redeem(desk, ticket, replacing=old))
        except DatabaseProblem as problem:
            return told(503, problem.message)
        if token is None:
            return told(401, "This sign-in was used already or took too long. Sign in again.")
        answer = Response(status_code=204, headers=NOT_KEPT)
        _set_cookie(answer, token, int(sessions.LASTS.total_seconds()), desk.settings.public_url)
        return answer


class SignOutRoute(HTTPEndpoint):
    """POST /auth/sign-out: the session ends and the cookie expires; any other method is 405."""

    async def post(self, request: Request) -> Response:
        """Answer 204 whether or not there was a session."""
        body = await _body(request)
        if isinstance(body, Response):
            return body
        desk, token = desks.current(), request.cookies.get(COOKIE)
        try:
            if token:
                await anyio.to_thread.run_sync(lambda: sessions.sign_out(desk, token))
        except DatabaseProblem as problem:
            return told(503, problem.message)
        answer = Response(status_code=204, headers=NOT_KEPT)
        _set_cookie(answer, "", 0, desk.settings.public_url)
        return answer


def routes() -> list[BaseRoute]:
    """Give the routes; each takes all methods, or a GET would fall through to the page."""
    return [Route(SESSION_PATH, SessionRoute), Route(SIGN_OUT_PATH, SignOutRoute)]


class MembersOnly:
    """ASGI middleware: uploads and the files of pages are for people who are signed in; anybody else gets 403."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["path"].startswith(MEMBERS_ONLY) and not await _is_member(scope):
            await told(403, "Sign in first.")(scope, receive, send)
            return
        await self._app(scope, receive, send)


def steers_from_here(scope: Scope, public_url: str) -> bool:
    """Tell whether a program or page of this machine asks to steer the sandbox: no other computer, no other site.

    The host is looked at too: a foreign name that was made to point here is a foreign site's.
    """
    client, host = scope.get("client"), urlsplit("//" + Headers(scope=scope).get("host", "")).hostname
    known = is_loopback(host) or host == urlsplit(public_url).hostname
    return client is not None and is_loopback(client[0]) and known and not foreign(scope, public_url)


def told(status: int, sentence: str) -> Response:
    """Answer in a sentence, for programs too."""
    return JSONResponse({"error": sentence}, status_code=status, headers=NOT_KEPT)


async def _is_member(scope: Scope) -> bool:
    token = Request(scope).cookies.get(COOKIE)
    try:
        person = await anyio.to_thread.run_sync(lambda: sessions.person(desks.current(), token))
    except DatabaseProblem:
        return False
    return person is not None


async def _body(request: Request) -> dict[str, Any] | Response:
    """Read a small JSON object that our own page has sent, or give the answer that refuses it."""
    if foreign(request.scope, desks.current().settings.public_url):
        return told(403, "Another site asked for this.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return told(415, "Send JSON.")
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > LARGEST_BODY:
            return told(413, "That is too much.")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return told(400, "That is no JSON.")
    return body if isinstance(body, dict) else told(400, "Send a JSON object.")


def _set_cookie(answer: Response, value: str, seconds: int, public_url: str) -> None:
    secure = public_url.startswith("https:")
    answer.set_cookie(COOKIE, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)
