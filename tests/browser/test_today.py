"""The analyst's morning: what needs someone, what changed since the last visit, a past day, and who grew and fell."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.conftest import Server, begin, settle

pytestmark = pytest.mark.browser
BROKEN = "select id, name, handle from connections where health = 'broken' and vanished_at is null"
ROW, HEAD = 34, 36
READ = """
grid => [...grid.querySelectorAll("[role=row]")].map(
  row => [...row.querySelectorAll("[role=columnheader], [role=gridcell]")].map(cell => cell.textContent)
)
"""


@pytest.fixture(scope="module")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay of its own: the visits of its people are moved back in time."""
    running = begin(filled, tmp_path_factory.mktemp("desk"))
    yield running
    running.stop()


def _let_pass(server: Server, time: timedelta) -> None:
    """Move the last visit of everyone back in time, as if that much had passed."""
    link = sqlite3.connect(desk.database(server), timeout=10)
    with link:
        for number, seen in link.execute("select id, last_seen_at from sessions").fetchall():
            before = (datetime.fromisoformat(seen) - time).isoformat(" ", "microseconds")
            link.execute("update sessions set last_seen_at = ? where id = ?", (before, number))
    link.close()


def _nobody_was_here(server: Server) -> None:
    """Let this visit of everyone be their first one."""
    link = sqlite3.connect(desk.database(server), timeout=10)
    with link:
        link.execute("update users set previous_visit_at = null")
    link.close()


def _movers(page: Page) -> list[dict[str, str]]:
    """Give the rows of the first grid, a canvas, as its table for assistance tells them."""
    head, *rows = page.locator("[data-testid=stDataFrame] [role=grid]").first.evaluate(READ)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_a_row_of_what_needs_someone_leads_to_its_account(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors
) -> None:
    page = inside("analyst", "/")
    vendors.forget()
    known = {identity: name or handle for identity, name, handle in desk.ask(server, BROKEN)}
    link = page.locator("[data-testid=stPageLink-NavLink][href*='account?id=']").first
    identity = (link.get_attribute("href") or "").partition("id=")[2]
    assert identity in known
    link.click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text(known[identity][:12])
    expect(page).to_have_url(re.compile(f"id={identity}"))
    desk.becomes(vendors.log, [], "looking asks no vendor")


def test_what_is_new_stays_new_while_the_visit_lasts(inside: Callable[..., Page], server: Server) -> None:
    _nobody_was_here(server)
    page = inside("analyst", "/")
    expect(page.get_by_text("This is your first visit.")).to_be_visible()
    _let_pass(server, timedelta(minutes=90))
    page.reload()
    expect(page.get_by_text(re.compile("9. min ago|1 h ago")).first).to_be_visible()
    since = desk.ask(server, "select previous_visit_at from users where role = 'analyst'")
    page.reload()
    settle(page)
    beside = page.context.new_page()
    beside.goto(server.origin)
    expect(beside.get_by_text("Since your last visit")).to_be_visible()
    settle(beside)
    desk.becomes(lambda: desk.ask(server, "select previous_visit_at from users where role = 'analyst'"), since)
    expect(page.get_by_text("This is your first visit.")).to_have_count(0)


def test_a_past_day_shows_what_was_known_then_and_leads_back(inside: Callable[..., Page], server: Server) -> None:
    then = (datetime.now(UTC) - timedelta(days=40)).date()
    page = inside("analyst", f"/?asof={then}")
    expect(page.locator(".st-key-asof_line")).to_contain_text("what was known then")
    expect(page.get_by_text("Needed attention")).to_be_visible()
    expect(page.get_by_text("Changes of that day")).to_be_visible()
    followers = page.locator("[data-testid=stMetricValue]").first.inner_text()
    page.get_by_role("button", name="Back to now").click()
    expect(page.get_by_text("Needs attention")).to_be_visible()
    expect(page.locator("[data-testid=stMetricValue]").first).not_to_have_text(followers)
    expect(page).not_to_have_url(re.compile("asof"))
    page.goto(f"{server.origin}/?asof=[13](x)-2026")
    expect(page.locator(".st-key-asof_line")).to_contain_text("“[13](x)-2026” is no date, so this is now.")
    expect(page.get_by_text("Needs attention")).to_be_visible()


def test_who_grew_is_a_click_away_from_the_account(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/")
    page.get_by_role("link", name="Trends").click()
    expect(page.get_by_text("Grew most")).to_be_visible()
    desk.becomes(lambda: len(_movers(page)), 10)
    found = _movers(page)
    changes = [float(row["Change"].rstrip("%")) for row in found]
    assert changes == sorted(changes, reverse=True)
    assert min(changes) > 0
    settle(page)
    table = page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    table.click(position={"x": 17, "y": HEAD + ROW + ROW // 2})
    page.wait_for_url("**/account?id=*")
    expect(page.get_by_role("heading", level=2).first).to_contain_text(found[1]["Account"][:12])


def test_changes_between_two_dates_follow_the_address(inside: Callable[..., Page], server: Server) -> None:
    since, until = (datetime.now(UTC) - timedelta(days=days) for days in (60, 5))
    page = inside("analyst", f"/trends?since={since.date()}&until={until.date()}&kind_of_change=Status")
    card = page.locator(".st-key-changes")
    expect(card.get_by_text("changes, alike ones as one")).to_be_visible()
    card.get_by_text("Profile", exact=True).click()
    page.wait_for_url("**kind_of_change=Profile*")
    page.goto(f"{server.origin}/trends?since=soon")
    expect(card.get_by_text("“soon” is no date.")).to_be_visible()
    expect(page.locator("[data-testid=stException], [data-testid=stAlert]")).to_have_count(0)
