"""Names that try to do harm, on every page: they are text. The policy is off here, so that it saves nothing."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from data.models import Draft, MessageTemplate
from data.store import Store, now
from services.sandbox import credentials
from tests import messages_seed
from tests.browser import desk, grid
from tests.browser.conftest import Profile, Server, begin, lent, settle
from tests.served import Client
from tests.services.webhooks import telling

pytestmark = pytest.mark.browser
BEACON = "http://127.0.0.1:9/beacon"
SCRIPT = "window.__pwned = 1"
CORPUS = [
    f"<img src=x onerror='{SCRIPT}'>",
    f"<svg onload='{SCRIPT}'>",
    f"</script><script>{SCRIPT}</script>",
    f'<iframe srcdoc="<script>parent.{SCRIPT}</script>"></iframe>',
    f"![x]({BEACON}.png)",
    f"[click]({BEACON})",
    f"<{BEACON}>",
    f"{BEACON}/bare",
    "javascript:alert(1)",
    ":material/delete: :red[red] :smile:",
    "$\\LaTeX$ `code` **bold** ~~gone~~",
    "| a | b |\n|---|---|\n# head",
    "\u202eright to left\u202c \x1b[31m",
    '=HYPERLINK("http://127.0.0.1:9/sheet","open")',
    "%' OR '1'='1",
]
TITLES = ("Patchbay", "Networks", "Health", "Today", "Account", "Webhooks", "Compose", "Sent", "Recipients")
PAGES = "/api/get/social-pages/"


@pytest.fixture(scope="module")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay whose vendor says what it should not."""
    running = begin(filled, tmp_path_factory.mktemp("hostile"))
    yield running
    running.stop()


@pytest.fixture
def context(profile: Profile, server: Server) -> Iterator[BrowserContext]:
    """A browser that obeys no policy, and tells of every request to another host and of every dialog."""
    dialogs: list[str] = []

    def close(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    with lent(profile(viewport={"width": 1440, "height": 900}, bypass_csp=True), server.origin) as opened:
        opened.on("dialog", close)
        yield opened
        opened.remove_listener("dialog", close)
    assert dialogs == []


def _their_pages(server: Server) -> list[dict[str, Any]]:
    token = credentials()["zocial"]["token"]
    request = urllib.request.Request(
        f"{server.origin}/sandbox/zocial{PAGES}", b"", {"Authorization": f"Bearer {token}"}, method="POST"
    )
    request.add_header("content-type", "application/x-www-form-urlencoded")
    with urllib.request.urlopen(request, timeout=10) as answer:
        rows: list[dict[str, Any]] = json.load(answer)["pages"]
    return rows


def _unharmed(page: Page) -> None:
    desk.becomes(lambda: page.evaluate("window.__pwned"), None)
    expect(page).to_have_title(re.compile(f"^({'|'.join(TITLES)})$"))
    for harm in ("iframe[srcdoc]", "img[src='x']", f"a[href*='{BEACON}']", "a[href^='javascript']", ".katex"):
        expect(page.locator(f"[data-testid=stApp] {harm}")).to_have_count(0)


def test_hostile_names_are_text_on_every_page(
    inside: Callable[..., Page], server: Server, vendors: desk.Vendors
) -> None:
    rows = _their_pages(server)
    assert len(rows) >= len(CORPUS)
    for row, text in zip(rows, CORPUS, strict=False):
        row |= {"page_name": text, "category": text[:60], "status": "rejected"}
    rows[-1]["status"] = CORPUS[0]
    vendors.plan("zocial", "pages", kind="status", status=200, body={"pages": rows})
    vendors.plan("late", "accounts", kind="status", status=400, body={"error": CORPUS[0] + CORPUS[4] + CORPUS[9]})
    page = inside("admin", "/health")
    page.get_by_role("button", name="Sync all").click()
    query = "select count(*) from sync_runs where trigger = 'hand' and state != 'running'"
    desk.until(lambda: desk.ask(server, query)[0][0] >= 4, 30, "the syncs have ended")
    expect(page.locator(".st-key-running")).to_have_count(0)
    desk.becomes(vendors.unmet, [])
    expect(page.locator(".st-key-source_late")).to_contain_text("<img src=x onerror=")
    expect(page.get_by_text("sends a new value in")).to_have_count(2)
    _unharmed(page)
    page.goto(f"{server.origin}/")
    expect(page.get_by_text("Needs attention")).to_be_visible()
    settle(page)
    _unharmed(page)
    page.goto(f"{server.origin}/networks")
    for text in CORPUS:
        _search_for(page, text)


def test_a_hostile_webhook_appears_by_itself_and_is_text(inside: Callable[..., Page], server: Server) -> None:
    page = inside("admin", "/webhooks")
    expect(page.get_by_text("No vendor has told anything yet.")).to_be_visible()
    account = {"accountId": CORPUS[4], "platform": CORPUS[0], "username": CORPUS[2]}
    with Client(server.origin) as late:
        assert telling.post(late, telling.told("account.connected", account=account)).status_code == 200
        assert telling.post(late, telling.told(CORPUS[9] + CORPUS[5], reason=CORPUS)).status_code == 200
        assert telling.post(late, telling.told(), secret="forged").status_code == 401
    for state in ("Done", "Ignored"):
        expect(page.locator(grid.SHEET).first).to_contain_text(state)
    expect(page.locator(grid.SHEET).nth(1)).to_contain_text("wrong signature")
    _unharmed(page)
    for number, _ in desk.ask(server, "select id, event from inbox"):
        page.goto(f"{server.origin}/webhooks?webhook={number}")
        page.locator(".st-key-webhook_card").get_by_text("What it said").click()
        expect(page.locator(".st-key-webhook_card code").first).to_contain_text("timestamp")
        settle(page)
        _unharmed(page)


def _search_for(page: Page, text: str) -> None:
    shown = " ".join(text.split())

    def found(names: list[str]) -> bool:
        return 0 < len(names) < 5 and any(_letters(shown)[:30] in _letters(name) for name in names)

    _type(page, text.splitlines()[0][:40])
    grid.until_names(page, found, shown)
    settle(page)
    _unharmed(page)


def _type(page: Page, text: str) -> None:
    page.get_by_label("Search by name or handle").fill(text)
    page.get_by_label("Search by name or handle").press("Enter")


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isprintable() and not sign.isspace())


def test_hostile_words_are_text_on_the_page_of_each_account(inside: Callable[..., Page], server: Server) -> None:
    ids = desk.ask(server, "select id from connections where kind = 'page' order by number limit ?", [len(CORPUS)])
    page = inside("admin", "/networks")
    for (each,), text in zip(ids, CORPUS, strict=True):
        page.goto(f"{server.origin}/account?id={each}")
        expect(page.locator(".st-key-witnesses")).to_contain_text("Category")
        desk.until(partial(_is_called, page, text), desk.PATIENCE, text)
        settle(page)
        _unharmed(page)


def _is_called(page: Page, text: str) -> bool:
    shown = page.locator(".st-key-account_head h2").inner_text()
    return _letters(" ".join(text.split()))[:30] in _letters(shown)


def test_nothing_matches_and_the_words_of_the_search_are_still_text(inside: Callable[..., Page]) -> None:
    page = inside("analyst", "/networks")
    for number, text in enumerate(CORPUS[:11]):
        _type(page, f"{text} nowhere{number}")
        expect(page.locator(".st-key-empty")).to_contain_text(f"nowhere{number}")
        settle(page)
        _unharmed(page)


def _their_message(server: Server) -> int:
    """Keep recipients, a draft, a template and a message that say what they should not; gives the message's number."""
    store, every = Store.at(server.env["PATCHBAY_DATABASE_URL"]), "\n".join(CORPUS)
    card = {"title": every, "subtitle": every, "imageUrl": every, "buttons": [{"type": every, "title": every}]}
    body = {"contentType": "TEMPLATE", "content": every, "template": [card], "callbackData": every}
    body |= {"quickReplies": [{"type": every, "title": text, "payload": every} for text in CORPUS[:5]]}
    mine = {"owner": "marketer", "saved_by": every, "created_at": now(), "saved_at": now(), "body": body}
    people = [
        messages_seed.recipient(store, text, variables={"first_name": text}, consent=text, created_by=text)
        for text in CORPUS
    ]
    with store.writing() as session:
        session.add(Draft(id="ffff0000", press="of ffff0000", recipient_id=people[0], source_id=_app(server), **mine))
        named = {"name": every, "name_key": every, "created_by": every}
        session.add(
            MessageTemplate(**named, **{name: mine[name] for name in ("saved_by", "created_at", "saved_at", "body")})
        )
    told = {"recipient": every, "payload": body, "reason": every, "advice": every, "person": every, "transid": every}
    number = messages_seed.message(store, (_app(server), people[0]), 1, "failed", code=every, **told)
    messages_seed.event(store, number, "failed", by=every, words=every, raw=json.dumps(CORPUS))
    store.close()
    return number


def _last(server: Server, table: str) -> int:
    return int(desk.ask(server, f"select max(id) from {table}")[0][0])


def _app(server: Server) -> int:
    return int(desk.ask(server, "select id from sources where vendor = 'imiconnect'")[0][0])


def test_hostile_messages_recipients_and_drafts_are_text(inside: Callable[..., Page], server: Server) -> None:
    number = _their_message(server)
    page = inside("admin", "/recipients")
    for address, shown in (
        (f"/recipients?recipient={_last(server, 'recipients')}", ".st-key-recipient_card"),
        (f"/sent?message={number}", ".st-key-message_card"),
        ("/compose", ".st-key-compose_templates"),
        ("/compose?draft=ffff0000", ".st-key-compose_preview"),
    ):
        page.goto(f"{server.origin}{address}")
        expect(page.locator(shown)).to_be_visible()
        settle(page)
        _unharmed(page)
