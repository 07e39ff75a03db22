"""A desk whose sources are the pretended vendors on a real socket, with deadlines short enough for a test."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import pretended
from services.desk import Desk, open_desk
from services.reports import Wish
from services.sandbox import Sandbox, serve
from services.sync import sync
from services.vendors._http import Timing
from tests import migrated

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SHORT = Timing(connect=1.0, read=0.8, total=1.4, overall=2.0, backoff=0.01, tries=2)


@pytest.fixture(scope="session")
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    """The five vendors, served once for all tests of this process."""
    sandbox = Sandbox(rate_limits=False)
    with serve(sandbox) as origin:
        yield sandbox, origin


@pytest.fixture
def vendors(pretended_vendors: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The pretended vendors at one noon; a planned fault that never struck fails the test."""
    sandbox, origin = pretended_vendors
    monkeypatch.setattr(pretended._place, "origin", origin)
    sandbox.clear_log()
    sandbox.faults.clear()
    sandbox.clock.set(NOON)
    yield sandbox
    sandbox.clock.release()
    sandbox.faults.assert_all_met()


@pytest.fixture
def empty(vendors: Sandbox, settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """A desk with a new cache."""
    del vendors, settings_of_test
    migrated.put(tmp_path / "patchbay.db")
    opened = replace(open_desk(), timing=SHORT)
    yield opened
    opened.store.close()


@pytest.fixture(scope="session")
def filled_file() -> Iterator[Path]:
    """Where the cache that was synced at noon lies, once it is made."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "filled.db"


@pytest.fixture
def filled(vendors: Sandbox, filled_file: Path, tmp_path: Path, settings_of_test: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose cache was filled by one good sync of all sources at noon."""
    if not filled_file.exists():
        _fill(filled_file, settings_of_test)
        vendors.clear_log()
    shutil.copy(filled_file, tmp_path / "patchbay.db")
    settings_of_test.setenv("PATCHBAY_DATABASE_URL", f"sqlite:///{tmp_path / 'patchbay.db'}")
    opened = replace(open_desk(), timing=SHORT)
    yield opened
    opened.store.close()


def _fill(path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHBAY_DATABASE_URL", f"sqlite:///{path}")
    desk = open_desk()
    reports = sync(desk, None, Wish(at=NOON))
    assert {report.state for report in reports} == {"ok", "skipped"}
    desk.store.close()
