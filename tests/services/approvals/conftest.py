"""Vendors of one test alone: what is submitted to them stays with them; and the people who ask and decide."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services import people
from services.desk import Desk
from services.sandbox import Sandbox, serve
from services.vendors._http import Timing

PATIENT = Timing(connect=2.0, read=2.0, total=3.0, overall=4.0, backoff=0.01, tries=2)


@pytest.fixture
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    """The five vendors, served for one test."""
    sandbox = Sandbox(rate_limits=False)
    with serve(sandbox) as origin:
        yield sandbox, origin


@pytest.fixture
def office(filled: Desk) -> Desk:
    """A desk with a filled cache, the people of `approving` in it, and patience: a late answer here is a doubt."""
    people.ensure_demo_people(filled)
    return replace(filled, timing=PATIENT)
