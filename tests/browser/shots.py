"""The pictures of the README: `python -m tests.browser.shots` writes docs/images/ from a freshly filled demo."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from services.people import DEMO_PEOPLE
from tests.browser import desk, grid
from tests.browser.conftest import FLAGS, ROOT, Server, chromium, fill_in, settle, start

IMAGES = ROOT / "docs" / "images"
WIDE, PHONE = (1440, 900), (390, 844)
_TRIES = 12
_DRAWN = {
    "signin": "[data-testid=stForm]",
    "today": "[data-testid=stMetric] canvas, [data-testid=stMetric] svg",
    "networks": f"{grid.SHEET} tbody tr",
    "account": "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg",
    "trends": "[data-testid=stDataFrame] canvas",
    "health": f"{grid.SHEET} tbody tr",
    "approvals": f"{grid.SHEET} tbody tr",
    "approvals-plan": f"{grid.SHEET} tbody tr",
    "connect": "[class*=st-key-offer_]",
    "compose": ".st-key-message_card",
    "sent": f"{grid.SHEET} tbody tr",
}
_PATHS = {
    "signin": "/",
    "today": "/",
    "networks": "/networks?sort=Most+followers",
    "account": "/account?id=4-n-1119",
    "trends": "/trends",
    "health": "/health",
    "approvals": "/approvals",
    "approvals-plan": "/approvals",
    "connect": "/connect",
    "compose": "/sent?message=1",
    "sent": "/sent?message=2",
}
_PRESSED = {
    "approvals-plan": (".st-key-pick_all button", ".st-key-bulk_approve button"),
    "compose": (".st-key-message_copy_do button", ".st-key-compose_preview .phone"),
}
"""What is pressed before the picture is taken."""


class Shot(NamedTuple):
    """One picture: which page, in which light, how large."""

    page: str
    light: Literal["light", "dark"]
    size: tuple[int, int] = WIDE

    @property
    def file(self) -> str:
        """Give the picture's file name."""
        return f"{self.page}{'-phone' if self.size == PHONE else ''}-{self.light}.png"


SHOTS = [
    *(Shot(page, light) for page in _PATHS if page != "approvals-plan" for light in ("light", "dark")),
    Shot("approvals-plan", "dark"),
    Shot("today", "light", PHONE),
    Shot("networks", "light", PHONE),
    Shot("account", "dark", PHONE),
]
_FONDUE = {
    "title": "Fondue moitié-moitié",
    "subtitle": "Gruyère and Vacherin, bread from next door",
    "imageUrl": "https://cafe-zuerich.example/fondue.jpg",
    "buttons": [
        {"type": "web_url", "title": "Book a table", "url": "https://cafe-zuerich.example/book"},
        {"type": "postback", "title": "See the menu", "payload": "menu"},
    ],
}
_ROESTI = _FONDUE | {"title": "Rösti", "subtitle": "Crisp, with an egg"}
_REPLIES = [{"type": "TEXT", "title": title, "payload": title} for title in ("Tonight", "Tomorrow", "What's vegan?")]
_MENU = "Grüezi {{first_name}}! Our winter menu is here. Three things we'd cook for you tonight:"
_MESSAGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("read", "Zürich", {"contentType": "TEMPLATE", "content": _MENU, "template": [_FONDUE, _ROESTI]}),
    ("window_closed", "Oslo", {"contentType": "TEXT", "content": "Your table is ready, {{first_name}}."}),
    ("delivered", "Oslo", {"contentType": "TEXT", "content": "See you at 19:30, {{first_name}}?"}),
    ("silent", "Zürich", {"contentType": "STICKER", "type": "like_heart"}),
    ("server_error", "Zürich", {"contentType": "MEDIA", "url": "https://cafe-zuerich.example/garden.png"}),
)
"""What is sent, to which test phone, and how it ends."""


def take(browser: Browser, server: Server, shot: Shot, file: Path, *, role: str = "admin") -> None:
    """Open a page as a person of this role and take its picture once it has stopped changing."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=shot.light, reduced_motion="reduce"
    )
    try:
        page = context.new_page()
        page.goto(server.origin + _PATHS[shot.page])
        if shot.page != "signin":
            person = next(each for each in DEMO_PEOPLE if each.role.value == role)
            fill_in(page, person.username, person.password)
            page.locator(".st-key-account_menu").wait_for(state="attached")
        drawn(page, shot.page)
        for button in _PRESSED.get(shot.page, ()):
            page.locator(button).click()
            settle(page)
        file.write_bytes(still(page))
    finally:
        context.close()


def drawn(page: Page, name: str) -> None:
    """Wait until a page shows its content, then until its script has come to rest."""
    page.locator(_DRAWN[name]).first.wait_for()
    settle(page)
    page.evaluate("document.fonts.ready.then(() => true)")


def still(page: Page) -> bytes:
    """Take pictures until two in a row are the same: grids and charts draw after the script."""
    before = page.screenshot()
    for _ in range(_TRIES):
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        after = page.screenshot()
        if after == before:
            return after
        before = after
    return before


@contextmanager
def opened() -> Iterator[Browser]:
    """Open Chromium for the length of a block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def ask_for_some(server: Server) -> None:
    """Let people request approvals, and one of them be put aside: a queue is more than what a vendor lists."""
    found = _told(server, "connections", "--source", "late", "--status", "accepted", "--limit", "6")
    _told(server, "cases", "rules", "--due-hours", "24", "--as", "ingrid")
    ids, note = [row["id"] for row in found["connections"]], ("--note", "Needed for the spring fair.")
    made = _told(server, "cases", "request", *ids, *note, "--as", "marek")
    numbers = [str(row["id"]) for row in made["cases"]]
    _told(server, "cases", "hold", numbers[-1], "--reason", "The contract is on its way.", "--as", "ingrid")


def send_some(server: Server) -> None:
    """Let a marketer send messages of each kind, some of which end badly."""
    vendors = desk.Vendors(server)
    vendors.hasten()
    for script, phone, body in _MESSAGES:
        vendors.usually(script)
        written = json.dumps(body | {"quickReplies": _REPLIES})
        command = ("send", "-", "--source", "imiconnect", "--to", f"Test phone {phone}", "--as", "marek")
        _told(server, *command, given=written, may_fail=True)
    query = "select count(*) from messages where state in ('read', 'failed', 'delivered')"
    desk.until(lambda: desk.ask(server, query)[0][0] == 3, 60, "the messages have come to their ends")


def _told(server: Server, *command: str, given: str = "", may_fail: bool = False) -> Any:
    """Give what a command says."""
    arguments = [sys.executable, "-m", "services", *command, "--json"]
    done = subprocess.run(
        arguments, cwd=ROOT, env=server.env, check=not may_fail, capture_output=True, input=given.encode()
    )
    return json.loads(done.stdout)


def main(images: Path = IMAGES) -> None:
    """Fill a demo of its own and take every picture."""
    images.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="patchbay-shots-"))
    server = start(folder, PATCHBAY_SYNC_MINUTES="15")
    try:
        desk.wait_filled(server)
        ask_for_some(server)
        send_some(server)
        with opened() as browser:
            for shot in SHOTS:
                take(browser, server, shot, images / shot.file)
                sys.stdout.write(f"{shot.file}\n")
    finally:
        server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
