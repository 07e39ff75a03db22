"""One served sandbox per module; every test starts with an empty log, and an unmet planned fault fails it."""

from collections.abc import Iterator

import pytest
import requests

from services.sandbox import Sandbox, serve


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, str]]:
    pretended = Sandbox()
    with serve(pretended) as origin:
        yield pretended, origin


@pytest.fixture
def sandbox(served: tuple[Sandbox, str]) -> Iterator[Sandbox]:
    pretended, _ = served
    pretended.clear_log()
    pretended.faults.clear()
    yield pretended
    pretended.clock.release()
    pretended.faults.assert_all_met()


@pytest.fixture
def origin(sandbox: Sandbox, served: tuple[Sandbox, str]) -> str:
    del sandbox  # asked for so that its planned faults are accounted for
    return served[1]


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session
