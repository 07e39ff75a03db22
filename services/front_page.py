"""The document that every page begins with: Streamlit's own, which here knows its server and begins to load early.

Streamlit's looks for its server below the page's own address first, and fetches a widget's code when it is drawn.
"""

from collections.abc import Iterable
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
_GRID = ("DataFrame", "TextInput", "Selectbox", "Button", "ButtonGroup", "MenuButton")
_AHEAD = {"networks": _GRID}
"""The parts of Streamlit that a page needs beyond those that every page loads at once."""


@cache
def document(index: Path, address: str = "") -> str:
    """Give the document of the page at an address; a part that this Streamlit does not have is left out."""
    before, module, after = index.read_text(encoding="utf-8").partition('<script type="module"')
    head, end, body = (module + after).partition("</head>")
    parts = [path for name in _AHEAD.get(address, ()) for path in (index.parent / "static/js").glob(f"{name}.*.js")]
    ahead = (f'<script type="module" crossorigin src="./static/js/{path.name}"></script>\n  ' for path in parts)
    return before + _SERVER + head + "".join(ahead) + end + body


def routes(index: Path, addresses: Iterable[str]) -> list[BaseRoute]:
    """Give a route for each page; any other address falls through to Streamlit, which serves its own document."""

    async def page(request: Request) -> Response:
        told = document(index, request.url.path.removeprefix("/"))
        return HTMLResponse(told, headers={"cache-control": "no-cache"})

    return [Route(f"/{address}", page) for address in addresses]
