"""GET /connecting/go/{key} opens the sign-in in a window; /connecting/back/{key} is where a vendor sends it back to.

Both are small pages without a script: the window needs no more. They say nothing of opener policies that would part
the window from the page that opened it (a vendor's page talks to that one), and no address with a key is kept.
"""

from collections.abc import Callable
from html import escape

from anyio.to_thread import run_sync
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data.errors import DatabaseProblem
from data.models import Attempt
from services import desk as desks
from services import front, sessions
from services.access import Actor
from services.connecting import returning, windows
from services.desk import Desk
from services.failures import Failure, Forbidden
from services.headers import foreign

GO, BACK = "/connecting/go", "/connecting/back"
_HEADERS = front.NOT_KEPT | {"cross-origin-opener-policy": "unsafe-none"}
_AGAIN = {"refresh": "2"}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Patchbay</title><link rel="icon" href="data:,"><style>
:root {{ color-scheme: light dark; --back: #fff; --text: #14171d; --quiet: #565d6b; }}
@media (prefers-color-scheme: dark) {{ :root {{ --back: #101318; --text: #e6e9ef; --quiet: #a3abba; }} }}
body {{ font: 0.9375rem/1.5 "Source Sans", system-ui, sans-serif; margin: 0; }}
body {{ background: var(--back); color: var(--text); }}
main {{ max-width: 28rem; margin: 12vh auto 0; padding: 0 1.5rem; }}
h1 {{ font-size: 1.25rem; line-height: 1.3; margin: 0 0 0.75rem; }}
p {{ margin: 0 0 0.75rem; overflow-wrap: anywhere; }}
p:last-child {{ color: var(--quiet); }}
</style></head>
<body><main role="status"><h1>{title}</h1>{sentences}</main></body>
</html>
"""
_CLOSE = "You can close this window. Patchbay goes on in the page that you came from."
_TITLES = {
    "connected": "The account is connected",
    "started": "Nothing is connected yet",
    "waiting": "One moment",
    "wrong_account": "That was another account",
    "cancelled": "This attempt was cancelled",
    "timed_out": "This attempt took too long",
}


class GoRoute(HTTPEndpoint):
    """GET sends the window on to the vendor's page, or says why not; any other method is 405."""

    async def get(self, request: Request) -> Response:
        """Answer with the redirect, for whom the attempt belongs to."""
        if foreign(request.scope, desks.current().settings.public_url) or "prefetch" in _purpose(request):
            return _page(403, "This window was not opened by Patchbay", "Open it from the Connect page.")
        return await _answered(request, _go)

    async def head(self, request: Request) -> Response:
        """Refuse to look: opening it asks the vendor."""
        del request
        return Response(status_code=405, headers={"allow": "GET"})


class BackRoute(HTTPEndpoint):
    """GET hears that the vendor sent the browser back; any other method is 405."""

    async def get(self, request: Request) -> Response:
        """Answer in words how the attempt stands, once the vendor was asked."""
        query = dict(request.query_params)
        return await _answered(request, lambda desk, actor, key: _back(desk, actor, key, query))

    async def head(self, request: Request) -> Response:
        """Refuse to look: coming back means something."""
        del request
        return Response(status_code=405, headers={"allow": "GET"})


def routes() -> list[BaseRoute]:
    """Give the routes; each takes all methods, or a POST would fall through to the page."""
    return [Route(f"{GO}/{{key}}", GoRoute), Route(f"{BACK}/{{key}}", BackRoute)]


async def _answered(request: Request, answer: Callable[[Desk, Actor, str], Response]) -> Response:
    """Answer whoever is signed in, in a thread; what is refused is said in words, in the window."""
    desk, key = desks.current(), request.path_params["key"]
    try:
        person = await run_sync(sessions.person, desk, request.cookies.get(front.COOKIE))
        if person is None:
            advice = "Sign in to Patchbay, then open the sign-in again from the Connect page."
            return _page(401, "You are not signed in to Patchbay", advice)
        return await run_sync(answer, desk, person.actor, key)
    except Failure as failure:
        status = 403 if isinstance(failure, Forbidden) else 404
        return _page(status, "This window leads nowhere", failure.message, failure.advice)
    except DatabaseProblem as problem:
        return _page(503, "Patchbay can't open this now", problem.message, problem.advice)


def _go(desk: Desk, actor: Actor, key: str) -> Response:
    opened = windows.open_window(desk, actor, key)
    if opened.address is not None:
        return RedirectResponse(opened.address, status_code=302, headers=_HEADERS)
    return _fetching() if opened.fetching else _told(opened.attempt)


def _back(desk: Desk, actor: Actor, key: str, query: dict[str, str]) -> Response:
    return _told(returning.returned(desk, actor, key, query))


def _fetching() -> Response:
    title = "The vendor's page is on its way"
    return _page(200, title, "This window goes on by itself.", headers=_AGAIN)


def _told(attempt: Attempt) -> Response:
    """Say how an attempt stands; 410 for one that ended, so that no program takes it for a sign-in page."""
    title = _TITLES.get(attempt.state, "Nothing was connected")
    done = attempt.state in {"connected", "waiting"}
    return _page(200 if done else 410, title, attempt.message, attempt.advice, _CLOSE)


def _purpose(request: Request) -> str:
    return request.headers.get("sec-purpose", request.headers.get("purpose", "")).lower()


def _page(status: int, title: str, *sentences: str, headers: dict[str, str] | None = None) -> Response:
    told = "".join(f"<p>{escape(each)}</p>" for each in sentences if each)
    document = _PAGE.format(title=escape(title), sentences=told)
    return HTMLResponse(document, status_code=status, headers=_HEADERS | (headers or {}))
