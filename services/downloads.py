"""GET /export/…: what a list shows, as a file for whoever is signed in and may see it.

`connections.csv` and `.parquet` are of the list of networks, `messages.csv` and `.parquet` of the sent messages,
`audit.csv` and `.jsonl` of the audit trail. The query is that of the list's address. A word of it that makes no sense
is refused: a file can't say that a filter was dropped, and would be taken for what it is not. Of networks `id` may
stand up to 200 times: then those rows alone, whatever the filter. Where a row is an account, as it is without
`rows=connections`, that is a line for each of its connections.
`asof` gives what was known at the end of a past day.
`case-12.json` is one case as one document.
"""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import anyio
from anyio.to_thread import run_sync
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from data.errors import DatabaseProblem
from data.queries import messages
from data.queries.filters import LONGEST_SEARCH
from services import dates, exports, front, listing_address, messages_address, sessions, trail
from services import desk as desks
from services.access import Actor
from services.approvals import story
from services.desk import Desk
from services.exports import Export, Form, Question
from services.failures import Failure, Forbidden, Misuse
from services.headers import foreign
from services.messaging import exports as messaging_exports

PATH = "/export"
TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.PARQUET: "application/vnd.apache.parquet",
    Form.JSON_LINES: "application/x-ndjson",
}


class ExportRoute(HTTPEndpoint):
    """GET gives the file, HEAD what it would be; any other method is 405."""

    async def get(self, request: Request) -> Response:
        """Answer with the file, or in words why not."""
        return await self._answer(request, begin=True)

    async def head(self, request: Request) -> Response:
        """Answer as GET would, without a file: nothing leaves, and nothing is written down."""
        return await self._answer(request, begin=False)

    async def _answer(self, request: Request, *, begin: bool) -> Response:
        name, _, ending = request.path_params["file"].partition(".")

        def answer(desk: Desk, actor: Actor) -> Response:
            if name not in _LISTS or ending not in _LISTS[name].forms:
                return front.told(404, f"There is no such file: there are {' and '.join(_files())}.")
            form, ready = Form(ending), _LISTS[name].ask(desk, request.url.query)
            return _Download(ready(actor, form) if begin else None, name, form)

        return await _answered(request, answer)


class CaseRoute(HTTPEndpoint):
    """GET gives one case as a JSON document; any other method is 405."""

    async def get(self, request: Request) -> Response:
        """Answer with the case, or in words why not."""
        number = request.path_params["number"]
        return await _answered(request, lambda desk, actor: _document(desk, actor, number))


async def _answered(request: Request, answer: Callable[[Desk, Actor], Response]) -> Response:
    """Answer whoever is signed in, in a thread; what is refused is said in words."""
    desk = desks.current()
    if foreign(request.scope, desk.settings.public_url):
        return front.told(403, "Another site asked for this.")
    try:
        person = await run_sync(sessions.person, desk, request.cookies.get(front.COOKIE))
        if person is None:
            return front.told(401, "Sign in first.")
        return await run_sync(answer, desk, person.actor)
    except Failure as failure:
        return front.told(403 if isinstance(failure, Forbidden) else 400, f"{failure.message} {failure.advice}".strip())
    except DatabaseProblem as problem:
        return front.told(503, problem.message)


def _document(desk: Desk, actor: Actor, number: int) -> Response:
    told = story.exported(desk, actor, number)
    name = f"patchbay-case-{number}-{datetime.now(UTC):%Y-%m-%d}.json"
    headers = front.NOT_KEPT | {"content-disposition": f'attachment; filename="{name}"'}
    written = json.dumps(told, indent=1, ensure_ascii=False, default=str)
    return Response(written, headers=headers, media_type="application/json")


def routes() -> list[BaseRoute]:
    """Give the routes; each takes all methods, or a POST would fall through to the page."""
    return [Route(f"{PATH}/case-{{number:int}}.json", CaseRoute), Route(f"{PATH}/{{file}}", ExportRoute)]


def asked(desk: Desk, query: str) -> Question:
    """Read what an address asks for. Raises Misuse that names the first word that makes no sense."""
    pairs = parse_qsl(query, keep_blank_values=True)
    for key, value in pairs:
        _refuse_lost(key, value)
    ids = [value for key, value in pairs if key == "id"]
    days = [value for key, value in pairs if key == "asof"]
    at = dates.end(days[-1], now=datetime.now(UTC)) if days else None
    rest = urlencode([pair for pair in pairs if pair[0] != "id"], errors="replace")
    with desk.store.reading() as session:
        found = listing_address.parse(rest, listing_address.known(session))
    _refuse_dropped(found.dropped)
    return Question(found.filter, found.order, ids, accounts=("rows", "connections") not in pairs, at=at)


def _refuse_dropped(pairs: Sequence[tuple[str, str]]) -> None:
    if pairs:
        key, word = pairs[0]
        raise Misuse(f"“{word[:60]}” is no {key[:60]} that is known.", "Take it out of the address.")


def _refuse_lost(key: str, value: str) -> None:
    """Refuse what would narrow nothing, or less than it says."""
    if not value.strip("\x00 "):
        raise Misuse(f"“{key[:60]}” has no value.", "Take it out of the address.")
    if key == "q" and len(value) > LONGEST_SEARCH:
        raise Misuse(f"The searched text is longer than {LONGEST_SEARCH} characters.", "Search for a part of it.")


Ready = Callable[[Actor, Form], Export]
"""A question that was understood: whoever may asks for it in a form."""


class _List(NamedTuple):
    forms: tuple[Form, ...]
    ask: Callable[[Desk, str], Ready]


def _connections(desk: Desk, query: str) -> Ready:
    question = asked(desk, query)
    return lambda actor, form: exports.connections(desk, actor, form, question)


def _messages(desk: Desk, query: str) -> Ready:
    pairs = parse_qsl(query, keep_blank_values=True)
    for key, value in pairs:
        _refuse_lost(key, value)
    with desk.store.reading() as session:
        found = messages_address.parse(pairs, messages.words(session))
    _refuse_dropped(found.dropped)
    return lambda actor, form: messaging_exports.export(desk, actor, form, found.filter)


def _audit(desk: Desk, query: str) -> Ready:
    wanted = trail.asked(parse_qsl(query))
    return lambda actor, form: trail.export(desk, actor, form, wanted)


_LISTS = {
    "connections": _List((Form.CSV, Form.PARQUET), _connections),
    "messages": _List((Form.CSV, Form.PARQUET), _messages),
    "audit": _List((Form.CSV, Form.JSON_LINES), _audit),
}


def _files() -> list[str]:
    return [f"{name}.{form}" for name, found in _LISTS.items() for form in found.forms]


class _Download(StreamingResponse):
    """A file that is read in a thread while it is sent, and given up when the browser goes away."""

    def __init__(self, begun: Export | None, what: str, form: Form) -> None:
        day = (begun.day if begun else None) or datetime.now(UTC).date()
        name = f"patchbay-{what}-{day}.{form}"
        told = front.NOT_KEPT | {"content-disposition": f'attachment; filename="{name}"'}
        self._sending = _sent(begun)
        super().__init__(self._sending, headers=told, media_type=TYPES[form])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; that it was broken off is written down at once."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._sending.aclose()


async def _sent(begun: Export | None) -> AsyncGenerator[bytes, None]:
    if begun is None:
        return
    pieces = begun.pieces(mark=True)
    try:
        while (piece := await run_sync(next, pieces, None)) is not None:
            yield piece
    finally:
        with anyio.CancelScope(shield=True):
            await run_sync(pieces.close)
