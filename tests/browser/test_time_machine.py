"""The time machine in a browser: a day is chosen, the page tells of then, and one press leads back."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from pages.ui import formats
from tests.browser import desk
from tests.browser.conftest import Server, settle


def test_an_analyst_goes_back_to_a_day_of_last_month_and_returns(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors
) -> None:
    page = inside("analyst", "/networks")
    vendors.forget()
    day = (formats.now().date().replace(day=1) - timedelta(days=1)).replace(day=15)
    page.get_by_role("button", name="As of now").click()
    page.locator("[data-testid=stDateInput] input").first.fill(day.isoformat())
    page.get_by_role("button", name=f"{day:%A, %B} {day.day}, {day.year}").click()
    told = page.locator(".st-key-asof_line")
    expect(told).to_contain_text(f"As of {day.day} {day:%B %Y}, 23:59 UTC: what was known then")
    settle(page)
    expect(page).to_have_url(f"{server.origin}/networks?asof={day}")
    page.reload()
    expect(told).to_contain_text("what was known then")

    page.get_by_role("button", name="Back to now").click()
    expect(told).to_have_count(0)
    expect(page).to_have_url(f"{server.origin}/networks")
    desk.becomes(vendors.log, [])


def test_nonsense_in_the_address_is_now_with_a_word_about_it(inside: Callable[..., Page], server: Server) -> None:
    page = inside("analyst", "/networks?asof=13-2026")
    expect(page.locator(".st-key-asof_line")).to_contain_text("“13-2026” is no date, so this is now.")
    expect(page.get_by_role("button", name="As of now")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page).to_have_url(f"{server.origin}/networks")
