"""The consent pages of HighLevel and Late: plain HTML that works under `script-src 'self'`."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_ASSETS = {"consent.js": "text/javascript", "consent.css": "text/css"}
_FOLDER = Path(__file__).parent / "static"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/sandbox/static/consent.css"></head>
<body>{body}</body>
</html>
"""
_CONSENT = """<main data-finish="{finish}">
<p class="badge">Sandbox</p>
<h1>{vendor} asks to connect an account</h1>
<p>This page stands for the sign-in of the platform. No real account is touched.</p>
<p><label for="account">Sign in as</label>
<select id="account"><option value="">a new account</option>{known}</select></p>
<div class="actions"><button id="approve">Approve</button><button id="cancel" class="quiet">Cancel</button></div>
<p id="outcome" role="status"></p>
</main>
<script src="/sandbox/static/consent.js"></script>"""


def consent(vendor: str, *, finish: str, known: Iterable[tuple[str, str]], cuts_opener: bool = False) -> Response:
    """The page on which a person approves or cancels; `finish` is where the choice goes.

    `known` are the accounts, by id and name, that one can sign in as instead of a new one. `cuts_opener` sends the
    header by which a browser parts the window from the page that opened it.
    """
    options = "".join(f'<option value="{escape(number)}">{escape(name)}</option>' for number, name in known)
    body = _CONSENT.format(vendor=vendor, finish=finish, known=options)
    headers = {"Cross-Origin-Opener-Policy": "same-origin" if cuts_opener else "unsafe-none"}
    return HTMLResponse(_PAGE.format(title=f"Connect through {vendor}", body=body), headers=headers)


def refused(vendor: str) -> Response:
    """The page for a link that is unknown or was used."""
    body = f"<main><h1>This link is no longer open</h1><p>Start again from the page that led to {vendor}.</p></main>"
    return HTMLResponse(_PAGE.format(title="Link closed", body=body), status_code=410)


def routes() -> list[Route]:
    """The assets of the consent pages."""
    return [Route("/static/{name}", _asset, methods=["GET"])]


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        return Response(status_code=404)
    text = (_FOLDER / name).read_bytes()
    return Response(text, media_type=_ASSETS[name])
