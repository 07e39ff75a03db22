"""A pretended vendor on a real socket for each test."""

from collections.abc import Iterator

import pytest

from tests.services.vendors.pretender import Pretender, pretended


@pytest.fixture
def vendor() -> Iterator[Pretender]:
    with pretended() as listening:
        yield listening
