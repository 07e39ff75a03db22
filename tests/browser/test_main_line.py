"""The main line: an empty database, one start, and what an analyst finds after signing in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk, grid
from tests.browser.conftest import Server, start
from tests.browser.demo import Demo

pytestmark = pytest.mark.browser
READING = {
    ("zocial", "POST", "/api/get/networks/"),
    ("zocial", "POST", "/api/get/social-pages/"),
    ("zocial", "POST", "/api/get/social-walls/"),
    ("zocial", "POST", "/api/get/social-channels/"),
    ("zocial", "POST", "/api/network/status/"),
    ("late", "GET", "/api/v1/accounts"),
    ("late", "GET", "/api/v1/accounts/health"),
    ("late", "GET", "/api/v1/accounts/follower-stats"),
    ("gipper", "GET", "/api/v2/social_accounts"),
    ("gipper", "GET", "/api/v4/social_accounts"),
    ("gipper", "GET", "/api/v2/verify_social_accounts"),
    ("gipper", "GET", "/api/v4/verify_social_accounts"),
    ("highlevel", "GET", "/social-media-posting/locSandboxFjordFell/accounts"),
    ("highlevel", "POST", "/social-media-posting/statistics"),
}
"""Every call of the documents that only reads; whatever else is in the log has changed something."""
LISTED = {
    *(("zocial", "POST", f"/api/get/{name}/") for name in ("networks", "social-pages", "social-walls")),
    ("zocial", "POST", "/api/get/social-channels/"),
    ("late", "GET", "/api/v1/accounts"),
    ("gipper", "GET", "/api/v2/social_accounts"),
    ("highlevel", "GET", "/social-media-posting/locSandboxFjordFell/accounts"),
}
CREDENTIALS = {"zocial": "authorization", "late": "authorization", "gipper": "authentication"}


@pytest.fixture(scope="module")
def server(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay that has never run before, with the sync that follows the replay; the first one fills for all."""
    fresh = demo.fresh()
    running = start(fresh if demo.ours else tmp_path_factory.mktemp("fresh"), PATCHBAY_SYNC_MINUTES="1440")
    yield running
    demo.share(running)
    running.stop()


def test_from_an_empty_database_to_connections_of_four_vendors(
    signed_in: Callable[..., Page], server: Server, vendors: desk.Vendors, demo: Demo
) -> None:
    replayed = desk.ask(server, "select count(distinct observed_at) from sync_runs where trigger = 'replay'")
    assert replayed[0][0] < 90  # the port answers while the replay goes on
    page = signed_in("analyst", "/networks")
    expect(page.get_by_text(r"Filling the demo: day")).to_contain_text(" of 90")
    desk.wait_filled(server)
    demo.share(server)
    expect(page.get_by_text("Filling the demo")).to_have_count(0)
    page.goto(f"{server.origin}/networks?sort=Most+followers&rows=connections")
    grid.until_total(page, lambda number: number >= 290, "all that four vendors list")
    desk.until(lambda: len(grid.rows(page)) >= 12, desk.PATIENCE, "the list is drawn")
    rows = grid.rows(page)
    assert {row["Status"] for row in rows} <= {
        "Accepted",
        "Pending",
        "Rejected",
        "Suspended",
        "Disconnected",
        "Unknown",
    }
    assert all(row["Followers"].strip() for row in rows)
    assert all(row["30 days"].count(",") >= 25 for row in rows), "each has a line of 30 days"
    expect(page.locator("[data-testid=stVegaLiteChart]")).to_have_count(3)
    _four_vendors_were_only_read(server, vendors)


def _four_vendors_were_only_read(server: Server, vendors: desk.Vendors) -> None:
    log = vendors.log()
    called = {(entry["vendor"], entry["method"], entry["path"]) for entry in log}
    assert called >= LISTED
    assert called <= READING, "nothing was changed at a vendor"
    assert "imiconnect" not in {entry["vendor"] for entry in log}, "nothing was sent to anyone"
    for entry in log:
        assert entry["headers"][CREDENTIALS.get(entry["vendor"], "authorization")] == "present"
        assert entry["status"] == 200
    per_vendor = "select s.vendor, count(*) from connections c join sources s on s.id = c.source_id group by s.vendor"
    known: dict[str, Any] = dict(desk.ask(server, per_vendor))
    assert set(known) == {"zocial", "late", "highlevel", "gipper"}
    assert sum(known.values()) >= 290
