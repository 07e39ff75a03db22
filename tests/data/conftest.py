"""A migrated database of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import Store
from tests import migrated


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty cache."""
    made = migrated.store(tmp_path / "cache.db")
    yield made
    made.close()
