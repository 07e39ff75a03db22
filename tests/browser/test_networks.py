"""Looking through Networks: the address holds every choice, nonsense in it is dropped, and no vendor is asked."""

import csv
import io
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from services.people import DEMO_PEOPLE
from tests.browser import desk, grid
from tests.browser.conftest import Server, fill_in, settle

pytestmark = pytest.mark.browser
SEARCH = "Search by name or handle"
SEARCHED = (
    ("MÜLLER", "Brotzeit Müller"),
    ("smörgås", "Smörgås & Co"),
    ("Doña P", "Churros Doña Pilar"),
    ("喫茶", "喫茶ミナト"),
)
"""What is typed, and what each name that is found holds."""


@pytest.fixture(autouse=True)
def _no_vendor_is_asked(vendors: desk.Vendors) -> Iterator[None]:
    before = vendors.calls()
    yield
    desk.becomes(vendors.calls, before, "looking at pages asks no vendor")


def _search(page: Page, text: str) -> None:
    page.get_by_label(SEARCH).fill(text)
    page.get_by_label(SEARCH).press("Enter")


def _address(page: Page) -> dict[str, list[str]]:
    """Ask the page itself: what Playwright keeps of an address is as old as the last event that it read."""
    return parse_qs(str(page.evaluate("location.search")).removeprefix("?"))


def test_search_takes_any_part_in_any_case_with_its_marks(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    whole = grid.total(page)
    for typed, found in SEARCHED:
        _search(page, typed)
        names = grid.until_names(page, partial(_all_hold, found), found)
        assert len(names) < whole
        desk.becomes(partial(_address, page), {"q": [typed]})


def _all_hold(part: str, names: list[str]) -> bool:
    return bool(names) and all(part in name for name in names)


def test_what_sql_means_by_a_sign_is_text_here(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    _search(page, "100%_'; drop table connections; --")
    expect(page.get_by_text("No connection matches")).to_be_visible()
    page.get_by_role("button", name="Lift search").click()
    grid.until_total(page, lambda number: number >= 290, "everything is there again")
    desk.becomes(lambda: _address(page), {})


def test_filters_and_sort_stand_in_a_short_address_that_another_tab_understands(
    inside: Callable[..., Page],
) -> None:
    page = inside("analyst", "/networks")
    page.locator(".st-key-platform_filter button").first.click()
    page.locator(".st-key-platform").get_by_role("button", name="TikTok").click()
    page.keyboard.press("Escape")
    page.locator(".st-key-sort input").click()
    page.get_by_role("option", name="Most followers").click()
    page.wait_for_url("**sort=**")
    number = grid.until_total(page, lambda number: number < 290, "the filter narrows")
    desk.becomes(lambda: {row["Platform"] for row in grid.rows(page)}, {"TikTok"})
    desk.becomes(lambda: _falling(page), True, "the largest first, those that are not told last")
    rows = grid.rows(page)
    desk.becomes(lambda: _address(page), {"platform": ["TikTok"], "sort": ["Most followers"]})
    address = page.url
    assert len(urlsplit(address).query) < 60
    page.reload()
    grid.until_names(page, lambda names: names == [row["Account"] for row in rows], "the same after a reload")
    beside = page.context.new_page()
    beside.goto(address)
    grid.until_names(beside, lambda names: names == [row["Account"] for row in rows], "the same in another tab")
    desk.becomes(lambda: grid.total(beside), number)
    expect(beside.get_by_role("button", name="Sign in")).to_have_count(0)
    expect(beside).to_have_url(address)


def test_a_filter_stays_open_until_several_values_are_chosen(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    page.locator(".st-key-platform_filter button").first.click()
    for platform in ("TikTok", "YouTube"):
        page.locator(".st-key-platform").get_by_role("button", name=platform).click()
        page.wait_for_url(f"**{platform}**")
        settle(page)
    desk.becomes(lambda: _address(page), {"platform": ["TikTok", "YouTube"]})
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-platform_filter button").first).to_contain_text("Platform · 2")


def _as_a_stranger(address: str) -> int:
    """Ask for an address as a stranger and give the status."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def _falling(page: Page) -> bool:
    told = grid.figures(page, "Followers")
    return told == sorted(told, reverse=True) and told[0] > told[-1]


def test_paging_goes_on_and_back_and_the_browser_button_leaves_the_page(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks?sort=Name%2C+A+to+Z")
    first = grid.names(page)
    page.get_by_role("button", name="Next rows").or_(page.locator(".st-key-go_after button")).first.click()
    page.wait_for_url("**after=**")
    second = grid.until_names(page, lambda names: names[0] != first[0], "the next rows")
    assert not set(first) & set(second[1:])
    expect(page.locator(".st-key-list_actions")).to_contain_text("51–100")  # noqa: RUF001 (as the page writes it)
    address = page.url
    assert len(urlsplit(address).query) < 200
    page.reload()
    grid.until_names(page, lambda names: names == second, "the same rows after a reload")
    page.locator(".st-key-go_before button").first.click()
    grid.until_names(page, lambda names: names == first, "the first rows again")
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Networks")).to_be_visible()


@pytest.mark.parametrize(
    ("nonsense", "words"),
    [
        (
            "sort=1%3Bdrop+table+connections&platform=Myspace&status=%3Cscript%3E",
            ("sorted by “1;drop table connections”", "platform “Myspace”", "status “<script>”"),
        ),
        (
            "min=-5&max=many&size=1000000&verified=perhaps&unheard_of=1",
            ("followers from “-5”", "followers to “many”", "size “1000000”", "verified “perhaps”", "unheard_of “1”"),
        ),
    ],
)
def test_nonsense_in_the_address_is_dropped_with_a_word_and_everything_is_shown(
    inside: Callable[..., Page], nonsense: str, words: tuple[str, ...]
) -> None:
    page = inside("analyst", f"/networks?{nonsense}&rows=connections")
    for word in words:
        expect(page.get_by_text("Dropped from the address: ")).to_contain_text(word)
    grid.until_total(page, lambda number: number >= 290, "everything")
    grid.until_names(page, lambda names: len(names) >= 12, "the list is drawn")
    expect(page.locator("[data-testid=stException], [data-testid=stAlert]")).to_have_count(0)


@pytest.mark.parametrize("place", ["before=AAAA%27%3B--", "after=" + "x" * 5000])
def test_a_place_that_is_none_begins_the_list_and_says_so(inside: Callable[..., Page], place: str) -> None:
    page = inside("analyst", f"/networks?{place}")
    expect(page.get_by_text("the list begins at its start")).to_be_visible()
    expect(page.locator(".st-key-list_actions")).to_contain_text("1–50")  # noqa: RUF001 (as the page writes it)
    settle(page)
    expect(page.locator("[data-testid=stException], [data-testid=stAlert]")).to_have_count(0)


def test_a_click_on_a_bar_narrows_the_list_and_a_second_one_lifts_it(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks?health=Healthy")
    whole = grid.total(page)
    bar = page.locator("path[aria-roledescription=bar][aria-label*='platform: Facebook; status: Accepted']").first
    bar.click()
    page.wait_for_url("**platform=Facebook**")
    few = grid.until_total(page, lambda number: number < whole, "the click narrows")
    desk.becomes(lambda: _address(page), {"health": ["Healthy"], "platform": ["Facebook"], "status": ["Accepted"]})
    desk.becomes(lambda: {row["Platform"] for row in grid.rows(page)}, {"Facebook"})
    bar.click()
    grid.until_total(page, lambda number: number == whole, "the second click lifts")
    desk.becomes(lambda: _address(page), {"health": ["Healthy"]})
    page.go_back()
    grid.until_total(page, lambda number: number == few, "the browser's way back narrows again")


def test_a_platform_is_chosen_in_the_legend_and_by_a_dot(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    whole = grid.total(page)
    charts = page.locator("[data-testid=stVegaLiteChart]")
    legend = charts.nth(1).locator(".role-legend-label text").first  # the largest platform, whichever that is
    largest = legend.text_content()
    legend.click(force=True)
    grid.until_total(page, lambda number: number < whole, "the click narrows")
    desk.becomes(lambda: _address(page), {"platform": [largest]})
    legend.click(force=True)
    grid.until_total(page, lambda number: number == whole, "the second click lifts")
    charts.nth(2).locator("path[aria-roledescription=circle]").first.click(force=True)
    page.wait_for_url("**platform=**")
    desk.becomes(lambda: list(_address(page)), ["platform"])


def test_who_grew_most_stands_first_and_who_is_not_compared_last(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks?sort=Grew+most")
    told = grid.figures(page, "Change")
    assert told == sorted(told, reverse=True)
    assert told[0] > 0
    page.goto(f"{page.url.partition('?')[0]}?sort=Fell+most")
    grid.until_names(page, bool, "the list")
    fell = grid.figures(page, "Change")
    assert fell == sorted(fell)
    assert fell[0] < told[-1]


def test_rows_stay_chosen_on_other_pages_and_all_that_match_are_one_press(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    whole = grid.total(page)
    grid.tick(page, 0)
    grid.chosen(page, f"1 selected of {whole}")
    first = grid.names(page)
    page.locator(".st-key-go_after button").first.click()
    grid.until_names(page, lambda names: names[0] != first[0], "the next rows")
    grid.tick(page, 1)
    grid.chosen(page, f"2 selected of {whole}")
    page.locator(".st-key-go_before button").first.click()
    grid.until_names(page, lambda names: names == first, "the first rows again")
    grid.chosen(page, f"2 selected of {whole}")
    page.locator(".st-key-pick_none button").first.click()
    grid.chosen(page, f"{whole} accounts")
    page.locator(".st-key-pick_all button").first.click()
    grid.chosen(page, f"All {whole} accounts")
    grid.tick(page, 0)
    expect(page.locator(".st-key-list_actions")).not_to_contain_text("All")


def test_an_account_of_several_sources_unfolds_and_its_row_leads_to_it(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks?sort=Name%2C+A+to+Z")
    rows = grid.rows(page)
    place = next(place for place, row in enumerate(rows) if "," in row["Sources"])
    grid.tick(page, place)
    grid.chosen(page, "1 selected")
    page.locator(".st-key-unfold button").first.click()
    others = rows[place]["Sources"].count(",")
    beneath = range(place + 1, place + 1 + others)

    def unfolded(names: list[str]) -> bool:
        return [number for number, name in enumerate(names) if name.startswith("↳")] == list(beneath)

    names = grid.until_names(page, unfolded, "its other sources beneath it, and no others")
    assert names[place + 1].split()[1] in rows[place]["Sources"]
    grid.open_row(page, place)
    page.wait_for_url("**/account?id=**")
    expect(page.get_by_role("heading", name=rows[place]["Account"])).to_be_visible()
    page.go_back()
    page.wait_for_url("**/networks?sort=Name*")
    grid.until_names(page, lambda found: found == names, "the very list that it was opened from")


def test_a_shared_view_opens_the_same_list_for_somebody_else(
    inside: Callable[..., Page], browser: Browser, server: Server
) -> None:
    page = inside("analyst", "/networks?platform=TikTok&sort=Most+followers")
    address, number = _address(page), grid.total(page)
    page.locator(".st-key-views_menu button").first.click()
    page.get_by_role("button", name="Save this view").click()
    name = f"Large {desk.unused()}"
    page.get_by_label("Name", exact=True).fill(f"{name} on [TikTok](http://x)")
    page.get_by_text("Others see it too").click()
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved the view")).to_be_visible()
    other = browser.new_page()
    other.goto(f"{server.origin}/networks")
    maria = next(person for person in DEMO_PEOPLE if person.role.value == "marketer")
    fill_in(other, maria.username, maria.password)
    expect(other.locator("[data-testid=stVegaLiteChart]").first).to_be_visible()  # its run would undo the address
    settle(other)
    other.locator(".st-key-views_menu button").first.click()
    other.get_by_role("button", name=name).click()
    grid.until_total(other, lambda found: found == number, "the same list")
    desk.until(lambda: _address(other) == address, 20, "its address")
    expect(other.get_by_role("button", name="Remove this view")).to_have_count(0)
    other.close()
    page.locator(".st-key-views_menu button").first.click()
    page.locator("[class*=st-key-remove_view_] button").first.click()
    expect(page.get_by_text("Removed the view")).to_be_visible()


def test_the_file_of_what_matches_holds_as_many_rows_as_the_list(inside: Callable[..., Page], server: Server) -> None:
    page = inside("analyst", "/networks?rows=connections&platform=TikTok")
    number = grid.total(page)
    page.locator(".st-key-export_menu button").first.click()
    links = page.locator("[data-testid=stLinkButton] a")
    expect(links).to_have_count(4)
    matching, everything = (links.nth(place).get_attribute("href") or "" for place in (0, 2))
    found = list(
        csv.DictReader(io.StringIO(page.context.request.get(server.origin + matching).text().lstrip("\ufeff")))
    )
    assert len(found) == number
    assert {row["platform"] for row in found} == {"tiktok"}
    whole = page.context.request.get(server.origin + everything).text()
    assert len(list(csv.DictReader(io.StringIO(whole)))) > number
    assert _as_a_stranger(server.origin + matching) == 401


def test_a_past_day_shows_the_list_of_then(inside: Callable[..., Page]) -> None:
    day = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
    page = inside("analyst", f"/networks?asof={day}")
    expect(page.locator(".st-key-asof_line")).to_contain_text("what was known then")
    expect(page.locator(".st-key-rows")).to_have_count(0)
    expect(page.locator(".st-key-list_actions")).to_contain_text("connections")
    grid.until_names(page, bool, "the list of then")
    page.locator(".st-key-asof_back button").first.click()
    expect(page.locator(".st-key-list_actions")).to_contain_text("accounts")
    desk.becomes(lambda: _address(page), {})


def test_a_press_on_a_title_sorts_and_the_other_choice_says_the_same(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    title = page.locator(f"{grid.SHEET} th").filter(has_text="Followers")
    for order, way in (("Most followers", "descending"), ("Fewest followers", "ascending")):
        title.get_by_role("button").click()
        expect(title).to_have_attribute("aria-sort", way)
        expect(page.get_by_role("combobox", name="Sort by")).to_have_value(order)
        desk.until(partial(_goes, page, falling=way == "descending"), desk.PATIENCE, order)
    settle(page)


def _goes(page: Page, *, falling: bool) -> bool:
    told = grid.figures(page, "Followers")
    return told == sorted(told, reverse=falling) and told[0] != told[-1]


def test_a_figure_and_an_age_tell_exactly_what_they_are(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks?sort=Most+followers")
    row = page.locator(f"{grid.SHEET} tbody tr").first
    expect(row.locator(".figure").first).to_have_text(re.compile(r"^[\d.]+[KM]$"))
    expect(row.locator(".figure").first).to_have_attribute("title", re.compile(r"^\d[\d,]{4,}$"))
    expect(row.get_by_role("cell").last).to_have_text(re.compile(r"just now|\d+ (min|h|d) ago"))
    expect(row.get_by_role("cell").last).to_have_attribute(
        "title", re.compile(r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC$")
    )
    expect(row.get_by_role("link")).to_have_attribute("href", re.compile(r"^account\?id="))


def test_a_range_of_rows_is_ticked_at_once(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    grid.tick(page, 1)
    grid.chosen(page, "1 selected")
    page.keyboard.down("Shift")
    grid.tick(page, 4)
    page.keyboard.up("Shift")
    grid.chosen(page, "4 selected")


def test_a_list_is_as_high_as_its_rows_whatever_it_held_before(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks?q=sauna")
    grid.until_names(page, lambda names: 0 < len(names) < 10, "few rows")
    page.locator(".st-key-clear_filters button").click()
    expect(page.locator(grid.SHEET)).to_have_css("height", "518px")  # twelve rows of 40, the titles and the borders
