"""Approvals in a real browser: requested, approved, accepted, come back; decided in bulk; two reviewers at once.

One server serves them all; each journey works on cases of its own.
"""

import contextlib
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from services.people import DEMO_PEOPLE
from tests.browser import desk
from tests.browser.conftest import ROOT, Server, begin, fill_in, settle

pytestmark = pytest.mark.browser

APPROVAL = ("zocial", "POST", "/api/action/network/approval/")
SAME = {"olga": "ingrid"}
"""Who has the password of whom."""
OLGA = (
    "INSERT INTO users (username, name, role, password_hash, created_at)"
    " SELECT 'olga', 'Olga', role, password_hash, created_at FROM users WHERE username = 'ingrid'"
)
REVIEW = timedelta(minutes=1)
"""Longer than the pretended Zocial looks at an approval."""

Entered = Callable[..., Page]


@pytest.fixture(scope="module")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay of this module alone: its cases are decided here. Olga is its second admin."""
    running = begin(filled, tmp_path_factory.mktemp("approvals"))
    with contextlib.closing(sqlite3.connect(desk.database(running))) as link, link:
        link.execute(OLGA)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browsers() -> Iterator[dict[str, BrowserContext]]:
    """The browser of each person, once they have signed in: a sign-in takes its time."""
    opened: dict[str, BrowserContext] = {}
    yield opened
    for each in opened.values():
        each.close()


@pytest.fixture
def entered(browser: Browser, server: Server, browsers: dict[str, BrowserContext]) -> Iterator[Entered]:
    """Opens a page as a person, in a browser of their own: `entered("olga", "/approvals")`."""
    known = {person.username: person.password for person in DEMO_PEOPLE}

    def enter(username: str, path: str) -> Page:
        own = browsers.get(username)
        page = (own or browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")).new_page()
        page.goto(server.origin + path)
        if own is None:
            fill_in(page, username, known[SAME.get(username, username)])
        page.locator(".st-key-account_menu").wait_for(state="attached")
        browsers[username] = page.context
        settle(page)
        return page

    yield enter
    for context in browsers.values():
        for page in context.pages:
            page.close()


def card(page: Page) -> Locator:
    return page.locator(".st-key-case_card")


def press(page: Page, name: str | re.Pattern[str], *, within: str = "body") -> None:
    page.locator(within).get_by_role("button", name=name).click()
    settle(page)


def approve(page: Page) -> None:
    """Press the button of the card, not that of the bulk."""
    press(page, re.compile("^Approve"), within=".st-key-case_deeds")


def number_of(page: Page) -> int:
    """Give the number of the case that is open."""
    return int(told(card(page), r"case (\d+) · version")[0])


def told(part: Locator, words: str) -> tuple[str, ...]:
    """Wait until a part of a page says something, and give what stands in its groups."""
    expect(part).to_contain_text(re.compile(words))
    found = re.search(words, part.inner_text())
    assert found, words
    return found.groups()


def sent(vendors: desk.Vendors) -> int:
    return vendors.calls()[APPROVAL]


def state(server: Server, number: int) -> str:
    return str(desk.ask(server, "select state from cases where id = ?", (number,))[0][0])


def test_a_requested_account_is_approved_accepted_and_comes_back_when_its_followers_fall(
    entered: Entered, server: Server, vendors: desk.Vendors
) -> None:
    before, handle = sent(vendors), f"nova.{desk.unused()}"
    marek = entered("marek", "/approvals")
    press(marek, "Submit an account …")
    form = marek.get_by_role("dialog")
    form.get_by_label("Platform").fill("instagram")
    form.get_by_label("Platform").press("Enter")
    form.get_by_label("Handle").fill(handle)
    form.get_by_label("Address of the profile").fill(f"https://instagram.com/{handle}")
    form.get_by_label("Followers").fill("5000")
    form.get_by_label("Followers").press("Tab")
    settle(marek)
    press(marek, "Request approval")
    expect(card(marek)).to_contain_text(handle)
    number = number_of(marek)
    expect(marek.get_by_role("button", name="Approve")).to_have_count(0)  # a marketer requests, and decides nothing

    ingrid = entered("ingrid", f"/approvals?case={number}")
    approve(ingrid)
    expect(card(ingrid)).to_contain_text("Zocial has it")
    expect(ingrid.locator(".st-key-elsewhere")).to_contain_text(f"Case {number} is not among the cases shown")
    desk.becomes(lambda: (sent(vendors) - before, state(server, number)), (1, "submitted"))

    vendors.move_to(datetime.now(UTC) + REVIEW)
    press(ingrid, re.compile("Read Zocial's list now"))
    expect(card(ingrid)).to_contain_text("Accepted", timeout=20_000)
    desk.becomes(lambda: state(server, number), "accepted")

    vendors.plan("zocial", "networks", kind="bad_field", field="followers", value=1_200, row=None)
    ingrid.goto(f"{server.origin}/health")
    settle(ingrid)
    ingrid.locator(".st-key-sync_zocial button").click()
    desk.until(lambda: state(server, number) == "requested", 20, "the case has come back")
    vendors.heal()
    ingrid.goto(f"{server.origin}/approvals?case={number}")
    expect(card(ingrid)).to_contain_text(re.compile("Came back.*followers fell from 5,000 to 1,200"))
    desk.becomes(lambda: sent(vendors) - before, 1)  # it is decided anew by a person, not sent again by itself


def test_a_bulk_over_a_filter_gives_each_case_its_own_result(
    entered: Entered, server: Server, vendors: desk.Vendors
) -> None:
    before = sent(vendors)
    ingrid = entered("ingrid", "/approvals?by=system&kind=Network")
    press(ingrid, re.compile("^Select all"))
    press(ingrid, re.compile("^Approve .* …"))
    plan = ingrid.get_by_role("dialog")
    expect(plan).to_contain_text("Nothing has happened yet.")
    number = int(told(plan, r"(\d+) will be sent")[0])
    desk.becomes(lambda: sent(vendors), before)
    refusal = {"status": "error", "error_code": "validation_error", "message": "network_url is no address"}
    vendors.plan("zocial", "approval", kind="status", status=400, body=refusal | {"field": "network_url"}, skip=1)
    vendors.plan("zocial", "approval", kind="close", after_effect=True, skip=2)
    press(ingrid, re.compile(r"^Approve \d+ of"))
    results = ingrid.get_by_role("dialog").filter(has_text="Not known 1")
    expect(results).to_contain_text("Refused by Zocial 1", timeout=30_000)
    expect(results).to_contain_text(f"Done {number - 2}")
    expect(results).to_contain_text("It is never sent twice")
    vendors.heal()
    desk.becomes(lambda: sent(vendors) - before, number)  # each once, what is unknown too
    ends = "select state, count(*) from cases where state in ('refused', 'unknown') group by state order by state"
    desk.becomes(lambda: desk.ask(server, ends), [("refused", 1), ("unknown", 1)])


def test_the_second_of_two_reviewers_is_told_who_decided_and_what(
    entered: Entered, server: Server, vendors: desk.Vendors
) -> None:
    before = sent(vendors)
    ingrid = entered("ingrid", "/approvals?sort=Newest+request")
    number = number_of(ingrid)
    olga = entered("olga", f"/approvals?case={number}")
    card(ingrid).get_by_role("textbox", name="Reason").fill("This is the fan club.")
    expect(card(ingrid).get_by_role("button", name="Decline")).to_be_enabled()
    press(ingrid, "Decline", within=".st-key-case_deeds")
    expect(ingrid.get_by_text(f"case {number} ·")).to_have_count(0)  # the next one opens itself
    approve(olga)
    refusal = olga.locator(".st-key-case_refusal")
    expect(refusal).to_contain_text("ingrid")
    expect(refusal).to_contain_text("This is the fan club.")
    desk.becomes(lambda: (sent(vendors), state(server, number)), (before, "declined"))
    press(olga, "Look at it as it is now")
    expect(card(olga)).to_contain_text("Declined")


def test_a_declined_request_is_asked_again_and_sent_once(
    entered: Entered, server: Server, vendors: desk.Vendors
) -> None:
    before, handle = sent(vendors), f"sol.{desk.unused()}"
    account = ("--platform", "tiktok", "--handle", handle, "--url", f"https://tiktok.com/@{handle}")
    submit = [sys.executable, "-m", "services", "cases", "submit", *account, "--as", "marek", "--json"]
    told = subprocess.run(submit, cwd=ROOT, env=server.env, check=True, capture_output=True)
    number = json.loads(told.stdout)["cases"][0]["id"]

    ingrid = entered("ingrid", f"/approvals?case={number}")
    card(ingrid).get_by_role("textbox", name="Reason").press_sequentially("A fan page, alas")  # no letter is a shortcut
    expect(card(ingrid).get_by_role("button", name="Decline")).to_be_enabled()
    press(ingrid, "Decline", within=".st-key-case_deeds")
    expect(card(ingrid)).to_contain_text("Declined by you.")

    marek = entered("marek", f"/approvals?case={number}")
    expect(card(marek)).to_contain_text("“A fan page, alas”")
    press(marek, "Request again …")
    marek.get_by_role("dialog").get_by_label("Note for the reviewer").fill("It is ours since May.")
    press(marek, "Request again", within="[role=dialog]")
    expect(card(marek)).to_contain_text("version 3")
    desk.becomes(lambda: (sent(vendors), state(server, number)), (before, "requested"))

    ingrid.goto(f"{server.origin}/approvals?case={number}")
    expect(card(ingrid)).to_contain_text("It is ours since May.")
    ingrid.locator(".st-key-case_deeds").get_by_role("button", name=re.compile("^Approve")).dblclick()
    expect(card(ingrid)).to_contain_text("Zocial has it")
    settle(ingrid)
    desk.becomes(lambda: sent(vendors) - before, 1)
    with ingrid.expect_download() as file:
        card(ingrid).get_by_role("link", name="Export this case").click()
    actions = [step["action"] for step in json.loads(file.value.path().read_text())["steps"]]
    assert actions == [f"case.{word}" for word in ("request", "decline", "resubmit", "approve", "send", "send")]


def asked_with(server: Server, note: str) -> int:
    """Count the cases that were requested with a note."""
    return int(desk.ask(server, "select count(*) from cases where note = ?", (note,))[0][0])


def plan_of_chosen(page: Page, note: str) -> Locator:
    """Ask for the approval of what is chosen, and give the dialog with the plan."""
    press(page, "Request approval …")
    page.get_by_role("dialog").get_by_label("Note for the reviewer").fill(note)
    press(page, "Show the plan")
    expect(page.get_by_role("dialog")).to_contain_text("Nothing has happened yet.")
    return page.get_by_role("dialog")


def test_all_that_match_are_requested_and_what_has_a_case_is_left_alone(entered: Entered, server: Server) -> None:
    note = "For the spring [fair](x)"
    marek = entered("marek", "/networks?source=gipper")
    press(marek, re.compile("^Select all"))  # while the charts are still to come
    expect(marek.get_by_text(re.compile("^All .* selected"))).to_be_visible()
    asked, left = told(plan_of_chosen(marek, note), r"(\d+) will be requested, (\d+) will be left alone")
    desk.becomes(lambda: asked_with(server, note), 0)
    press(marek, re.compile(r"^Request \d+ of"))
    results = marek.get_by_role("dialog").filter(has_text=f"Left alone {left}")
    expect(results).to_contain_text(f"Done {asked}", timeout=30_000)
    desk.becomes(lambda: asked_with(server, note), int(asked))
    press(marek, "Done")
    again = plan_of_chosen(marek, note)
    expect(again).to_contain_text("Left alone: the account has an active case")
    expect(again.get_by_role("button", name=re.compile("^Request 0 of"))).to_be_disabled()  # nothing is asked twice


def test_nothing_is_decided_by_a_card_that_another_one_is_about_to_replace(entered: Entered, server: Server) -> None:
    ingrid = entered("ingrid", "/approvals?sort=Newest+request")
    number = number_of(ingrid)
    ingrid.add_init_script("window.requestIdleCallback = () => 0")  # it never rests, so no case follows the rows
    ingrid.goto(f"{server.origin}/approvals?case={number}")
    expect(card(ingrid)).to_contain_text(f"case {number} ·")
    before = state(server, number)
    ingrid.get_by_role("radio", name=re.compile("^Decided")).click()
    settle(ingrid)
    expect(card(ingrid)).to_contain_text(f"case {number} ·")  # which is true: it names its case
    press(ingrid, "Hold", within=".st-key-case_deeds")
    expect(ingrid.get_by_text(f"case {number} ·")).to_have_count(0)
    desk.becomes(lambda: state(server, number), before)


def test_who_was_signed_out_decides_nothing_in_a_tab_that_is_still_open(entered: Entered, server: Server) -> None:
    olga = entered("olga", "/approvals?sort=Newest+request")
    number = number_of(olga)
    before = state(server, number)
    with contextlib.closing(sqlite3.connect(desk.database(server))) as link, link:
        link.execute("DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE username = 'olga')")
    press(olga, "Hold", within=".st-key-case_deeds")
    expect(olga.get_by_role("button", name="Sign in")).to_be_visible()
    desk.becomes(lambda: state(server, number), before)
