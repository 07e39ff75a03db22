"""Looking through Networks: the address holds every choice, nonsense in it is dropped, and no vendor is asked."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk, grid
from tests.browser.conftest import Server, settle

pytestmark = pytest.mark.browser
SEARCH = "Search by name or handle"


@pytest.fixture(autouse=True)
def _no_vendor_is_asked(vendors: desk.Vendors) -> Iterator[None]:
    before = vendors.calls()
    yield
    assert vendors.calls() == before, "looking at pages asks no vendor"


def _search(page: Page, text: str) -> None:
    page.get_by_label(SEARCH).fill(text)
    page.get_by_label(SEARCH).press("Enter")


def _address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("MÜLLER", "Brotzeit Müller"),
        ("smörgås", "Smörgås & Co"),
        ("Doña P", "Churros Doña Pilar"),
        ("喫茶", "喫茶ミナト"),
    ],
)
def test_search_takes_any_part_in_any_case_with_its_marks(inside: Callable[..., Page], typed: str, found: str) -> None:
    page = inside("analyst", "/networks")
    whole = grid.total(page)
    _search(page, typed)
    names = grid.until_names(page, lambda names: bool(names) and all(found in name for name in names), found)
    assert 0 < len(names) < whole
    assert _address(page) == {"q": [typed]}


def test_what_sql_means_by_a_sign_is_text_here(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    _search(page, "100%_'; drop table connections; --")
    expect(page.get_by_text("No connection matches")).to_be_visible()
    page.get_by_role("button", name="Lift search").click()
    grid.until_total(page, lambda number: number >= 290, "everything is there again")
    assert _address(page) == {}


def test_filters_and_sort_stand_in_a_short_address_that_another_tab_understands(
    inside: Callable[..., Page], server: Server
) -> None:
    page = inside("analyst", "/networks")
    page.locator(".st-key-platform_filter button").first.click()
    page.locator(".st-key-platform").get_by_role("button", name="TikTok").click()
    page.keyboard.press("Escape")
    page.locator(".st-key-sort input").click()
    page.get_by_role("option", name="Most followers").click()
    page.wait_for_url("**sort=**")
    number = grid.until_total(page, lambda number: number < 290, "the filter narrows")
    desk.until(lambda: _falling(page), 10, "the largest first, those that are not told last")
    rows = grid.rows(page)
    assert {row["Platform"] for row in rows} == {"TikTok"}
    assert _address(page) == {"platform": ["TikTok"], "sort": ["Most followers"]}
    assert len(urlsplit(page.url).query) < 60
    page.reload()
    grid.until_names(page, lambda names: names == [row["Account"] for row in rows], "the same after a reload")
    beside = page.context.new_page()
    beside.goto(page.url)
    grid.until_names(beside, lambda names: names == [row["Account"] for row in rows], "the same in another tab")
    assert grid.total(beside) == number
    assert beside.get_by_role("button", name="Sign in").count() == 0
    assert server.origin in beside.url


def _falling(page: Page) -> bool:
    told = [int(row["Followers"] or -1) for row in grid.rows(page)]
    return told == sorted(told, reverse=True) and told[0] > told[-1]


def test_paging_goes_on_and_back_and_the_browser_button_leaves_the_page(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks?sort=Name%2C+A+to+Z")
    first = grid.names(page)
    page.get_by_role("button", name="Next rows").or_(page.locator(".st-key-go_after button")).first.click()
    page.wait_for_url("**after=**")
    second = grid.until_names(page, lambda names: names[0] != first[0], "the next rows")
    assert not set(first) & set(second[1:])
    expect(page.locator(".st-key-list_actions")).to_contain_text("51–100")  # noqa: RUF001 (as the page writes it)
    assert len(urlsplit(page.url).query) < 200
    page.reload()
    grid.until_names(page, lambda names: names == second, "the same rows after a reload")
    page.locator(".st-key-go_before button").first.click()
    grid.until_names(page, lambda names: names == first, "the first rows again")
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Networks")).to_be_visible()


@pytest.mark.parametrize(
    "nonsense",
    [
        "sort=1%3Bdrop+table+connections",
        "platform=Myspace",
        "status=%3Cscript%3E",
        "min=-5&max=many",
        "size=1000000",
        "verified=perhaps",
        "unheard_of=1",
    ],
)
def test_nonsense_in_the_address_is_dropped_and_everything_is_shown(inside: Callable[..., Page], nonsense: str) -> None:
    page = inside("analyst", f"/networks?{nonsense}")
    grid.until_total(page, lambda number: number >= 290, "everything")
    assert len(grid.names(page)) >= 12
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0


@pytest.mark.parametrize("place", ["after=garbage", "before=AAAA%27%3B--", "after=" + "x" * 5000])
def test_a_place_that_is_none_begins_the_list_and_says_so(inside: Callable[..., Page], place: str) -> None:
    page = inside("analyst", f"/networks?{place}")
    expect(page.get_by_text("the list begins at its start")).to_be_visible()
    expect(page.locator(".st-key-list_actions")).to_contain_text("1–50 of")  # noqa: RUF001 (as the page writes it)
    settle(page)
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
