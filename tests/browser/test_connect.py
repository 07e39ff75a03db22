"""Connecting in a real browser, popup blocker on: the page at one origin, the vendors' consent pages at another."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from services.sandbox import Sandbox, credentials, serve
from tests.browser import desk
from tests.browser.conftest import FLAGS, ROOT, Server, chromium, empty, fill_in, free_port, settle, start

pytestmark = pytest.mark.browser

PASSWORD = "the password of an admin"
ADMIN, ANALYST = "ingrid", "ana"
START = "/social-media-posting/oauth/instagram/start"
CANARY = "EAAGcanaryTokenNeverKept"
NUMBER = 17841400000000001

TELL = "told => window.opener.postMessage(told, '*')"
REPEAT = """
() => {
  const ask = window.fetch
  window.close = () => {}
  window.fetch = async (...how) => {
    const answer = await ask(...how)
    const { message } = await answer.clone().json()
    setInterval(() => window.opener.postMessage(message, "*"), 20)
    return answer
  }
}
"""
"""Lets a window stay, and say the same again fifty times a second."""

GO = "address => window.location.assign(address)"
PRESS_WITHOUT_A_PERSON = """
const look = setInterval(() => {
  const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot)
  const button = roots.map((root) => root?.querySelector("button")).find((each) => each?.onclick)
  if (button) { clearInterval(look); button.click() }
}, 100)
"""
OVERTAKEN = """
async (script) => {
  const { default: draw } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })))
  window.open = () => null
  const parentElement = document.createElement("div")
  parentElement.innerHTML = "<button></button><a></a><span></span>"
  const tells = []
  const data = { key: "k", name: "n", address: "about:blank", origins: [] }
  const run = (name) => draw({ data, parentElement, setTriggerValue: () => tells.push(name) })
  const leave = [run("the overtaken run"), run("the newer run")]
  leave[0]() // as Streamlit does it, when both began before the script had come
  parentElement.querySelector("button").click()
  leave[1]()
  parentElement.querySelector("button").click()
  const kept = window[Symbol.for("patchbay.connecting")].get("k").untold?.what
  run("another look")
  return { tells, kept }
}
"""

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[tuple[Sandbox, str]]:
    """Four pretended vendors that are taken for real ones, and where they answer."""
    pretended = Sandbox(rate_limits=False)
    with serve(pretended) as origin:
        yield pretended, origin


@pytest.fixture(scope="module")
def desks(sandbox: tuple[Sandbox, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """A Patchbay at localhost with an admin, an analyst and all that the vendors list; a journey may restart it."""
    folder, origin = tmp_path_factory.mktemp("connect"), f"http://localhost:{free_port()}"
    running = [start(folder, origin=origin, **_settings(sandbox[1], origin))]
    for name, role in ((ADMIN, "admin"), (ANALYST, "analyst")):
        _command(running[0], "users", "add", name, "--role", role, stdin=PASSWORD)
    _command(running[0], "sync")
    yield running
    running[0].stop()


def _settings(vendors: str, origin: str) -> dict[str, str]:
    told = {"PATCHBAY_SANDBOX": "false", "PATCHBAY_PUBLIC_URL": origin}
    for vendor in ("highlevel", "gipper", "late", "zocial"):
        prefix = f"PATCHBAY_{vendor.upper()}__"
        told |= {f"{prefix}{name.upper()}": value for name, value in credentials()[vendor].items()}
        told[f"{prefix}BASE_URL"] = f"{vendors}/sandbox/{vendor}"
        told |= {} if vendor == "zocial" else {f"{prefix}CONTRACT": "current"}
    return told


def _command(server: Server, *arguments: str, stdin: str = "") -> None:
    command = [sys.executable, "-m", "services", *arguments]
    subprocess.run(command, cwd=ROOT, env=server.env, input=stdin.encode(), check=True, capture_output=True)


@pytest.fixture(scope="module")
def strict(browser: Browser) -> Iterator[Browser]:
    """A Chromium that blocks windows which no person has asked for."""
    kind = browser.browser_type
    opened = kind.launch(executable_path=chromium(), args=FLAGS, ignore_default_args=["--disable-popup-blocking"])
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def _cookies() -> dict[str, Any]:
    return {}


@pytest.fixture(scope="module")
def own(strict: Browser) -> Iterator[BrowserContext]:
    """A profile of that browser, which lasts: in a fresh one all of Streamlit's scripts are compiled anew."""
    opened = strict.new_context(viewport={"width": 1440, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def context(own: BrowserContext, desks: list[Server]) -> Iterator[BrowserContext]:
    """That profile, which knows nobody and has no window open."""
    yield own
    empty(own, desks[0].origin)


@pytest.fixture
def at(context: BrowserContext, desks: list[Server], _cookies: dict[str, Any]) -> Opened:
    """Opens a page as a person: `at("/connect")` as the admin."""

    def enter(path: str = "/connect", who: str = ADMIN) -> Page:
        context.clear_cookies()
        context.add_cookies(_cookies.get(who, []))
        page = context.new_page()
        page.goto(desks[0].origin + path)
        if who not in _cookies:
            fill_in(page, who, PASSWORD)
        page.locator(".st-key-account_menu").wait_for(state="attached")
        settle(page)
        _cookies[who] = context.cookies()
        return page

    return enter


@pytest.fixture(autouse=True)
def calm(sandbox: tuple[Sandbox, str]) -> Iterator[None]:
    """Let the vendors do as they should again after a journey."""
    yield
    sandbox[0].faults.clear()
    sandbox[0].highlevel.start_mode, sandbox[0].highlevel.cuts_opener = "redirect", False


def begin(page: Page, source: str, platform: str = "instagram") -> None:
    page.locator(f".st-key-offer_{source}_network_{platform} button").click()
    page.locator(".st-key-attempt_card").wait_for()


def window(page: Page, vendor: str = "HighLevel") -> Page:
    with page.expect_popup() as found:
        page.get_by_role("button", name=f"Sign in at {vendor}").click()
    return found.value


def state(page: Page, word: str) -> None:
    expect(page.locator(".st-key-attempt_card .stMarkdownBadge").first).to_contain_text(word)


def newest(server: Server) -> dict[str, Any]:
    names = ("state", "problem", "connection_id", "account", "told", "key", "id")
    return dict(
        zip(names, desk.ask(server, f"select {', '.join(names)} from attempts order by id desc")[0], strict=True)
    )


def started(pretended: Sandbox) -> int:
    return sum(entry.path.endswith(START) for entry in pretended.log)


def connection(server: Server, source: str) -> tuple[str, str, str]:
    """Give a healthy Instagram connection of a source: its id, its vendor's id and its name."""
    query = (
        "select c.id, c.vendor_id, c.name from connections c join sources s on s.id = c.source_id where s.name = ?"
        " and c.platform = 'instagram' and c.vanished_at is null and c.handle is not null order by c.number limit 1"
    )
    return desk.ask(server, query, (source,))[0]  # type: ignore[return-value]


def test_highlevel_connects_in_a_window_and_believes_nobody_else(
    at: Opened, desks: list[Server], sandbox: tuple[Sandbox, str]
) -> None:
    page, (pretended, elsewhere) = at(), sandbox
    begin(page, "highlevel")
    before = started(pretended)
    popup = window(page)
    popup.get_by_role("button", name="Approve").wait_for()
    expect(popup).to_have_url(re.compile(f"^{re.escape(elsewhere)}/"))
    told = {"actionType": "close", "page": "social_media_posting", "platform": "instagram", "accountId": "forged1"}
    page.evaluate("told => window.postMessage(told, '*')", told)  # another source: our own page
    with page.expect_popup() as found:
        page.evaluate("address => { window.open(address, 'another') }", f"{elsewhere}/sandbox/static/consent.css")
    found.value.evaluate(TELL, told)  # the right origin, another window
    consent, strange = popup.url, f"{elsewhere.replace('127.0.0.1', 'localhost')}/sandbox/static/consent.css"
    popup.evaluate(GO, strange)
    popup.wait_for_url(strange)
    popup.evaluate(TELL, told)  # the right window, another origin
    popup.evaluate(GO, consent)
    popup.get_by_role("button", name="Approve").wait_for()
    for wrong in ({**told, "page": "integration"}, {**told, "accountId": "../../x"}, "text", None, [told]):
        popup.evaluate(TELL, wrong)  # the right window, a wrong shape
    page.get_by_role("button", name="Show the window").click()
    assert len(page.context.pages) == 3
    desk.becomes(lambda: (newest(desks[0])["state"], "forged" in str(newest(desks[0])["told"])), ("waiting", False))
    popup.get_by_role("button", name="Approve").click()
    page.get_by_text("Fell Outlet").click()
    page.get_by_role("button", name="Connect this account").click()
    state(page, "Connected")
    page.get_by_role("link", name="Open the account").click()
    expect(page.get_by_role("heading", name="Fell Outlet")).to_be_visible()
    assert started(pretended) == before + 1


def test_a_window_that_is_closed_is_no_failure_and_the_attempt_can_be_given_up(at: Opened, desks: list[Server]) -> None:
    page = at()
    begin(page, "highlevel")
    popup = window(page)
    popup.get_by_role("button", name="Cancel").click()
    popup.get_by_text("Nothing was connected.").wait_for()
    page.reload()
    state(page, "Waiting")
    window_again = page.get_by_role("button", name="Sign in at HighLevel")
    window_again.click()
    expect(page.get_by_text("The window is open. Go on there.")).to_be_visible()
    assert len(page.context.pages) == 2  # found again by its name after the reload, not opened twice
    popup.close()
    expect(page.get_by_text(re.compile("The window was closed|can't see the sign-in window")).first).to_be_visible()
    page.get_by_role("button", name="I have finished").click()
    state(page, "Waiting")
    page.get_by_role("button", name="Cancel").click()
    state(page, "Cancelled")
    desk.becomes(lambda: newest(desks[0])["connection_id"], None)


def test_a_run_that_was_overtaken_lets_go_of_nothing_that_the_newer_one_holds(context: BrowserContext) -> None:
    page = context.new_page()
    script = (ROOT / "pages" / "ui" / "connect" / "window.js").read_text(encoding="utf-8")
    heard = page.evaluate(OVERTAKEN, script)
    assert heard == {"tells": ["the newer run", "another look"], "kept": "blocked"}


def test_a_blocked_window_says_so_and_a_tab_works_instead(at: Opened, desks: list[Server]) -> None:
    page = at()
    begin(page, "late")
    untouched = page.context.new_page()
    untouched.add_init_script(PRESS_WITHOUT_A_PERSON)
    untouched.goto(page.evaluate("location.href"))
    # Looked at from outside: whatever Playwright asks of a page counts as a person's hand for some seconds.
    desk.until(lambda: newest(desks[0])["state"] == "blocked", 15, "the window is blocked")
    state(page, "Blocked")
    expect(page.get_by_text("open the sign-in in a new tab")).to_be_visible()
    assert len(page.context.pages) == 2


def test_a_consent_page_that_cuts_the_opener_is_not_called_failed(at: Opened, sandbox: tuple[Sandbox, str]) -> None:
    sandbox[0].highlevel.cuts_opener = True
    page = at()
    begin(page, "highlevel")
    popup = window(page)
    popup.get_by_role("button", name="Approve").wait_for()
    desk.becomes(lambda: popup.evaluate("window.opener"), None)
    expect(page.get_by_text("Patchbay can't see the sign-in window any more").first).to_be_visible()
    state(page, "Waiting")
    popup.get_by_role("button", name="Approve").click()
    state(page, "Connected")  # by comparing the list, for no message can arrive


@pytest.mark.parametrize(
    ("mode", "status", "words"), [("html", 0, "lacks the social planner's permission"), ("redirect", 401, "Refused")]
)
def test_a_start_without_a_consent_page_ends_in_its_own_words(
    at: Opened, sandbox: tuple[Sandbox, str], mode: str, status: int, words: str
) -> None:
    sandbox[0].highlevel.start_mode = mode
    if status:
        sandbox[0].faults.plan("highlevel", START, kind="status", status=status, times=1)
    page = at()
    begin(page, "highlevel")
    popup = window(page)
    expect(popup.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    state(page, "Refused")
    expect(page.locator(".st-key-attempt_card").get_by_text(words).first).to_be_visible()
    expect(page.get_by_role("button", name="Begin again")).to_be_visible()


def test_a_reconnect_refuses_another_account_by_name_and_renews_its_own(at: Opened, desks: list[Server]) -> None:
    number, vendor_id, _ = connection(desks[0], "highlevel")
    other = desk.ask(
        desks[0],
        "select vendor_id, name from connections where platform = 'instagram' and vendor_id like '%\\_loc%' escape '\\'"
        " and vendor_id != ? order by number desc limit 1",
        (vendor_id,),
    )[0]
    page = at(f"/connect?reconnect={number}")
    page.get_by_role("button", name="Reconnect").click()
    popup = window(page)
    popup.get_by_label("Sign in as").select_option(other[0])
    popup.get_by_role("button", name="Approve").click()
    state(page, "Wrong account")
    expect(page.locator(".st-key-attempt_card").get_by_text(other[1]).first).to_be_visible()
    page.get_by_role("button", name="Begin again").click()
    popup = window(page)
    popup.get_by_label("Sign in as").select_option(vendor_id)
    popup.get_by_role("button", name="Approve").click()
    state(page, "Connected")
    desk.becomes(lambda: newest(desks[0])["connection_id"], number)


def test_what_the_window_names_is_a_list_to_walk_through_and_gets_shorter(
    at: Opened, desks: list[Server], sandbox: tuple[Sandbox, str]
) -> None:
    book = sandbox[0].highlevel.book
    broken = [number for number, _ in book.connected("instagram")][1:4]
    assert all(book.lapse(number) for number in broken)
    _command(desks[0], "sync", "--source", "highlevel")
    ids = [f"{connection(desks[0], 'highlevel')[0].partition('-')[0]}-n-{number}" for number in broken]
    desk.becomes(lambda: _health(desks[0], ids), {"broken"})
    page = at(f"/connect?reconnect={ids[0]}")
    page.get_by_role("button", name="Reconnect").click()
    left = page.locator(".st-key-remaining").get_by_role("button", name="Reconnect")
    for done in (1, 2):
        popup = window(page)
        popup.get_by_label("Sign in as").select_option(broken[done - 1])
        popup.evaluate(REPEAT)
        popup.get_by_role("button", name="Approve").click()
        state(page, "Connected")
        popup.close()
        expect(page.get_by_text(f"{3 - done} account{'s' if done == 1 else ''} still to reconnect")).to_be_visible()
        expect(left).to_have_count(3 - done)
        desk.becomes(partial(_health, desks[0], ids[:done]), {"healthy"})
        desk.becomes(partial(_health, desks[0], ids[done:]), {"broken"})
        page.locator(f".st-key-remaining_{ids[done]} button").click()
        state(page, "Ready")
    assert "a page failed" not in desks[0].log.read_text()
    desk.becomes(lambda: newest(desks[0])["connection_id"], None, "the last one is begun, and nothing is said of it")


def _health(server: Server, ids: list[str]) -> set[str]:
    """Give how the access of some connections stands."""
    marks = ", ".join("?" * len(ids))
    return {str(health) for (health,) in desk.ask(server, f"select health from connections where id in ({marks})", ids)}


def test_late_is_finished_by_its_return_and_by_comparing_its_list(at: Opened, desks: list[Server]) -> None:
    page = at()
    begin(page, "late")
    popup = window(page, "Late")
    popup.get_by_role("button", name="Approve").click()
    told = re.compile("The account is connected|One moment")  # the latter while the webhook's own sync is at it
    expect(popup.get_by_role("heading", name=told)).to_be_visible()
    state(page, "Connected")
    page.get_by_role("button", name="All ways to connect").click()
    begin(page, "late", "youtube")
    with page.expect_popup() as found:
        page.get_by_role("link", name="Open in a new tab").click()
    tab = found.value
    tab.get_by_label("Sign in as").wait_for()
    tab.route("**/connecting/back/**", lambda route: route.abort())
    tab.get_by_role("button", name="Approve").click()
    state(page, "Connected")  # by comparing the list, for nobody came back
    desk.becomes(lambda: newest(desks[0])["connection_id"] is not None, True, "it is known which one")


def test_gipper_answers_for_each_account_and_keeps_no_token(at: Opened, desks: list[Server]) -> None:
    page = at("/connect?source=gipper&platform=instagram")
    page.get_by_role("button", name="Add an account").click()
    page.get_by_role("button", name="Connect 2 accounts").click()
    expect(page.get_by_text("The access token is missing.")).to_have_count(3)
    page.get_by_label("Facebook user id").fill("10150000000000001")
    for place, username in enumerate(("nova.beans", "refused.beans")):
        page.get_by_label("Instagram id").nth(place).fill(str(NUMBER + place))
        page.get_by_label("User name").nth(place).fill(username)
        page.get_by_label("Access token").nth(place).fill(f"{CANARY}{place}")
    page.get_by_label("Facebook token").fill(CANARY)
    page.get_by_role("button", name="Connect 2 accounts").click()
    expect(page.get_by_text("1 of 2 accounts connected")).to_be_visible()
    expect(page.locator(".st-key-attempts_results .stMarkdownBadge")).to_have_text(
        ["check_circle Connected", "error Refused"]
    )
    kept = b"".join(each.read_bytes() for each in desks[0].log.parent.iterdir() if each.is_file())
    assert CANARY.encode() not in kept
    assert CANARY not in page.content()


def test_zocial_connects_a_network_and_adds_a_page_with_each_error_at_its_field(
    at: Opened, desks: list[Server]
) -> None:
    page = at("/connect?source=zocial&platform=instagram")
    page.get_by_label("Access token").fill(f"{CANARY} with a space")
    page.get_by_label("User id there").fill("nova.beans")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("holds a space")).to_be_visible()
    expect(page.get_by_label("Access token")).to_have_count(1)  # the old field is taken away a moment later
    expect(page.get_by_label("Access token")).to_have_value("")
    page.get_by_label("Access token").fill(CANARY)
    page.get_by_role("button", name="Connect", exact=True).click()
    state(page, "Connected")
    page.goto(f"{desks[0].origin}/connect?source=zocial&kind=page&platform=facebook")
    for label, text in (
        ("Id or handle", "beans.page"),
        ("Name", "Beans"),
        ("Address", "ftp://x"),
        ("Category", "Food"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("Followers").fill("many")
    page.get_by_role("button", name="Add the page").click()
    expect(page.get_by_text("The address begins with https://")).to_be_visible()
    expect(page.get_by_text("It is a whole number")).to_be_visible()
    page.get_by_label("Address").fill("https://facebook.com/beans.page")
    page.get_by_label("Followers").fill("1200")
    page.get_by_role("button", name="Add the page").click()
    state(page, "Connected")
    page.goto(f"{desks[0].origin}/connect?source=zocial&platform=tiktok")
    expect(page.get_by_text("TikTok can't be connected here")).to_be_visible()


def test_a_server_that_restarts_meanwhile_loses_no_attempt_and_a_tab_is_heard_as_a_window_is(
    at: Opened, desks: list[Server]
) -> None:
    page = at()
    begin(page, "highlevel")
    with page.expect_popup() as found:
        page.get_by_role("link", name="Open in a new tab").click()
    tab = found.value
    tab.get_by_label("Sign in as").wait_for()
    running = desks.pop()
    running.stop()
    desks.append(start(running.log.parent, origin=running.origin, **_own(running)))
    expect(page.get_by_role("button", name="Show the window")).to_be_visible()
    tab.get_by_role("button", name="Approve").click()
    page.get_by_text("Fjord Kids").click()  # asked of the account that the tab named: alone, it would take the first
    page.get_by_role("button", name="Connect this account").click()
    state(page, "Connected")


def _own(server: Server) -> dict[str, str]:
    return {name: value for name, value in server.env.items() if name.startswith("PATCHBAY_")}


def test_an_analyst_sees_the_attempts_and_can_not_act(at: Opened, desks: list[Server]) -> None:
    page = at()
    begin(page, "highlevel")
    number, key = newest(desks[0])["id"], newest(desks[0])["key"]
    page = at(f"/connect?attempt={number}", ANALYST)
    expect(page.get_by_text("ask a person with the role admin").first).to_be_visible()
    expect(page.get_by_role("button", name="Sign in at HighLevel")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    assert key not in page.content()
    answer = page.request.get(f"{desks[0].origin}/connecting/go/{key}", max_redirects=0)
    assert answer.status == 403
    page.goto(f"{desks[0].origin}/connect")
    expect(page.get_by_text("Connects").first).to_be_visible()
    expect(page.locator(".st-key-offer_highlevel_network_instagram")).to_have_count(0)
    desk.becomes(lambda: newest(desks[0])["state"], "started")
