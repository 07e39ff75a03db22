"""A window of a real Chromium that tells how long something took until it was painted."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

SCRIPT = Path(__file__).with_name("painting.js").read_text(encoding="utf-8")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
FIRST_ROW = "() => painting.first() !== null"
"""A grid shows its first row."""
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
NO_SCRIPT = "body:not(:has([data-testid=stApp]))"
WIDE, LONGEST = (1440, 900), 60_000


class Window:
    """One window with a warm cache on one server; `shows` is the condition that its page is there."""

    def __init__(self, browser: Browser, origin: str, shows: str, cookie: str | None = None) -> None:
        width, height = WIDE
        self.context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        self.context.set_default_timeout(LONGEST)
        if cookie:
            name, value = cookie.split("=", 1)
            self.context.add_cookies([{"name": name, "value": value, "url": origin}])
        self.context.add_init_script(f"{SCRIPT}\npainting.until({shows}, 0);")
        self.page: Page = self.context.new_page()
        self.origin = origin

    def open(self, path: str = "/") -> float:
        """Give the milliseconds from asking for a page until it is painted."""
        self.page.goto(self.origin + path, wait_until="commit")
        return float(self._done()["milliseconds"])

    def row(self, do: Callable[[], None]) -> tuple[float, str | None]:
        """Give the milliseconds from the first click or key of `do` until another first row or none, and that row."""
        self.page.evaluate("painting.row()")
        do()
        told = self._done()
        return float(told["milliseconds"]), told["row"]

    def text(self, do: Callable[[], None], selector: str) -> float:
        """Give the milliseconds from the first click or key of `do` until the text of an element is another."""
        self.page.evaluate(f"painting.text({json.dumps(selector)})")
        do()
        return float(self._done()["milliseconds"])

    def first(self) -> str | None:
        """Give the first row of the grid as it is painted now."""
        found: str | None = self.page.evaluate("painting.first()")
        return found

    def rest(self) -> None:
        """Wait until the script rests, if the page has one, and the browser has nothing left to do."""
        self.page.locator(SETTLED).or_(self.page.locator(NO_SCRIPT)).first.wait_for(state="attached")
        self.page.evaluate("new Promise(done => requestIdleCallback(done, { timeout: 1000 }))")

    def close(self) -> None:
        """Close it."""
        self.context.close()

    def _done(self) -> dict[str, Any]:
        """Wait for the painting. Raises TimeoutError."""
        late = "new Promise(late => setTimeout(late, limit, null))"
        told: dict[str, Any] | None = self.page.evaluate(f"limit => Promise.race([painting.done, {late}])", LONGEST)
        if told is None:
            raise TimeoutError(f"nothing was painted within {LONGEST / 1000:.0f} s")
        return told


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open the browser for the length of a block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
