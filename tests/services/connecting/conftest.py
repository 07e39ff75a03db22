"""Vendors of one test alone, at this very moment: what is connected stays with them; and an admin who connects."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox, serve
from services.sync import sync
from services.vendors._http import Timing


@pytest.fixture
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    """The five vendors, served for one test."""
    sandbox = Sandbox(rate_limits=False)
    with serve(sandbox) as origin:
        yield sandbox, origin


PATIENT = Timing(connect=3.0, read=3.0, total=4.0, overall=5.0, backoff=0.01, tries=2)
"""Long enough for a busy machine: an answer that is late only there would end an attempt."""


@pytest.fixture
def office(empty: Desk, vendors: Sandbox) -> Desk:
    """A desk that synced HighLevel just now."""
    vendors.clock.set(datetime.now(UTC))
    (report,) = sync(empty, ["highlevel"], Wish())
    assert report.state == "ok"
    vendors.clear_log()
    return replace(empty, timing=PATIENT)
