"""Vendors of one test alone: what is submitted to them stays with them; and the people who ask and decide."""

from collections.abc import Iterator

import pytest

from services import people
from services.desk import Desk
from services.sandbox import Sandbox, serve


@pytest.fixture
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    """The five vendors, served for one test."""
    sandbox = Sandbox(rate_limits=False)
    with serve(sandbox) as origin:
        yield sandbox, origin


@pytest.fixture
def office(filled: Desk) -> Desk:
    """A desk with a filled cache, and the people of `approving` in it."""
    people.ensure_demo_people(filled)
    return filled
