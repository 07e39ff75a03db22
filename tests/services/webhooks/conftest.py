"""The hooks over a real socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware

from services import headers
from services.desk import Desk
from services.webhooks import keeping, routes
from tests.served import Client, served

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"


@pytest.fixture(autouse=True)
def _close_intakes() -> Iterator[None]:
    """Close the files that a test has opened."""
    yield
    for keeper in keeping._keepers.values():
        keeper.intake.close()
    keeping._keepers.clear()


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    door = Middleware(headers.SecurityHeaders, index=INDEX, public_url=lambda: desk.settings.public_url)
    with served(Starlette(routes=routes.routes(), middleware=[door])) as opened:
        yield opened
