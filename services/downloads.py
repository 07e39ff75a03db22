"""GET /export/connections.csv and .parquet: what the list of networks shows, as a file for whoever is signed in.

The query is that of the list's address. A word of it that makes no sense is refused: a file can't say that a filter was
dropped, and would be taken for what it is not. `id` may stand up to 200 times: then those rows alone, whatever the
filter.
"""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import anyio
from anyio.to_thread import run_sync
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from data.errors import DatabaseProblem
from services import desk as desks
from services import exports, front, listing_address, sessions
from services.desk import Desk
from services.exports import Export, Form, Question
from services.failures import Failure, Forbidden, Misuse
from services.headers import foreign
from services.sessions import Person

PATH = "/export"
TYPES = {Form.CSV: "text/csv; charset=utf-8", Form.PARQUET: "application/vnd.apache.parquet"}
_FILES = {f"connections.{form}": form for form in Form}


class ExportRoute(HTTPEndpoint):
    """GET gives the file, HEAD what it would be; any other method is 405."""

    async def get(self, request: Request) -> Response:
        """Answer with the file, or in words why not."""
        return await self._answer(request, begin=True)

    async def head(self, request: Request) -> Response:
        """Answer as GET would, without a file: nothing leaves, and nothing is written down."""
        return await self._answer(request, begin=False)

    async def _answer(self, request: Request, *, begin: bool) -> Response:
        desk = desks.current()
        if foreign(request.scope, desk.settings.public_url):
            return front.told(403, "Another site asked for this.")
        form = _FILES.get(request.path_params["file"])
        try:
            person = await run_sync(sessions.person, desk, request.cookies.get(front.COOKIE))
            if person is None:
                return front.told(401, "Sign in first.")
            if form is None:
                return front.told(404, f"There is no such file: there are {' and '.join(_FILES)}.")
            question = await run_sync(asked, desk, request.url.query)
            begun = await run_sync(_begun, desk, person, form, question) if begin else None
        except Failure as failure:
            return front.told(
                403 if isinstance(failure, Forbidden) else 400, f"{failure.message} {failure.advice}".strip()
            )
        except DatabaseProblem as problem:
            return front.told(503, problem.message)
        return _Download(begun, form)


def routes() -> list[BaseRoute]:
    """Give the route; it takes all methods, or a POST would fall through to the page."""
    return [Route(f"{PATH}/{{file}}", ExportRoute)]


def asked(desk: Desk, query: str) -> Question:
    """Read what an address asks for. Raises Misuse that names the first word that makes no sense."""
    pairs = parse_qsl(query)
    ids = [value for key, value in pairs if key == "id"]
    if any(key == "asof" for key, _ in pairs):
        raise Misuse("Only what is known now can be exported.", "Go back to now, then export.")
    rest = urlencode([pair for pair in pairs if pair[0] != "id"], errors="replace")
    with desk.store.reading() as session:
        found = listing_address.parse(rest, listing_address.known(session))
    if found.dropped:
        key, word = found.dropped[0]
        raise Misuse(f"“{word[:60]}” is no {key[:60]} that is known.", "Take it out of the address.")
    return Question(found.filter, found.order, ids)


def _begun(desk: Desk, person: Person, form: Form, question: Question) -> Export:
    return exports.connections(desk, person.actor, form, question)


class _Download(StreamingResponse):
    """A file that is read in a thread while it is sent, and given up when the browser goes away."""

    def __init__(self, begun: Export | None, form: Form) -> None:
        name = f"patchbay-connections-{datetime.now(UTC):%Y-%m-%d}.{form}"
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
