"""Vendors of one test alone: what is disconnected there stays with them; and the people who may, or may not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services import people
from services.desk import Desk
from services.sandbox import Sandbox, serve
from tests.services.approvals.conftest import PATIENT


@pytest.fixture
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    """The five vendors, served for one test."""
    sandbox = Sandbox(rate_limits=False)
    with serve(sandbox) as origin:
        yield sandbox, origin


@pytest.fixture
def office(filled: Desk) -> Desk:
    """A desk with a filled cache, its people, and patience: a late answer here is a doubt."""
    people.ensure_demo_people(filled)
    return replace(filled, timing=PATIENT)
