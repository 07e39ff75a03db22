"""A migrated database of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import migrations
from data.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty cache."""
    made = Store.at(f"sqlite:///{tmp_path / 'cache.db'}")
    migrations.upgrade(made)
    yield made
    made.close()
