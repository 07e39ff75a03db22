"""The secrets of a source of the settings: one that is renewed there has the one before beside it."""

from contextlib import closing
from pathlib import Path

import pytest

from data import sources
from data.store import now
from services.desk import Desk, open_desk
from services.webhooks import signing
from tests import migrated


def accepted(desk: Desk) -> list[str]:
    with desk.store.reading() as session:
        source = sources.named(session, "late")
    assert source is not None
    return signing.accepted(desk, source, now())


def test_the_secret_before_is_good_as_long_as_the_settings_hold_it(
    settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {"BASE_URL": "https://zernio.com", "API_KEY": "sk_x", "PROFILE_ID": "p", "WEBHOOK_SECRET": "new"}
    for name, value in given.items():
        settings_of_test.setenv(f"PATCHBAY_LATE__{name}", value)
    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
    migrated.put(tmp_path / "patchbay.db")
    for before, good in (("old", ["new", "old"]), ("", ["new"])):
        settings_of_test.setenv("PATCHBAY_LATE__WEBHOOK_SECRET_BEFORE", before)
        desk = open_desk()
        with closing(desk.store):
            assert accepted(desk) == good
