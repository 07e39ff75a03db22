"""The field and the phone by themselves: they follow each key, count as Python does, and take no text for more."""

import json
import urllib.request
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import BrowserContext, Locator, Page, expect

from services.messaging.variables import fill
from tests.browser import desk
from tests.browser.conftest import Profile, Server, lent, settle, start
from tests.browser.fields_page import VARIABLES
from tests.browser.test_hostile import CORPUS

pytestmark = pytest.mark.browser
WORDS = "Grüezi {{first_name}}, 👨‍👩‍👧 🇨🇭 é שלום {{odd}} {{nobody}}"
READ = WORDS.replace("{{first_name}}", "Lena").replace("{{odd}}", VARIABLES["odd"])
AT_ONCE = """
() => {
  window.seen = []
  const part = (selector) => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
    .map((host) => host.shadowRoot.querySelector(selector)).find(Boolean)
  const input = part("textarea")
  input.addEventListener("input", () => window.seen.push([input.value, part(".bubble")?.textContent ?? ""]))
}
"""
COUNT = """
(input, texts) => texts.map((text) => {
  input.value = text
  input.dispatchEvent(new Event("input"))
  return input.getRootNode().getElementById("counter").textContent
})
"""
"""Asks for the counter of each text."""
MEASURED = """
phone => {
  const { width, height } = phone.getBoundingClientRect()
  const chat = phone.querySelector(".chat")
  return [width, height, chat.scrollWidth <= chat.clientWidth]
}
"""
"""How large the phone is, and whether its messages fit."""
HARM = "img, iframe, script, a, svg[onload], b b, .katex"
MARKED = ["{{first_name}}", "{{ odd }}", "{{x}}", "é", "👨‍👩‍👧‍👦", "🇨🇭🏳️‍🌈", "\u202e", "\u200b", "\t", "ﷺ", "\U0001d518"]

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"))  # a field knows one kind of new line


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A page with the fields and the phone, and nothing else."""
    running = start(tmp_path_factory.mktemp("fields"), app="tests.browser.fields_app:app")
    yield running
    running.stop()


@pytest.fixture
def context(profile: Profile, server: Server) -> Iterator[BrowserContext]:
    """A browser without a policy; no request may leave for another host."""
    with lent(profile(viewport={"width": 1440, "height": 1000}, bypass_csp=True), server.origin) as opened:
        yield opened


@pytest.fixture
def composing(page: Page, server: Server) -> Page:
    """The page, drawn."""
    page.goto(server.origin)
    page.get_by_role("img", name="Preview of the message").wait_for()
    page.get_by_label("Reply").wait_for()
    settle(page)
    return page


def words(spot: Locator) -> str:
    """Give the words that stand somewhere."""
    return " ".join((spot.text_content() or "").split())


def let_go(server: Server) -> None:
    """Let the server answer what it holds back."""
    urllib.request.urlopen(f"{server.origin}/gate", data=b"", timeout=30).close()


def body(page: Page) -> dict[str, Any]:
    """Give what Python holds now."""
    held: dict[str, Any] = json.loads(page.locator(".st-key-held code").inner_text())
    return held


def test_the_phone_and_the_counter_follow_each_key_and_python_hears_of_it_after_a_pause(composing: Page) -> None:
    text = composing.get_by_label("Text", exact=True)
    composing.evaluate(AT_ONCE)
    text.press_sequentially(WORDS)
    seen = composing.evaluate("window.seen")
    assert seen
    for written, read in seen:  # drawn within the key's own event, so before the next painting
        assert read == fill({"content": written.strip()}, VARIABLES).body["content"]
    size = len(READ.encode())
    expect(composing.get_by_text(f"{size} of 1,000 bytes (Meta) · {len(READ)} characters")).to_be_visible()
    expect(composing.locator(".st-key-held")).to_contain_text("{{first_name}}, 👨‍👩‍👧 🇨🇭")
    desk.becomes(lambda: body(composing)["content"], WORDS)


def test_a_run_of_the_page_takes_neither_the_place_nor_newer_letters_away(composing: Page) -> None:
    title = composing.get_by_label("Title", exact=True)
    title.fill("x" * 79)
    title.press("Home")
    title.press_sequentially("ab", delay=450)  # a run after each letter, the second draws something above
    expect(composing.get_by_text("Something that stands above")).to_be_visible()
    expect(composing.get_by_text("81 of 80 (Meta) · 1 too many")).to_be_visible()
    composing.keyboard.press("Delete")
    composing.keyboard.type("cd")
    expect(title).to_have_value("abcd" + "x" * 78)
    expect(composing.locator(".st-key-held")).to_contain_text("abcd")
    composing.get_by_role("button", name="Put a title").click()
    expect(title).to_have_value("A title of ours")
    expect(composing.locator(".card b")).to_have_text("A title of ours")
    title.press("End")
    composing.keyboard.type("!")
    expect(composing.locator(".st-key-held")).to_contain_text("A title of ours!")


def test_no_key_is_lost_when_the_field_goes_while_somebody_types(composing: Page, server: Server) -> None:
    title, held = composing.get_by_label("Title", exact=True), composing.locator(".st-key-held")
    composing.get_by_role("button", name="Add a card").click()
    title.press_sequentially("Rösti with ")
    let_go(server)
    composing.keyboard.type("an egg on top", delay=60)
    kept = composing.get_by_label("Still typed: Title")
    expect(kept).to_be_focused()
    composing.keyboard.type(", crisp")
    expect(kept).to_have_value("Rösti with an egg on top, crisp")
    expect(title).to_have_value("")
    title.fill("The second")
    expect(kept).to_have_count(0)
    expect(held).to_contain_text(
        '[{"buttons": [{}], "title": "Rösti with an egg on top, crisp"}, {"title": "The second"}]'
    )
    composing.get_by_role("button", name="First card").click()
    expect(title.last).to_have_value("Rösti with an egg on top, crisp")  # the other card goes a moment later
    expect(title).to_have_count(1)

    composing.get_by_role("button", name="Move right").click()
    title.press("End")
    title.press_sequentially("!?")
    let_go(server)
    expect(held).to_contain_text('"template": [{"title": "The second"}, {')
    expect(held).to_contain_text("Rösti with an egg on top, crisp!?")
    expect(title).to_have_value("Rösti with an egg on top, crisp!?")


def test_what_is_typed_is_text_whatever_it_says(composing: Page) -> None:
    hostile = [*CORPUS, "\u202egnp.exe\u200b\u2066", "W" * 10_000, "﷽" * 300]
    spots = {"Text": ".bubble", "Title": ".card b", "Subtitle": ".words span", "Caption": ".button", "Reply": ".reply"}
    for text in hostile:
        shown = " ".join(text.split())
        for label, spot in spots.items():
            composing.get_by_label(label, exact=True).fill(text)
            desk.becomes(partial(words, composing.locator(spot)), shown)
        expect(composing.locator(".phone").locator(HARM)).to_have_count(0)
        desk.becomes(partial(composing.evaluate, "window.__pwned"), None)
        desk.becomes(partial(composing.locator(".phone").evaluate, MEASURED), [340, 700, True], text[:20])
    composing.get_by_label("Reply").blur()
    expect(composing.locator(".st-key-held")).to_contain_text("﷽﷽")
    settle(composing)
    expect(composing.locator(".phone").locator(HARM)).to_have_count(0)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.one_of(st.sampled_from(MARKED), TEXTS)).map("".join), min_size=10, max_size=60))
def test_the_counter_counts_as_python_does(composing: Page, texts: list[str]) -> None:
    said = composing.get_by_label("Text", exact=True).evaluate(COUNT, texts)
    for text, counter in zip(texts, said, strict=True):
        leaves = fill({"content": text}, VARIABLES).body["content"]
        size, characters = len(leaves.encode()), len(leaves)
        assert counter.startswith(f"{size:,} of 1,000 bytes (Meta)")
        assert f" · {characters:,} character" in counter
        assert (" too many" in counter) == (size > 1000)
