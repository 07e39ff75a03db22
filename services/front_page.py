"""The document that every page begins with: Streamlit's own, which here knows its server and begins to load early.

Streamlit's looks for its server below the page's own address first, and fetches a widget's code when it is drawn.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

_SERVER = """<script>
      window.__streamlit = {
        BACKEND_BASE_URL: new URL(".", location.href).href,
        HOST_CONFIG: { allowedOrigins: [location.origin], useExternalAuthToken: false },
      }
    </script>
    """
_GRID = ("BidiComponent", "TextInput", "Selectbox", "Button", "ButtonGroup", "MenuButton")
_AHEAD = {"networks": _GRID, "approvals": _GRID}
"""The parts of Streamlit that a page needs beyond those that every page loads at once."""
_IMPORT = re.compile(r"""(?:from|import)["'`]\./([\w.-]+\.js)["'`]""")


@cache
def document(index: Path, address: str = "") -> str:
    """Give the document of the page at an address; a part that this Streamlit does not have is left out."""
    before, module, after = index.read_text(encoding="utf-8").partition('<script type="module"')
    head, end, body = (module + after).partition("</head>")
    ahead = "".join(f"{tag}\n  " for tag in _ahead(index, _AHEAD.get(address, ())) if tag not in head)
    return before + _SERVER + head + ahead + end + body


def _ahead(index: Path, names: Iterable[str]) -> Iterator[str]:
    """Give what loads parts early: their styles, without which they wait, what they import, and themselves."""
    scripts = index.parent / "static/js"
    parts = [path for name in names for path in scripts.glob(f"{name}.*.js")]
    for path in (style for name in names for style in (index.parent / "static/css").glob(f"{name}.*.css")):
        yield f'<link rel="stylesheet" crossorigin href="./static/css/{path.name}">'
    for name in _imported(scripts, [path.name for path in parts]):
        yield f'<link rel="modulepreload" crossorigin href="./static/js/{name}">'
    for path in parts:
        yield f'<script type="module" crossorigin src="./static/js/{path.name}"></script>'


def _imported(scripts: Path, names: list[str]) -> list[str]:
    """Name what modules import, and what that imports; not the modules themselves."""
    found = dict.fromkeys(names)
    waiting = list(names)
    while waiting:
        text = (scripts / waiting.pop()).read_text(encoding="utf-8")
        for name in _IMPORT.findall(text):
            if name not in found and (scripts / name).exists():
                found[name] = None
                waiting.append(name)
    return [name for name in found if name not in names]


def routes(index: Path, addresses: Iterable[str]) -> list[BaseRoute]:
    """Give a route for each page; any other address falls through to Streamlit, which serves its own document."""

    async def page(request: Request) -> Response:
        told = document(index, request.url.path.removeprefix("/"))
        return HTMLResponse(told, headers={"cache-control": "no-cache"})

    return [Route(f"/{address}", page) for address in addresses]
