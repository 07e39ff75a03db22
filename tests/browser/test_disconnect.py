"""Disconnects in a real browser: planned, done and proven on an account; in bulk from the list, with the tab closed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk, grid
from tests.browser.conftest import Server, begin, settle

pytestmark = pytest.mark.browser

ZOCIAL = ("zocial", "POST", "/api/network/disconnect/")
YES = {"status": "success", "message": "Network disconnected successfully"}
SHARED = """
select own.id from connections own join sources s on s.id = own.source_id and s.name = 'zocial'
where own.kind = 'network' and own.status = 'accepted' and own.vanished_at is null
and (select group_concat(t.name) from connections o join sources t on t.id = o.source_id
     where o.account = own.account and o.id != own.id and o.vanished_at is null) = 'late'
order by own.number limit 1
"""
ALONE = """
select own.handle from connections own join sources s on s.id = own.source_id and s.name = 'zocial'
where own.kind = 'network' and own.status = 'accepted' and own.vanished_at is null and own.account is null
and length(own.handle) > 8 order by own.number desc limit 1
"""


@pytest.fixture(scope="module")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay of this module alone: its accounts are disconnected here."""
    running = begin(filled, tmp_path_factory.mktemp("disconnect"))
    yield running
    running.stop()


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key}").get_by_role("button").click()
    settle(page)


def test_an_account_is_disconnected_by_its_plan_and_the_page_says_where_it_lives_on(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors
) -> None:
    connection = desk.ask(server, SHARED)[0][0]
    page = inside("admin", f"/account?id={connection}")
    vendors.forget()
    press(page, "disconnect_account")
    plan = page.get_by_role("dialog")
    expect(plan).to_contain_text("1 will be disconnected, 1 will be left alone.")
    expect(plan).to_contain_text("Zocial's own number of the network")
    expect(plan).to_contain_text("It will live on at late")
    expect(plan).to_contain_text("No draft is affected")
    desk.becomes(lambda: vendors.calls()[ZOCIAL], 0)  # a plan sends nothing

    press(page, "part_do")

    results = page.get_by_role("dialog")
    expect(results).to_contain_text("Disconnecting: 1 lives on, 1 left alone")
    expect(results).to_contain_text("zocial calls it disconnected")
    expect(results).to_contain_text("late lists it as")
    press(page, "part_done")
    expect(page.locator(".st-key-timeline")).to_contain_text("Lives on after its disconnect")
    desk.becomes(lambda: vendors.calls()[ZOCIAL], 1)
    desk.becomes(
        lambda: desk.ask(server, "select count(*) from incidents where cause = 'zombie' and ended_at is null"), [(1,)]
    )


def test_a_bulk_from_the_list_goes_on_without_its_tab_and_a_lie_of_the_vendor_is_found(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors
) -> None:
    handle = desk.ask(server, ALONE)[0][0]
    page = inside("admin", f"/networks?q={handle}&source=zocial")
    vendors.forget()
    vendors.plan("zocial", "disconnect", kind="status", status=200, body=YES, no_effect=True)
    vendors.plan("zocial", "networks", kind="slow", seconds=2.0)
    grid.tick(page, 0)
    grid.chosen(page, "1 selected")
    press(page, "pick_disconnect")
    page.locator(".st-key-part_do button").click()
    expect(page.get_by_role("dialog")).to_contain_text("You can close this")
    page.goto("about:blank")

    desk.until(lambda: _settled(server, handle), 30, "the receipt is settled")

    page = inside("admin", "/networks")
    expect(page.locator(".st-key-part_strip")).to_contain_text("Disconnecting: 1 lives on")
    press(page, "part_show")
    expect(page.get_by_role("dialog")).to_contain_text("It lives on: zocial lists it as accepted.")
    press(page, "part_done")
    desk.becomes(lambda: vendors.calls()[ZOCIAL], 1)


def test_who_may_not_disconnect_is_offered_nothing(inside: Callable[..., Page], server: Server) -> None:
    connection = desk.ask(server, SHARED)[0][0]
    page = inside("marketer", f"/account?id={connection}")
    expect(page.locator(".st-key-timeline")).to_be_visible()
    expect(page.locator(".st-key-disconnect_account")).to_have_count(0)


def _settled(server: Server, handle: str) -> bool:
    return desk.ask(server, "select state from disconnects where account = ?", (handle,)) == [("alive",)]
