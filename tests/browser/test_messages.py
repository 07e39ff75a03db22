"""Messages from the composer to their end: each kind as far as read, and each bad end in words a person understands."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.sandbox.imiconnect_scripts import SCRIPTS
from tests.browser import desk, grid
from tests.browser.composing import begin_with, button, serving
from tests.browser.conftest import Server, settle

pytestmark = pytest.mark.browser
KINDS = {
    "Text": "text “A while back I needed",
    "Carousel": "1 card: 1 Welcome!, We have the right hat for everyone., an image, buttons View Website, Start",
    "Image": "image https://www.learningcontainer.com",
    "Heart": "a heart",
    "Text with quick replies": "text “Please confirm to proceed.”. quick replies: Confirm, Cancel",
}
"""Each example of the document, and what the phone shows of it."""
ENDS = {
    "wrong_token": ("Accepted", "Accepted"),
    "failed": ("Failed", "7010"),
    "window_closed": ("Failed", "7313"),
    "window_closed_at_once": ("Refused", "7313"),
    "too_many_requests": ("Refused", "Too many"),
    "server_error": ("Unknown", "did not confirm"),
    "lost_answer": ("Read", "Unknown"),
    "late": ("Delivered", "Delivered"),
}
"""What is rehearsed, how it ends, and what else is told of it."""
TIME_OUT = 40_000
"""Milliseconds within which a request that nobody answers is given up, on a busy machine too; ten seconds are usual."""
NOTHING_COMES = SCRIPTS["lost_for_good"].words


@pytest.fixture(scope="module")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay with the pretended vendors, of which imiconnect is quick to tell."""
    yield from serving(filled, tmp_path_factory.mktemp("messages"))


@pytest.fixture
def compose(inside: Callable[..., Page]) -> Callable[[str], Page]:
    """Begins a draft with an example, as a marketer."""

    def start(example: str) -> Page:
        return begin_with(inside("marketer", "/compose"), example)

    return start


def draft(page: Page) -> str:
    """Give the id of the draft in the address."""
    page.wait_for_url("**draft=*")
    return page.url.rpartition("draft=")[2]


def state(page: Page, word: str) -> None:
    """Wait until the message that was sent is seen in a state."""
    expect(page.locator(".st-key-compose_life")).to_contain_text(re.compile(rf"{word}.*to .+ as imiconnect"))


def posts(vendors: desk.Vendors) -> list[dict[str, Any]]:
    """Give the requests that imiconnect was sent."""
    return [entry for entry in vendors.log() if entry["vendor"] == "imiconnect" and entry["method"] == "POST"]


def test_each_kind_is_composed_seen_sent_delivered_and_read(
    compose: Callable[[str], Page], server: Server, vendors: desk.Vendors
) -> None:
    vendors.forget()
    before = desk.ask(server, "select coalesce(max(id), 0) from messages")[0]
    for kind, seen in KINDS.items():
        page = compose(kind)
        expect(page.get_by_role("img", name=seen)).to_be_visible()
        if kind == "Carousel":
            expect(page.get_by_role("button", name="Send to")).to_be_disabled()
            page.get_by_role("button", name=re.compile("Use https")).click()
        button(page).click()
        state(page, "Read")
    desk.becomes(lambda: len(posts(vendors)), len(KINDS))
    kept = desk.ask(server, "select state, payload from messages where id > ? order by id", before)
    assert [row[0] for row in kept] == ["read"] * len(KINDS)
    assert [json.loads(row[1])["contentType"] for row in kept] == ["TEXT", "TEMPLATE", "MEDIA", "STICKER", "TEXT"]


def test_each_bad_end_is_told_in_words(compose: Callable[[str], Page], server: Server, vendors: desk.Vendors) -> None:
    vendors.forget()
    numbers = {}
    for script in ENDS:
        page = compose("Heart")
        press = desk.ask(server, "select press from drafts where id = ?", [draft(page)])[0][0]
        vendors.rehearse(press, script)
        button(page).click()
        page.locator(".st-key-compose_life").wait_for()
        numbers[script] = desk.ask(server, "select id from messages where press = ?", [press])[0][0]
    for script, (word, told) in reversed(ENDS.items()):
        page.goto(f"{server.origin}/sent?message={numbers[script]}")
        card = page.locator(".st-key-message_card")
        expect(card.get_by_text(re.compile(f"{word}.* as imiconnect"))).to_be_visible()
        expect(card).to_contain_text(told)
    desk.becomes(lambda: len(posts(vendors)), len(ENDS))


def test_a_new_attempt_is_a_second_step_and_settles_the_first(
    compose: Callable[[str], Page], server: Server, vendors: desk.Vendors
) -> None:
    vendors.forget()
    page = compose("Text")
    page.get_by_role("button", name="Rehearse").click()
    page.get_by_text(NOTHING_COMES).click()
    page.keyboard.press("Escape")
    button(page).click()
    state(page, "Unknown")
    page.reload()
    state(page, "Unknown")
    expect(page.get_by_role("button", name="Send to")).to_have_count(0)
    desk.becomes(lambda: len(posts(vendors)), 1)
    page.get_by_role("link", name="Open under Sent").click()
    page.get_by_role("button", name="Send a new attempt").click()
    expect(page.get_by_role("dialog")).to_contain_text("may get it twice")
    desk.becomes(lambda: len(posts(vendors)), 1)
    page.get_by_role("button", name="Send again to").click()
    expect(page.locator(".st-key-message_card")).to_contain_text("7306")
    query = "select state, correlation_id from messages order by id desc limit 2"
    (again, one), (first, other) = desk.ask(server, query)
    assert (again, first) == ("refused", "accepted")
    assert one == other
    desk.becomes(lambda: len(posts(vendors)), 2)


def test_a_time_out_is_unknown_until_a_callback_or_a_new_attempt_settles_it(
    compose: Callable[[str], Page], server: Server, vendors: desk.Vendors
) -> None:
    vendors.forget()
    presses = []
    for script in ("time_out", "silent"):
        page = compose("Heart")
        (press,) = desk.ask(server, "select press from drafts where id = ?", [draft(page)])[0]
        vendors.rehearse(press, script)
        if script == "silent":
            vendors.plan("imiconnect", "send", kind="hang", after_effect=True)
        button(page).click()
        presses.append(press)
        desk.until(lambda: len(posts(vendors)) == len(presses), desk.PATIENCE, "the vendor has the request")
    life = page.locator(".st-key-compose_life")
    expect(life).to_contain_text(re.compile("Unknown.*did not answer in time"), timeout=TIME_OUT)
    expect(life).to_contain_text("It is not sent again by itself")
    first, second = (desk.ask(server, "select id from messages where press = ?", [press])[0][0] for press in presses)
    page.goto(f"{server.origin}/sent?message={first}")
    card = page.locator(".st-key-message_card")
    expect(card).to_contain_text(re.compile("Read.* as imiconnect.*Unknown.*did not answer in time", re.DOTALL))
    page.goto(f"{server.origin}/sent?message={second}")
    page.get_by_role("button", name="Send a new attempt").click()
    page.get_by_role("button", name="Send again to").click()
    expect(card).to_contain_text("7306")
    page.get_by_role("link", name=f"New attempt of message {second}").click()
    expect(card).to_contain_text(re.compile("Accepted.* as imiconnect"))
    desk.becomes(lambda: len(posts(vendors)), len(presses) + 1)


def test_what_was_sent_is_found_opened_followed_and_taken_along(
    compose: Callable[[str], Page], server: Server, vendors: desk.Vendors
) -> None:
    page = compose("Text with quick replies")
    button(page).click()
    state(page, "Read")
    vendors.forget()
    page.goto(f"{server.origin}/sent?family=Text")
    page.get_by_label("Search recipient, text, transid or correlation id").fill("CONFIRM to proceed")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"family=Text&q=CONFIRM"))
    page.get_by_text(re.compile(r"^\d+ messages?$")).wait_for()
    settle(page)
    desk.becomes(lambda: {row["Message"] for row in grid.rows(page)}, {"Please confirm to proceed."})
    grid.press(page, 0)
    card = page.locator(".st-key-message_card")
    expect(card.get_by_text(re.compile("Read.* as imiconnect"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"message=\d+"))
    grid.link(page, 0).press("Enter")
    expect(card).to_have_count(0)
    expect(grid.link(page, 0)).to_be_focused()  # whoever came by key goes on from there
    page.keyboard.press("Enter")
    card.get_by_text("Raw callbacks").click()
    expect(card.get_by_text("deliveryInfoNotification").first).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").first.click()
    rows = list(csv.DictReader(file.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert rows
    assert {(row["state"], row["family"]) for row in rows} == {("read", "TEXT")}
    desk.becomes(vendors.log, [], "looking asks no vendor")
