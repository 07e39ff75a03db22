"""Vendors of one test alone, at this very moment: what is connected stays with them; and an admin who connects."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox, serve
from services.sync import sync


@pytest.fixture
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    """The five vendors, served for one test."""
    sandbox = Sandbox(rate_limits=False)
    with serve(sandbox) as origin:
        yield sandbox, origin


@pytest.fixture
def office(empty: Desk, vendors: Sandbox) -> Desk:
    """A desk that synced HighLevel just now."""
    vendors.clock.set(datetime.now(UTC))
    (report,) = sync(empty, ["highlevel"], Wish())
    assert report.state == "ok"
    vendors.clear_log()
    return empty
