"""Syncing by hand: an admin sees it go on and end, the vendor is asked once, an analyst has no button."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk, grid
from tests.browser.conftest import Server, begin

pytestmark = pytest.mark.browser
NETWORKS, PAGES = "/api/get/networks/", "/api/get/social-pages/"
WALLS, CHANNELS = "/api/get/social-walls/", "/api/get/social-channels/"


@pytest.fixture(scope="module")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay of its own, for the syncs."""
    running = begin(filled, tmp_path_factory.mktemp("sync"))
    yield running
    running.stop()


def test_an_admin_syncs_one_source_and_each_of_its_lists_is_asked_once(
    inside: Callable[..., Page], vendors: desk.Vendors
) -> None:
    page = inside("admin", "/health")
    before = len(grid.rows(page))
    vendors.forget()
    vendors.plan("zocial", WALLS, kind="slow", seconds=1.5)
    page.locator(".st-key-sync_zocial button").click()
    expect(page.locator(".st-key-running")).to_contain_text("Syncing zocial")
    expect(page.locator(".st-key-running")).to_contain_text("accounts read")
    expect(page.locator(".st-key-running")).to_have_count(0)
    desk.becomes(lambda: len(grid.rows(page)), before + 1)
    expect(page.locator(".st-key-source_zocial")).to_contain_text("Good")
    expect(page.locator(".st-key-sync_zocial button")).to_be_enabled()
    paths = [(entry["vendor"], entry["method"], entry["path"]) for entry in vendors.log()]
    assert sorted(paths) == [("zocial", "POST", path) for path in (NETWORKS, CHANNELS, PAGES, WALLS)]
    desk.becomes(lambda: [fault["met"] for fault in vendors.planned()], [1])


def test_an_analyst_has_no_button_and_looking_starts_nothing(
    inside: Callable[..., Page], vendors: desk.Vendors
) -> None:
    vendors.forget()
    page = inside("analyst", "/health")
    expect(page.get_by_text("An admin can start a sync.")).to_be_visible()
    for words in ("Sync now", "Sync all", "Mark as vanished …"):
        expect(page.get_by_role("button", name=words, exact=True)).to_have_count(0)
    desk.becomes(vendors.log, [])
