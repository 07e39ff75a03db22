"""On a phone and in the dark: nothing is cut off, everything can be reached."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import desk, grid
from tests.browser.conftest import Profile, Server, lent, settle

pytestmark = pytest.mark.browser
PATHS = ["/", "/networks", "/trends", "/approvals", "/sent", "/health"]


@pytest.fixture
def context(profile: Profile, server: Server) -> Iterator[BrowserContext]:
    """A phone whose owner likes it dark."""
    phone = profile(viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True, is_mobile=True)
    with lent(phone, server.origin) as opened:
        yield opened


def _fits(page: Page) -> bool:
    """Tell whether the page can be scrolled up and down only."""
    fits: bool = page.evaluate(
        """() => [document.scrollingElement, document.querySelector("[data-testid=stMain]")]
             .every(part => part.scrollWidth <= Math.max(part.clientWidth, 390))"""
    )
    return fits


def test_signing_in_on_a_phone(page: Page, server: Server) -> None:
    page.goto(server.origin)
    expect(page.get_by_role("button", name="Sign in")).to_be_in_viewport()
    settle(page)
    desk.becomes(lambda: _fits(page), True, "the page is as wide as the phone")
    page.locator(".st-key-use_ana button").tap()
    expect(page.get_by_label("User name")).to_have_value("ana")
    page.get_by_role("button", name="Sign in").tap()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    expect(page.locator("[data-testid=stSidebar][aria-expanded=true]")).to_have_count(0)  # the menu covers nothing


@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_wider_than_the_phone(inside: Callable[..., Page], path: str) -> None:
    page = inside("analyst", path)
    desk.becomes(lambda: _fits(page), True, "the page is as wide as the phone")
    desk.becomes(
        lambda: page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"),
        "rgb(16, 19, 24)",
    )


def test_the_menu_opens_leads_on_and_closes(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/")
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_role("link", name="Networks").tap()
    expect(page.get_by_role("heading", name="Networks")).to_be_visible()
    grid.until_total(page, lambda number: number >= 250, "the table of accounts")
    expect(page.locator("[data-testid=stSidebar][aria-expanded=true]")).to_have_count(0)
    desk.becomes(lambda: _fits(page), True, "the page is as wide as the phone")
