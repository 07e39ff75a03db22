"""POST /hooks/late/{source} and /hooks/imiconnect/{token}: where vendors tell what happened.

2xx is said only of what is durable, of repeats and of unknown events too; 4xx ends the vendor's tries and is kept for
what no second try can mend; a fault of ours is 503. No session is asked for, so the origin of a page does not matter:
a webhook is believed by its signature or its address alone. No body, header or token is ever logged.
"""

from collections.abc import Callable
from typing import Final

import anyio
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.endpoints import HTTPEndpoint
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from data.errors import DatabaseProblem
from data.intake import Entry
from services import desk as desks
from services import logs
from services.desk import Desk
from services.failures import Failure
from services.front import NOT_KEPT, told
from services.webhooks import believing, keeping, refusals
from services.webhooks.believing import Reason, Refused

PATH: Final = "/hooks"
LARGEST: Final = 256 * 1024
PATIENCE: Final = 5.0
"""Seconds that a body may take: Late gives up after as many."""
MOST_AT_ONCE: Final = 64

ANSWERS: Final[dict[Reason, tuple[int, str]]] = {
    Reason.UNSIGNED: (401, "The signature is missing or wrong."),
    Reason.SIGNATURE: (401, "The signature is missing or wrong."),
    Reason.NO_SECRET: (401, "The signature is missing or wrong."),
    Reason.UNKNOWN_SOURCE: (401, "The signature is missing or wrong."),
    Reason.TOKEN: (401, "This address is not one of ours."),
    Reason.STALE: (400, "This was told too long ago."),
    Reason.UNREADABLE: (400, "That is not what this address takes."),
    Reason.METHOD: (405, "Use POST."),
    Reason.CONTENT_TYPE: (415, "Send JSON."),
    Reason.TOO_LARGE: (413, "That is too much."),
    Reason.TOO_SLOW: (408, "That took too long."),
    Reason.BROKEN_OFF: (408, "It broke off."),
    Reason.CROWDED: (503, "Too many are telling something at once."),
    Reason.OWN_FAULT: (503, "It could not be kept."),
}

Believe = Callable[[Desk, bytes], Entry]

_inside = [0]
"""How many requests are being answered; only the event loop counts."""


class _Hook(HTTPEndpoint):
    name = ""
    accepted = 200

    async def method_not_allowed(self, request: Request) -> Response:
        """Answer any method but POST."""
        del request
        return self._refused(Refused(Reason.METHOD), {"allow": "POST"})

    async def _heard(self, request: Request, believe: Believe) -> Response:
        """Answer one webhook, unless too many are being answered already."""
        if _inside[0] >= MOST_AT_ONCE:
            return self._refused(Refused(Reason.CROWDED))
        _inside[0] += 1
        try:
            raw = await _body(request)
            desk = desks.current()
            entry = await run_sync(believe, desk, raw)
            await keeping.keeper(desk).keep(entry)
        except Refused as refused:
            return self._refused(refused)
        except (DatabaseProblem, Failure) as problem:
            logs.logger(__name__).error("a webhook could not be kept", hook=self.name, problem=problem.message)
            return self._refused(Refused(Reason.OWN_FAULT))
        finally:
            _inside[0] -= 1
        return JSONResponse({"received": True}, status_code=self.accepted, headers=NOT_KEPT)

    def _refused(self, refused: Refused, headers: dict[str, str] | None = None) -> Response:
        refusals.count(desks.current(), self.name, refused.source, refused.reason)
        status, sentence = ANSWERS[refused.reason]
        answer = told(status, sentence)
        again = {"retry-after": "10"} if refused.reason in {Reason.CROWDED, Reason.OWN_FAULT} else {}
        answer.headers.update(again | (headers or {}))
        return answer


class LateHook(_Hook):
    """POST takes a signed webhook of Late; any other method is 405."""

    name = "late"

    async def post(self, request: Request) -> Response:
        """Answer 200 when it is kept, 401 to what is not signed with the source's secret."""
        source, headers = request.path_params["source"], Headers(scope=request.scope)
        return await self._heard(request, lambda desk, raw: believing.late(desk, source, headers, raw))


class ImiconnectHook(_Hook):
    """POST takes a callback at an address of ours, HEAD is how the vendor tries it; any other method is 405."""

    name = "imiconnect"
    accepted = 202

    async def post(self, request: Request) -> Response:
        """Answer 202 when it is kept, 401 at an address that we never gave."""
        token = request.path_params["token"]
        return await self._heard(request, lambda desk, raw: believing.imiconnect(desk, token, raw))

    async def head(self, request: Request) -> Response:
        """Answer 200."""
        del request
        return Response(headers=NOT_KEPT)


class Nowhere(HTTPEndpoint):
    """Any method is 404."""

    async def method_not_allowed(self, request: Request) -> Response:
        """Say that nothing is here."""
        del request
        return told(404, "There is no such hook.")


def routes() -> list[BaseRoute]:
    """Give the routes; each takes all methods, and what leads to no hook is said so: a page would answer 200."""
    return [
        Route(f"{PATH}/late/{{source}}", LateHook),
        Route(f"{PATH}/imiconnect/{{token}}", ImiconnectHook),
        Route(PATH, Nowhere),
        Route(f"{PATH}/{{rest:path}}", Nowhere),
    ]


async def _body(request: Request) -> bytes:
    """Read a body of JSON, no longer and no larger than a webhook is. Raises Refused."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(Reason.CONTENT_TYPE)
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > LARGEST:
        raise Refused(Reason.TOO_LARGE)
    raw = bytearray()
    try:
        with anyio.move_on_after(PATIENCE):
            async for part in request.stream():
                raw += part
                if len(raw) > LARGEST:
                    raise Refused(Reason.TOO_LARGE)
            return bytes(raw)
    except ClientDisconnect:
        raise Refused(Reason.BROKEN_OFF) from None
    raise Refused(Reason.TOO_SLOW)
