"""Vendors that fail, and a list that lost too much: nothing vanishes by itself, and every page says what is wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk, grid
from tests.browser.conftest import Server, begin

pytestmark = pytest.mark.browser
ENDED = "select count(*) from sync_runs where trigger = 'hand' and state != 'running'"
KNOWN = "select count(*), sum(vanished_at is not null), sum(followers) from connections"


@pytest.fixture
def server(filled: Path, tmp_path: Path) -> Iterator[Server]:
    """A Patchbay of its own for each journey: faults stay in it."""
    running = begin(filled, tmp_path / "desk")
    yield running
    running.stop()


def _sync(page: Page, server: Server, button: str, runs: int) -> None:
    before = desk.ask(server, ENDED)[0][0]
    page.locator(".st-key-account_menu").wait_for(state="attached")
    page.get_by_role("button", name="Sync all").click() if button == "all" else page.locator(
        f".st-key-sync_{button} button"
    ).click()
    desk.until(lambda: desk.ask(server, ENDED)[0][0] >= before + runs, 30, "the syncs have ended")
    expect(page.locator(".st-key-running")).to_have_count(0)


def test_four_vendors_fail_and_heal_and_no_row_is_lost(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors
) -> None:
    before = desk.ask(server, KNOWN)
    page = inside("admin", "/health")
    vendors.plan("zocial", "/api/*", kind="status", status=503, times=None)
    vendors.plan("late", "/api/*", kind="html", times=None)
    vendors.plan("gipper", "/api/*", kind="status", status=401, times=None)
    vendors.plan("highlevel", "/social-media-posting/*", kind="reset", times=None)
    vendors.forget()
    _sync(page, server, "all", 4)
    desk.becomes(vendors.unmet, [])
    asked = sum(entry["vendor"] == "gipper" for entry in vendors.log())
    assert asked <= 2, "a refusal is not repeated"
    _health_says_what_to_do(page)
    _every_page_keeps_its_rows(page, server)
    desk.becomes(lambda: desk.ask(server, KNOWN), before, "nothing vanished, no figure was lost")
    vendors.heal()
    page.goto(f"{server.origin}/health")
    _sync(page, server, "all", 4)
    for name in ("zocial", "late", "gipper", "highlevel"):
        expect(page.locator(f".st-key-source_{name}")).to_contain_text("Good")
    page.goto(f"{server.origin}/networks?rows=connections")
    grid.until_total(page, lambda number: number == before[0][0], "every row")
    expect(page.locator(".st-key-failing")).to_have_count(0)
    desk.becomes(lambda: desk.ask(server, "select count(*) from connections where health = 'degraded'"), [(0,)])


def _health_says_what_to_do(page: Page) -> None:
    expect(page.get_by_text("4 need you")).to_be_visible()
    for name, problem, action in (
        ("zocial", "HTTP 503", "tried again by itself"),
        ("late", "not valid JSON", "Check that the base URL"),
        ("gipper", "HTTP 401", "Enter a new credential"),
        ("highlevel", "could not list", "tried again by itself"),
    ):
        card = page.locator(f".st-key-source_{name}")
        expect(card).to_contain_text(problem)
        expect(card).to_contain_text("since ")
        expect(card).to_contain_text(action)
        expect(card).to_contain_text("Last good sync")
    expect(page.get_by_text("Please sign in")).to_have_count(0)  # what the vendor's page says is not repeated


def _every_page_keeps_its_rows(page: Page, server: Server) -> None:
    page.goto(f"{server.origin}/networks?sort=Most+followers&rows=connections")
    expect(page.locator(".st-key-failing")).to_contain_text("no answer from")
    expect(page.locator(".st-key-failing")).to_contain_text("the last good rows are shown")
    grid.until_total(page, lambda number: number >= 290, "the last good rows")
    desk.becomes(lambda: all(row["Followers"] for row in grid.rows(page)), True, "each row has its followers")
    page.goto(f"{server.origin}/")
    expect(page.get_by_text("Needs attention")).to_be_visible()
    expect(page.get_by_role("link", name="zocial", exact=True)).to_be_visible()
    expect(page.locator("[data-testid=stMetricValue]").first).not_to_have_text("–")  # noqa: RUF001 (no value)
    expect(page.locator("[data-testid=stException], [data-testid=stAlert]")).to_have_count(0)


def test_a_list_that_lost_everything_is_held_back_until_an_admin_decides(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors
) -> None:
    before = desk.ask(server, KNOWN)
    history = desk.ask(server, "select count(*) from metric_points")
    page = inside("admin", "/health")
    vendors.plan("zocial", "networks", kind="empty_list", times=None)
    _sync(page, server, "zocial", 1)
    held = page.locator(".st-key-held_zocial")
    expect(held).to_contain_text("Held back")
    desk.becomes(lambda: desk.ask(server, KNOWN)[0][:2], before[0][:2], "nothing is marked before somebody decides")
    held.get_by_role("button", name="Mark as vanished").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing has happened yet.")
    vendors.forget()
    dialog.get_by_role("button", name="Mark as vanished").click()
    desk.until(lambda: desk.ask(server, KNOWN)[0][1] >= 150, 20, "they are marked")
    expect(page.locator(".st-key-held_zocial")).to_have_count(0)
    undone = [entry["path"] for entry in vendors.log() if "disconnect" in entry["path"]]
    assert undone == [], "nothing is undone at the vendor"
    page.goto(f"{server.origin}/networks?listed=Vanished&source=zocial")
    grid.until_total(page, lambda number: number >= 150, "the vanished rows")
    desk.becomes(lambda: {row["Health"] for row in grid.rows(page)}, {"Vanished"})
    desk.becomes(lambda: desk.ask(server, KNOWN)[0][0], before[0][0], "no row is deleted")
    points = desk.ask(server, "select count(*) from metric_points")
    assert points >= history, "history stays"
