"""What every test may lean on: a desk of its own, and pages that start fast."""

import os
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path

import bcrypt
import pytest
from hypothesis import settings

from services import desk as desks
from services import people, sessions
from services.desk import Desk
from tests import migrated

ROOT = Path(__file__).resolve().parents[1]
USUAL = bcrypt.gensalt
FIRST = (
    *("test_main_line.py", "test_networks.py", "test_hostile.py", "test_messages.py", "test_outage.py"),
    *("test_approvals.py", "test_connect.py", "test_account.py", "test_signin.py"),
)
"""The journey that fills the demo which the others copy, then the longest: what begins last must be short."""
MEANWHILE = 18
"""So many files without a browser follow the first journey: the next one could only wait for the demo."""
settings.register_profile("patchbay", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("patchbay")
FAKE_KEY = "an-obviously-fake-key-for-the-tests-only"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix the files: while a journey waits for its browser, the others use the cores; none is left to the end."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    journeys = [tests for path, tests in files.items() if path.parent.name == "browser"]
    journeys.sort(key=lambda tests: FIRST.index(name) if (name := tests[0].path.name) in FIRST else len(FIRST))
    others = [tests for path, tests in files.items() if path.parent.name != "browser"]
    left = iter(others)
    mixed = [[journey, *islice(left, 2 if place else MEANWHILE)] for place, journey in enumerate(journeys)]
    items[:] = chain.from_iterable([*chain.from_iterable(mixed), *left])
    for item in items:
        if _is_journey(item):
            item.add_marker(pytest.mark.flaky(reruns=1))


def _is_journey(item: pytest.Item) -> bool:
    """Tell whether a test drives the browser by a fixed script: it alone has a second try (decision 0028)."""
    drawn_by_lot = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return item.path.parent.name == "browser" and "browser" in getattr(item, "fixturenames", ()) and not drawn_by_lot


@pytest.fixture(scope="session", autouse=True)
def _few_rounds() -> Iterator[None]:
    """Hash passwords with few rounds: the usual twelve take a quarter of a second for each person and sign-in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bcrypt, "gensalt", lambda rounds=4, prefix=b"2b": USUAL(rounds, prefix))
        yield


@pytest.fixture
def usual_rounds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash passwords as often as outside the tests."""
    monkeypatch.setattr(bcrypt, "gensalt", USUAL)
    people._demo_hash.cache_clear()
    yield
    people._demo_hash.cache_clear()


@pytest.fixture
def settings_of_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment with nothing of ours in it but a database of its own."""
    for name in [name for name in os.environ if name.upper().startswith("PATCHBAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATCHBAY_DATABASE_URL", f"sqlite:///{tmp_path / 'patchbay.db'}")
    monkeypatch.setenv("PATCHBAY_SECRET_KEY", FAKE_KEY)
    monkeypatch.setenv("PATCHBAY_SYNC_MINUTES", "0")
    desks.current.cache_clear()
    yield monkeypatch
    desks.current.cache_clear()


@pytest.fixture
def desk(settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """A desk in sandbox mode, opened as the process's own."""
    del settings_of_test
    migrated.put(tmp_path / "patchbay.db")
    opened = desks.current()
    yield opened
    opened.store.close()


@pytest.fixture
def cookie(desk: Desk) -> Callable[[str], str]:
    """Signs a demo person in and gives the value of their cookie."""
    people.ensure_demo_people(desk)

    def sign_in(username: str) -> str:
        ticket = sessions.sign_in(
            desk, username, "any", address="test", agent="test", verify=lambda _password, _hash: True
        )
        token = sessions.redeem(desk, ticket)
        assert token is not None
        return token

    return sign_in


@pytest.fixture
def quick_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare AppTest the scan of every installed package (66 to 120 ms a page)."""
    from streamlit.components.v2.component_manager import BidiComponentManager

    monkeypatch.setattr(BidiComponentManager, "discover_and_register_components", lambda *_args, **_named: None)
