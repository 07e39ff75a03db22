"""Sources follow the settings: registered, changed and switched off with them, and their history stays."""

import pytest

from data import sources as table
from data.models import Source
from data.types import Origin
from services import settings, sources
from services.desk import Desk
from services.opening import opened


def rows(desk: Desk) -> dict[str, Source]:
    with desk.store.reading() as session:
        return {source.name: source for source in table.every(session)}


def reopened(environment: pytest.MonkeyPatch, **values: str) -> dict[str, Source]:
    for name, value in values.items():
        environment.setenv(name, value)
    desk = opened()
    found = rows(desk)
    desk.store.close()
    return found


LATE = {
    "PATCHBAY_LATE__BASE_URL": "https://late.example",
    "PATCHBAY_LATE__API_KEY": "fake",
    "PATCHBAY_LATE__PROFILE_ID": "one",
}


def test_a_vendor_with_a_base_url_is_the_source_named_after_it(settings_of_test: pytest.MonkeyPatch) -> None:
    found = reopened(settings_of_test, **LATE)
    assert list(found) == ["late"]
    row = found["late"]
    assert (row.base_url, row.contract, row.origin, row.enabled) == (
        "https://late.example", "documented", Origin.ENVIRONMENT, True,
    )  # fmt: skip
    assert row.options == {"profile_id": "one"}
    assert row.secret is None


def test_a_changed_setting_changes_the_same_source(settings_of_test: pytest.MonkeyPatch) -> None:
    first = reopened(settings_of_test, **LATE)["late"]
    again = reopened(settings_of_test, PATCHBAY_LATE__CONTRACT="current", PATCHBAY_LATE__PROFILE_ID="two")["late"]
    assert again.id == first.id
    assert (again.contract, again.options) == ("current", {"profile_id": "two"})


def test_a_source_that_is_no_longer_configured_is_switched_off_and_comes_back(
    settings_of_test: pytest.MonkeyPatch,
) -> None:
    reopened(settings_of_test, **LATE)
    for name in LATE:
        settings_of_test.delenv(name)
    gone = reopened(settings_of_test, PATCHBAY_SANDBOX="false")["late"]
    assert (gone.enabled, gone.removed_at) == (False, None)
    back = reopened(settings_of_test, **LATE)["late"]
    assert (back.enabled, back.id) == (True, gone.id)


def test_registering_again_writes_nothing(desk: Desk) -> None:
    with desk.store.reading() as session:
        before = session.connection().exec_driver_sql("PRAGMA data_version").scalar_one()
        sources.register(desk.store, settings.load())
        after = session.connection().exec_driver_sql("PRAGMA data_version").scalar_one()
    assert before == after
    assert {source.origin for source in rows(desk).values()} == {Origin.SANDBOX}
    assert {source.contract for source in rows(desk).values()} == {"current"}
