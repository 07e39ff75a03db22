"""Composing in a real browser: the phone follows each key, a fix is one press, and one press is one message."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from services.people import DEMO_PEOPLE
from tests.browser import desk
from tests.browser.composing import PHONE, begin_with, button, serving
from tests.browser.conftest import Server, fill_in, settle

pytestmark = pytest.mark.browser
Inside = Callable[..., Page]


@pytest.fixture(scope="module")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay with the pretended vendors, of which imiconnect is quick to tell."""
    yield from serving(filled, tmp_path_factory.mktemp("compose"))


@pytest.fixture
def draft(inside: Inside) -> Callable[[str], Page]:
    """Begins a draft with an example, as a marketer, to Lena's phone."""

    def start(example: str) -> Page:
        return begin_with(inside("marketer", "/compose"), example)

    return start


def phone(page: Page, shows: str) -> Locator:
    """Find the phone while it shows something."""
    return page.get_by_role("img", name=re.compile(f"{PHONE}.*{re.escape(shows)}"))


def address(page: Page) -> str:
    """Give the draft that the address names."""
    page.wait_for_url("**draft=*")
    return page.url.rpartition("draft=")[2]


def body(server: Server, draft_id: str) -> dict[str, Any]:
    """Give the body of a draft as it was saved."""
    ((found,),) = desk.ask(server, "select body from drafts where id = ?", [draft_id])
    kept: dict[str, Any] = json.loads(found)
    return kept


def sent(server: Server, draft_id: str) -> int:
    """Count the messages that a draft has sent."""
    query = "select count(*) from messages where draft_id = ?"
    number: int = desk.ask(server, query, [draft_id])[0][0]
    return number


def saved(server: Server, draft_id: str, content: str) -> None:
    """Wait until a draft was saved with a text."""
    desk.until(lambda: body(server, draft_id).get("content") == content, 15, f"{content} is saved")


def test_a_message_is_mended_typed_and_sent_once_whatever_is_pressed(
    draft: Callable[[str], Page], server: Server
) -> None:
    page = draft("Carousel")
    number = address(page)
    expect(button(page)).to_be_disabled()
    page.get_by_role("button", name=re.compile("^Use https")).click()
    expect(button(page)).to_be_enabled()
    page.get_by_label("Text", exact=True).fill("Grüezi {{first_name}} 👩‍👩‍👧")
    expect(phone(page, "Grüezi Lena 👩‍👩‍👧")).to_be_visible()
    saved(server, number, "Grüezi {{first_name}} 👩‍👩‍👧")
    page.get_by_role("button", name="Add a card").click()
    expect(page.get_by_role("radio", name="2 New")).to_be_checked()
    settle(page)  # the first card's fields are taken away
    expect(page.get_by_label("Title", exact=True)).to_have_count(1)
    page.get_by_label("Title", exact=True).fill("Rösti")
    page.get_by_label("Subtitle", exact=True).fill("Crisp, with an egg")
    expect(page.get_by_text("no errors")).to_be_visible()
    page.get_by_text("What will leave, as JSON").scroll_into_view_if_needed()
    expect(page.get_by_role("heading", name="Compose")).not_to_be_in_viewport()
    expect(phone(page, "Rösti")).to_be_in_viewport(ratio=0.9)  # it stays beside what is edited
    page.reload()
    expect(phone(page, "Rösti")).to_be_visible()
    settle(page)

    second = page.context.new_page()
    second.goto(page.url)
    expect(button(second)).to_be_enabled()
    settle(second)
    button(page).dblclick()
    expect(page.locator(".st-key-compose_life")).to_contain_text("Read")
    button(second).click()
    expect(second.locator(".st-key-compose_life")).to_contain_text("Read")
    page.reload()
    expect(page.locator(".st-key-compose_life")).to_contain_text("Read")
    expect(button(page)).to_have_count(0)
    desk.becomes(lambda: sent(server, number), 1)

    page.get_by_role("button", name="Send again").click()
    page.get_by_role("button", name="Make it ready again").click()
    expect(page.get_by_text("1 line differs from the last one sent")).to_be_visible()
    expect(button(page)).to_be_enabled()
    desk.becomes(lambda: sent(server, number), 1)


def test_of_two_people_who_write_the_second_keeps_both_texts(
    draft: Callable[[str], Page], browser: Browser, server: Server
) -> None:
    page = draft("Text")
    number = address(page)
    elsewhere = browser.new_context(viewport={"width": 390, "height": 844})
    try:
        hers = elsewhere.new_page()
        hers.goto(page.url)
        admin = next(each for each in DEMO_PEOPLE if each.role.value == "admin")
        fill_in(hers, admin.username, admin.password)
        hers.get_by_label("Text", exact=True).fill("Hers")
        saved(server, number, "Hers")
    finally:
        elsewhere.close()
    page.get_by_label("Text", exact=True).fill("Mine")
    expect(page.get_by_text("Your last change is not saved")).to_be_visible()
    expect(button(page)).to_be_disabled()
    desk.becomes(lambda: body(server, number)["content"], "Hers")
    page.get_by_role("button", name="Keep mine as a new draft").click()
    page.wait_for_url(lambda url: number not in url)
    expect(phone(page, "Mine")).to_be_visible()
    desk.becomes(lambda: body(server, address(page))["content"], "Mine")
    desk.becomes(lambda: body(server, number)["content"], "Hers")


def test_a_list_shows_its_plan_then_a_result_for_each(draft: Callable[[str], Page], server: Server) -> None:
    page = draft("Heart")
    number = address(page)
    page.get_by_role("button", name="More").first.click()
    page.get_by_text("Send to several").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(re.compile("^All ")).click()
    expect(dialog).to_contain_text("at most 50 per second")
    desk.becomes(lambda: sent(server, number), 0)
    dialog.get_by_role("button", name=re.compile("^Send to .+ recipients")).click()
    people = desk.ask(server, "select count(*) from recipients where removed_at is null")[0][0]
    expect(page.locator(".st-key-compose_list")).to_contain_text(f"{people} read")
    page.reload()
    expect(page.locator(".st-key-compose_list")).to_contain_text(f"{people} of {people}")
    expect(button(page)).to_have_count(0)
    desk.becomes(lambda: sent(server, number), people)
