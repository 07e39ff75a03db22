"""One account: from a trouble to its page, its range and its timeline, and extra data that is sent exactly once."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.conftest import Server, begin, settle

pytestmark = pytest.mark.browser
UPDATE = "/api/action/network-extra/update/"
WIDTH = """
() => Math.max(...[document.scrollingElement, document.querySelector("[data-testid=stMain]")]
  .map((part) => part.scrollWidth))
"""
BIO = "Tea, cake *and* <b>jazz</b>, "


@pytest.fixture(scope="module")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay of its own: these journeys edit what its vendors keep."""
    running = begin(filled, tmp_path_factory.mktemp("account"))
    yield running
    running.stop()


@pytest.fixture
def network(server: Server) -> str:
    """The id of a network of Zocial with figures and extra data, which another source witnesses too."""
    query = (
        "select c.id from connections c join sources s on s.id = c.source_id where s.vendor = 'zocial'"
        " and c.kind = 'network' and c.status = 'accepted' and c.followers > 1000 and c.account is not null"
        " and c.handle like 'smorgas%'"
    )
    found: str = desk.ask(server, query)[0][0]
    return found


def _opened(page: Page) -> Page:
    expect(page.get_by_text("What each source says")).to_be_visible()
    settle(page)
    return page


def _edits(vendors: desk.Vendors) -> list[dict[str, object]]:
    return [entry for entry in vendors.log() if entry["path"] == UPDATE]


def test_a_trouble_leads_to_the_account_that_says_why(inside: Callable[..., Page], server: Server) -> None:
    page = inside("analyst", "/")
    link = page.locator("a[href*='account?id=']").first
    expect(link).to_be_visible()
    name = link.inner_text().splitlines()[0].strip()
    link.click()
    page.wait_for_url("**/account?id=*")
    _opened(page)
    (found,) = parse_qs(urlsplit(page.url).query)["id"]
    desk.becomes(lambda: desk.ask(server, "select count(*) from connections where id = ?", [found]), [(1,)])
    expect(page.get_by_role("heading", level=2)).to_contain_text(name.rstrip("…")[:15])
    expect(page.get_by_text("last good answer").first).to_be_visible()


def test_the_range_stands_in_the_address(inside: Callable[..., Page], network: str) -> None:
    page = _opened(inside("analyst", f"/account?id={network}"))
    expect(page.locator(".st-key-figures")).to_contain_text("of 90")
    page.locator(".st-key-days").get_by_role("radio", name="30 d").click()
    page.wait_for_url("**days=30**")
    expect(page.locator(".st-key-figures")).to_contain_text("of 30")
    desk.becomes(lambda: parse_qs(urlsplit(page.url).query), {"id": [network], "days": ["30"]})
    page.reload()
    expect(page.locator(".st-key-figures")).to_contain_text("of 30")
    expect(page.locator(".st-key-figures [data-testid=stVegaLiteChart] :is(canvas, svg)").first).to_be_visible()


def test_the_timeline_narrows_to_what_is_asked(inside: Callable[..., Page], network: str) -> None:
    page = _opened(inside("analyst", f"/account?id={network}"))
    timeline = page.locator(".st-key-timeline")
    expect(timeline).to_contain_text("First seen")
    timeline.get_by_role("radio", name="Figures").click()
    expect(timeline).not_to_contain_text("First seen")
    timeline.get_by_role("radio", name="Sources").click()
    expect(timeline).to_contain_text("First seen")


def test_an_admin_edits_extra_data_and_zocial_is_asked_once(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors, network: str
) -> None:
    number = network.rpartition("-")[2]
    query = "select json_extract(extra, '$.extra_data.bio', '$.extra_data.website') from connections where id = ?"
    bio = BIO + desk.unused()
    old, site = json.loads(desk.ask(server, query, [network])[0][0])
    page = _opened(inside("admin", f"/account?id={network}"))
    vendors.forget()
    page.get_by_role("button", name="Edit extra data").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_label("Website").fill("javascript:alert(1)")
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog).to_contain_text("website is an address that begins with https")
    expect(dialog.get_by_label("Website")).to_have_value("javascript:alert(1)")
    dialog.get_by_label("Website").fill(site)
    dialog.get_by_label("Bio").fill(bio)
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog).to_contain_text("Nothing has been sent yet.")
    expect(dialog).to_contain_text(bio)
    expect(dialog).to_contain_text(old)
    desk.becomes(lambda: _edits(vendors), [])
    dialog.get_by_role("button", name="Send 1 field to Zocial").dblclick()
    expect(dialog).to_contain_text("Zocial confirmed bio.")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    expect(page.locator("[class*=st-key-extra_]").first).to_contain_text(bio)
    expect(page.locator(".st-key-timeline")).to_contain_text(f"{old} → {bio}")
    (sent,) = _edits(vendors)
    assert sent["method"] == "POST"
    assert sent["body"] == {"network_id": number, "extra_data[bio]": bio}
    expect(page.locator("[data-testid=stApp] b", has_text="jazz")).to_have_count(0)


def test_an_edit_that_zocial_does_not_confirm_is_called_unknown_and_not_sent_again(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors, network: str
) -> None:
    page = _opened(inside("admin", f"/account?id={network}"))
    vendors.forget()
    site = f"tea-{desk.unused()}.example"
    vendors.plan("zocial", "update_extra", kind="reset", after_effect=True)
    page.get_by_role("button", name="Edit extra data").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_label("Website").fill(f"https://{site}")
    dialog.get_by_role("button", name="Show the plan").click()
    dialog.get_by_role("button", name="Send 1 field to Zocial").click()
    expect(dialog).to_contain_text("did not confirm whether it could update")
    desk.becomes(lambda: len(_edits(vendors)), 1)
    desk.becomes(lambda: desk.ask(server, "select outcome from audit order by id desc limit 1"), [("unknown",)])
    dialog.get_by_role("button", name="Sync now").click()
    expect(page.locator("[class*=st-key-extra_]").first).to_contain_text(site, timeout=30_000)
    expect(page.get_by_text("was not confirmed")).to_have_count(0)
    desk.becomes(lambda: len(_edits(vendors)), 1)


def test_an_admin_parts_and_joins_what_is_one_account(
    inside: Callable[..., Page], server: Server, network: str
) -> None:
    members = "select count(*) from connections where account = (select account from connections where id = ?)"
    whole = desk.ask(server, members, [network])[0][0]
    page = _opened(inside("admin", f"/account?id={network}"))
    page.get_by_role("button", name="These are not one account").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_role("radio", name="Late").check(force=True)
    expect(dialog).to_contain_text("becomes an account of its own")
    expect(dialog.get_by_role("button", name="Part", exact=True)).to_be_disabled()
    dialog.get_by_label("Reason").fill("Another shop of that name")
    dialog.get_by_label("Reason").press("Enter")
    dialog.get_by_role("button", name="Part", exact=True).click()
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    desk.until(lambda: desk.ask(server, members, [network])[0][0] < whole, 10, "one fewer")
    expect(page.locator(".st-key-witnesses")).not_to_contain_text("Late")
    page.get_by_role("button", name="Join with another connection").click()
    dialog.get_by_label("Search by name or handle").fill("smorgas")
    dialog.get_by_label("Search by name or handle").press("Enter")
    dialog.get_by_role("radio", name="late").first.check(force=True)
    expect(dialog).to_contain_text("2 accounts become one")
    dialog.get_by_label("Reason").fill("It is the same one")
    dialog.get_by_label("Reason").press("Enter")
    dialog.get_by_role("button", name="Join", exact=True).click()
    expect(page.locator(".st-key-witnesses")).to_contain_text("Late")
    desk.becomes(lambda: desk.ask(server, members, [network])[0][0], whole)
    said = "select action, outcome, reason from audit order by id desc limit 2"
    desk.becomes(
        lambda: desk.ask(server, said),
        [
            ("account.merge", "done", "It is the same one"),
            ("account.split", "done", "Another shop of that name"),
        ],
    )


def test_an_analyst_sees_extra_data_and_no_way_to_edit_it(inside: Callable[..., Page], network: str) -> None:
    page = _opened(inside("analyst", f"/account?id={network}"))
    expect(page.locator("[class*=st-key-extra_]").first).to_contain_text("Bio")
    expect(page.get_by_role("button", name="Edit extra data")).to_have_count(0)
    expect(page.get_by_role("button", name="Sync now")).to_have_count(0)


def test_the_page_is_as_wide_as_the_screen(inside: Callable[..., Page], page: Page, network: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    _opened(inside("admin", f"/account?id={network}"))
    expect(page.locator(".st-key-figures [data-testid=stVegaLiteChart] :is(canvas, svg)").first).to_be_visible()
    for width in (390, 1440, 390):  # opened, and made wider and narrower
        page.set_viewport_size({"width": width, "height": 844})
        desk.becomes(partial(page.evaluate, WIDTH), width, "the page ends where the screen does")


def test_the_past_shows_what_was_known_then(inside: Callable[..., Page], server: Server, network: str) -> None:
    day, followers = desk.ask(
        server,
        "select day, followers from metric_points where connection_id = ? and followers is not null"
        " order by day limit 1 offset 20",
        [network],
    )[0]
    page = _opened(inside("analyst", f"/account?id={network}&asof={day}"))
    expect(page.locator(".st-key-asof_line")).to_contain_text("what was known then")
    expect(page.locator(".st-key-witnesses")).to_contain_text(f"{followers:,}")
    expect(page.get_by_role("button", name="Edit extra data")).to_have_count(0)
    page.locator(".st-key-asof_back button").click()
    expect(page.locator(".st-key-asof_line")).to_have_count(0)


@pytest.mark.parametrize("address", ["nope", "%27%3B+drop+table+connections", "x" * 3000])
def test_an_unknown_id_says_so_and_leads_to_networks(inside: Callable[..., Page], address: str) -> None:
    page = inside("analyst", f"/account?id={address}")
    expect(page.get_by_text("No connection has the id")).to_be_visible()
    page.get_by_role("link", name="To Networks").click()
    expect(page.get_by_role("heading", name="Networks")).to_be_visible()


def test_no_id_leads_to_networks(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/account")
    expect(page.get_by_role("heading", name="Networks")).to_be_visible()
