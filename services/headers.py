"""Security headers on every answer, and the door for WebSockets that another site opens."""

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services import front_page

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_HSTS = "max-age=31536000"
_OPENER = "cross-origin-opener-policy"
"""What a page that is opened as a window says itself: under ours it would lose the page that opened it."""


def script_hashes(index: Path) -> list[str]:
    """Hash each inline script of a page, as a Content-Security-Policy wants it."""
    found = _INLINE.findall(front_page.document(index))
    digests = (hashlib.sha256(script.encode("utf-8")).digest() for script in found)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def policy(index: Path) -> str:
    """Give the Content-Security-Policy: our own origin only, and the inline scripts of the page by hash."""
    scripts = " ".join(script_hashes(index))
    rules = [
        "default-src 'self'",
        f"script-src 'self' 'wasm-unsafe-eval' blob: {scripts}".rstrip(),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ]
    return "; ".join(rules)


def security_headers(index: Path, public_url: str) -> dict[str, str]:
    """Give the headers that stand on every answer."""
    told = {
        "content-security-policy": policy(index),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        _OPENER: "same-origin-allow-popups",
    }
    return {**told, "strict-transport-security": _HSTS} if public_url.startswith("https:") else told


def foreign(scope: Scope, public_url: str) -> bool:
    """Tell whether a browser says that another site is asking. Programs that say nothing are not foreign."""
    headers = Headers(scope=scope)
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc not in {headers.get("host", ""), urlsplit(public_url).netloc} - {""}


class SecurityHeaders:
    """ASGI middleware: headers on every HTTP answer, 403 for a WebSocket from another site.

    `public_url` is asked at the first request: the settings are read when the server starts, not on import.
    """

    def __init__(self, app: ASGIApp, *, index: Path, public_url: Callable[[], str]) -> None:
        self._app = app
        self._index = index
        self._public_url = public_url
        self._headers: dict[str, str] | None = None

    def headers(self) -> dict[str, str]:
        """Give the headers, made once."""
        if self._headers is None:
            self._headers = security_headers(self._index, self._public_url())
        return self._headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket" and foreign(scope, self._public_url()):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return

        async def tell(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = MutableHeaders(scope=message)
                for name, value in self.headers().items():
                    if name != _OPENER or name not in headers:
                        headers[name] = value
            await send(message)

        await self._app(scope, receive, tell)
