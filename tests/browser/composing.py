"""What journeys through the composer share: a draft begun with an example, its recipient, the phone and the button."""

import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser import desk
from tests.browser.conftest import Server, begin, settle

PHONE = "Preview of the message"
LENA = "Test phone Zürich"


def serving(filled: Path, folder: Path) -> Iterator[Server]:
    """Run a Patchbay with the pretended vendors, of which imiconnect is quick to tell."""
    running = begin(filled, folder)
    desk.Vendors(running).hasten()
    yield running
    running.stop()


def begin_with(page: Page, example: str) -> Page:
    """Begin a draft with an example of the document, to Lena's phone; the page is Compose."""
    page.locator(".st-key-compose_examples").get_by_role("button", name=example, exact=True).click()
    page.get_by_role("img", name=PHONE).wait_for()
    choose(page, LENA)
    return page


def choose(page: Page, recipient: str) -> None:
    """Choose to whom it goes, and wait until the button names them."""
    page.get_by_label("To, test recipients only").click()
    page.get_by_role("option", name=recipient).click()
    expect(page.get_by_role("button", name=f"Send to {recipient} as imiconnect")).to_be_visible()
    settle(page)


def button(page: Page) -> Locator:
    """Find the button that names recipient and sender."""
    return page.get_by_role("button", name=re.compile("^Send to .+ as imiconnect$"))
