"""Signing in and out in a real browser, and what must not happen on the way."""

import re
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.front import COOKIE
from tests.browser import desk

pytestmark = pytest.mark.browser


def _cookie(page: Page) -> dict[str, Any]:
    return next(dict(cookie) for cookie in page.context.cookies() if cookie["name"] == COOKIE)


def _cookies(page: Page) -> set[str]:
    """Give the names of our cookies that the browser keeps."""
    return {str(cookie["name"]) for cookie in page.context.cookies()} & {COOKIE}


def _fill_in(page: Page, username: str, password: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_deep_link_survives_sign_in_and_the_cookie_is_out_of_reach(
    signed_in: Callable[..., Page], server: Any
) -> None:
    page = signed_in("analyst", "/networks?q=coffee")
    expect(page).to_have_url(f"{server.origin}/networks?q=coffee")
    cookie = _cookie(page)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    within = page.evaluate("document.cookie + JSON.stringify({...localStorage, ...sessionStorage})")
    assert COOKIE not in within
    assert cookie["value"] not in within


def test_the_first_page_has_an_address_of_its_own(signed_in: Callable[..., Page], server: Any) -> None:
    page = signed_in("analyst", "/today?q=coffee")
    expect(page).to_have_url(f"{server.origin}/?q=coffee")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_reload_stays_signed_in_without_a_flash_of_the_form(signed_in: Callable[..., Page], server: Any) -> None:
    page = signed_in("marketer", "/health")
    page.add_init_script(
        "window.flashes = 0; new MutationObserver(() => {"
        " if (document.querySelector('input[type=password]')) window.flashes += 1"
        "}).observe(document, { childList: true, subtree: true })"
    )
    page.reload()
    page.locator(".st-key-account_menu").wait_for(state="attached")
    desk.becomes(lambda: page.evaluate("window.flashes"), 0)
    expect(page).to_have_url(f"{server.origin}/health")


def test_signing_out_ends_every_tab_and_the_old_cookie(signed_in: Callable[..., Page], server: Any) -> None:
    page = signed_in("admin")
    old, beside, stepping = _cookie(page), page.context.new_page(), page.context.new_page()
    for tab in (beside, stepping):
        tab.goto(f"{server.origin}/networks")
        tab.locator(".st-key-go_after button").first.wait_for()
    page.locator(".st-key-account_menu button").click()
    page.get_by_text("Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    desk.becomes(lambda: _cookies(page), set())
    beside.get_by_role("link", name="Health").click()
    expect(beside.get_by_role("button", name="Sign in")).to_be_visible()
    stepping.locator(".st-key-go_after button").first.click()  # which runs only the rows
    expect(stepping.get_by_role("button", name="Sign in")).to_be_visible()
    page.context.add_cookies([{"name": COOKIE, "value": old["value"], "url": server.origin}])
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator(".st-key-account_menu")).to_have_count(0)


def test_a_wrong_password_says_so_and_sets_no_cookie(page: Page, server: Any) -> None:
    page.goto(server.origin)
    _fill_in(page, "ana", "not her password")
    expect(page.get_by_text("The user name or the password is wrong.")).to_be_visible()
    desk.becomes(lambda: _cookies(page), set())


def test_a_demo_person_fills_in_the_form_and_nothing_is_sent_before_the_button(page: Page, server: Any) -> None:
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.goto(server.origin)
    page.locator(".st-key-use_marek button").click()
    expect(page.get_by_label("User name")).to_have_value("marek")
    assert posted == []
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".st-key-account_menu")).to_contain_text("Marek Øvergård")
    assert posted == [f"{server.origin}/auth/session"]


def test_the_policy_is_kept_without_a_complaint_of_the_browser(signed_in: Callable[..., Page], page: Page) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    signed_in("analyst", "/networks")
    page.get_by_role("link", name="Today").click()
    page.get_by_role("link", name="Health").click()
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    assert [text for text in told if not re.search("404", text)] == []


def _counted(server: Any, failures: int) -> bool:
    query = "SELECT failures FROM lockouts WHERE subject = 'account:nobody-by-this-name'"
    return desk.ask(server, query) == [(failures,)]


def test_a_locked_out_account_is_told_how_long_to_wait(page: Page, server: Any) -> None:
    page.goto(server.origin)
    for number in range(1, 6):
        _fill_in(page, "nobody-by-this-name", f"guess number {number}")
        desk.until(partial(_counted, server, number), 10, "the failed sign-in to be counted")
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        expect(page.get_by_text("The user name or the password is wrong.")).to_be_visible()
    _fill_in(page, "nobody-by-this-name", "one more")
    expect(page.get_by_text(re.compile(r"Too many failed sign-ins\. Wait \d+ seconds"))).to_be_visible()
    _fill_in(page, "ana", "look-and-learn")
    expect(page.locator(".st-key-account_menu")).to_contain_text("Ana Ferreira")


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/auth/session", "/sandbox/nowhere", "/nowhere", "/media/x"])
def test_every_answer_of_the_server_carries_the_policy(server: Any, path: str) -> None:
    request = urllib.request.Request(server.origin + path)
    opener = urllib.request.build_opener(_Any)
    with opener.open(request, timeout=10) as answer:
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


class _Any(urllib.request.HTTPErrorProcessor):
    """Takes every status as an answer."""

    def http_response(self, request: Any, response: Any) -> Any:
        """Give the answer as it is."""
        del request
        return response
