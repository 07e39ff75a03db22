"""Images of the phone preview, from GET /preview/image: fetched by us from public hosts, for people who are signed in.

Only addresses that we signed are fetched, so that this is no open proxy, and each ends after the longest time that
somebody stays signed in: a page that is drawn anew has a new one. What comes is shown by what its bytes are,
png or jpeg, and never by what its sender calls it. Demo data fetches nothing: nothing leaves this machine then.
"""

import functools
import hmac
import threading
import time
from collections import OrderedDict
from typing import Final, NamedTuple
from urllib.parse import urlencode

import anyio
from anyio.to_thread import run_sync
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from data.errors import DatabaseProblem
from services import desk as desks
from services import front, outgoing, sessions
from services.access import Permission
from services.desk import Desk
from services.headers import foreign
from services.vendors.imiconnect import is_shown

PATH: Final = "/preview/image"
LARGEST: Final = 8 * 1024 * 1024
"""Bytes of an image that Instagram takes."""
LONGEST: Final = 5.0
"""Seconds for the whole of a fetch, each redirect included."""
LASTS: Final = int(sessions.LASTS.total_seconds())
"""Seconds that an address of ours lasts at least."""
KEPT_FOR: Final = 300
MOST_KEPT: Final = 4 * LARGEST
"""Bytes of the images that are kept in memory."""
_LONGEST_ADDRESS = 2_000
_AT_ONCE = 4
_PURPOSE = "preview images"
_STEP = 3_600
"""Seconds for which an image has the same address, so that the browser keeps it."""
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Image(NamedTuple):
    """An image as it is shown: what it is by its own bytes, and these."""

    kind: str
    content: bytes


class Kept:
    """The images that were fetched last, up to a number of bytes and seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._images: OrderedDict[str, tuple[float, Image]] = OrderedDict()

    def get(self, url: str) -> Image | None:
        """Give an image that is still kept."""
        with self._lock:
            until, image = self._images.get(url, (0.0, None))
            return image if until > time.monotonic() else None

    def put(self, url: str, image: Image) -> None:
        """Keep an image; the oldest ones go."""
        with self._lock:
            self._images.pop(url, None)
            self._images[url] = (time.monotonic() + KEPT_FOR, image)
            while sum(len(each.content) for _, each in self._images.values()) > MOST_KEPT:
                self._images.popitem(last=False)


_kept = Kept()


def address(desk: Desk, url: str, *, at: float | None = None) -> str | None:
    """Give the address of ours that shows an image; None for one that may not be shown, and with demo data."""
    if desk.settings.demo or len(url) > _LONGEST_ADDRESS or not is_shown(url):
        return None
    return signed(desk, url, at=at)


def signed(desk: Desk, url: str, *, at: float | None = None) -> str:
    """Sign an address as of an instant, in seconds since 1970: now unless told."""
    until = str((int(time.time() if at is None else at) // _STEP + 1) * _STEP + LASTS)
    return f"{PATH}?{urlencode({'url': url, 'until': until, 'signature': _signature(desk, url, until)})}"


def fetched(url: str) -> Image:
    """Fetch an image, or give it as it was kept. Raises NotFetched for what can't be had, or is no png or jpeg."""
    image = _kept.get(url)
    if image is None:
        content = outgoing.fetch(url, may=is_shown, largest=LARGEST, longest=LONGEST)
        kind = next((kind for magic, kind in _KINDS.items() if content.startswith(magic)), None)
        if kind is None:
            raise outgoing.NotFetched("That is no png and no jpeg.")
        image = Image(kind, content)
        _kept.put(url, image)
    return image


class ImageRoute(HTTPEndpoint):
    """GET gives the image of an address that we signed; any other method is 405."""

    async def get(self, request: Request) -> Response:
        """Answer with the image, or in words why not."""
        desk = desks.current()
        url, until, signature = (request.query_params.get(name, "") for name in ("url", "until", "signature"))
        if foreign(request.scope, desk.settings.public_url):
            return front.told(403, "Another site asked for this.")
        try:
            person = await run_sync(sessions.person, desk, request.cookies.get(front.COOKIE))
        except DatabaseProblem as problem:
            return front.told(503, problem.message)
        if person is None or not person.actor.may(Permission.SEE_MESSAGES):
            return front.told(401, "Sign in first.")
        if not hmac.compare_digest(_signature(desk, url, until).encode(), signature.encode("utf-8", "replace")):
            return front.told(403, "This address was not signed here.")
        if int(until) < time.time():
            return front.told(410, "This address has ended. Draw the page anew.")
        return await _shown(url)


async def _shown(url: str) -> Response:
    try:
        with anyio.fail_after(LONGEST + 1):
            image = await run_sync(fetched, url, limiter=_turns(), abandon_on_cancel=True)
    except outgoing.NotFetched as failure:
        return front.told(404, failure.message)
    except TimeoutError:
        return front.told(504, "The image did not come in time.")
    headers = {"cache-control": f"private, max-age={KEPT_FOR}", "cross-origin-resource-policy": "same-origin"}
    return Response(image.content, media_type=image.kind, headers=headers)


def routes() -> list[BaseRoute]:
    """Give the route; it takes all methods, or a POST would fall through to the page."""
    return [Route(PATH, ImageRoute)]


@functools.cache
def _turns() -> anyio.CapacityLimiter:
    """Give the places of fetches: however slow they are, they take no thread from the rest of the house."""
    return anyio.CapacityLimiter(_AT_ONCE)


def _signature(desk: Desk, url: str, until: str) -> str:
    return desk.vault.signature(f"{until}\n{url}", purpose=_PURPOSE)
