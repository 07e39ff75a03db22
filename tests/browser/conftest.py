"""A running Patchbay and a real Chromium for the journeys."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from services.people import DEMO_PEOPLE
from tests.browser import desk
from tests.browser.demo import Demo

expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong

ROOT = Path(__file__).resolve().parents[2]
NEEDLESS = [  # Chromium's own menus, which cost a quarter of all its work, and what Playwright switches off itself
    *("PreloadTopChromeWebUI", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "AimEnabled", "PreconnectToSearch"),
    *("HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "OptimizationHints", "MediaRouter", "LensOverlay"),
    *("PaintHolding", "DestroyProfileOnBrowserClose", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    "ThirdPartyStoragePartitioning",
]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(NEEDLESS)}",
]
MAIN_LINE = "test_main_line.py"
"""It comes first (tests/conftest.py) and fills a demo anyway: a second one beside it would cost as much again."""
START_SECONDS = 60.0
Profile = Callable[..., BrowserContext]
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
_used: list[int] = []
"""The ports of this process's servers, whether they run or not."""


@dataclass
class Server:
    """One running Patchbay: where it is, with which environment, and how to stop it."""

    origin: str
    env: dict[str, str]
    process: "subprocess.Popen[bytes]"
    log: Path

    def stop(self) -> None:
        """End it, as a person would with Ctrl+C."""
        self.process.terminate()
        self.process.wait(20)


def free_port() -> int:
    """Find a port that nobody listens on, an earlier server's first: what came from there, a browser has compiled."""
    port = next(filter(_free, _used), 0)
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        _used.append(port)
    return port


def _free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def start(folder: Path, *, origin: str = "", app: str = "app:app", **settings: str) -> Server:
    """Start Patchbay (or another app) at an origin or on a free port, with its own database, until it answers."""
    origin = origin or f"http://127.0.0.1:{free_port()}"
    port = urlsplit(origin).port
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PATCHBAY_")}
    ours = {
        "PATCHBAY_DATABASE_URL": f"sqlite:///{folder / 'patchbay.db'}",
        "PATCHBAY_PUBLIC_URL": origin,
        "PATCHBAY_SYNC_MINUTES": "0",
    }
    env = {**plain, **ours, **settings}
    command = [sys.executable, "-m", "uvicorn", app, "--log-level", "warning", "--port", str(port)]
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)
    server = Server(origin, env, process, log)
    _wait_for(server)
    return server


def _wait_for(server: Server) -> None:
    """Wait until it answers; one that does not is stopped, and what it wrote is told."""
    try:
        desk.until(lambda: server.process.poll() is not None or _answers(server), START_SECONDS, "Patchbay starts")
        assert server.process.poll() is None, "Patchbay did not start"
    except AssertionError as failed:
        server.stop()
        raise AssertionError(f"{failed}: {server.log.read_text(errors='replace')[-2000:]}") from failed


def _answers(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.origin}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def chromium() -> str:
    """Find the browser of this machine."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "No Chromium: `apt-get install chromium`"
    return found


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Demo:
    """Give the filled demo that all workers of a run share, or the place where it will be."""
    base = tmp_path_factory.getbasetemp()
    return Demo((base if worker_id == "master" else base.parent) / "filled")


@pytest.fixture(scope="session")
def filled(demo: Demo, request: pytest.FixtureRequest) -> Path:
    """A folder with the database of a demo whose 90 days are there; where the main line runs, it fills it for all."""
    if any(each.path.name == MAIN_LINE for each in request.session.items):
        return demo.copied()
    fresh = demo.fresh()
    if demo.ours:
        running = start(fresh, PATCHBAY_SYNC_MINUTES="1440")
        try:
            demo.share(running)
        finally:
            running.stop()
    return demo.copied()


def begin(filled: Path, folder: Path) -> Server:
    """Start a Patchbay on a copy of the filled demo; it syncs only when somebody presses the button."""
    shutil.copytree(filled, folder, dirs_exist_ok=True)
    return start(folder)


@pytest.fixture(scope="session")
def server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Patchbay in sandbox mode for the journeys that change nothing."""
    running = begin(filled, tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture
def vendors(server: Server) -> Iterator[desk.Vendors]:
    """The pretended vendors of that Patchbay; no fault that a journey plans outlasts it."""
    pretended = desk.Vendors(server)
    yield pretended
    pretended.heal()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[Profile]:
    """Gives the browser profile of some person with some options: `profile("second", viewport=...)`.

    Each lasts, for a page in a fresh one loads and compiles all of Streamlit's scripts anew: a third of a page's work.
    """
    opened: dict[str, BrowserContext] = {}

    def with_options(person: str = "", **options: Any) -> BrowserContext:
        key = json.dumps([person, options], sort_keys=True)
        if key not in opened:
            opened[key] = browser.new_context(**options)
        return opened[key]

    yield with_options
    for each in opened.values():
        each.close()


@contextmanager
def lent(context: BrowserContext, origin: str) -> Iterator[BrowserContext]:
    """Lend a profile to one journey: no request may leave for another host, and no page or memory of it stays."""
    asked: set[str] = set()

    def note(request: Request) -> None:
        asked.add(request.url)

    context.on("request", note)
    try:
        yield context
    finally:
        context.remove_listener("request", note)
        empty(context, origin)
    assert {url for url in asked if url.startswith("http") and not url.startswith(f"{origin}/")} == set()


def empty(context: BrowserContext, origin: str) -> None:
    """Close a profile's pages and let it forget who was signed in and what the pages kept in it."""
    context.clear_cookies()
    if context.pages:
        link = context.new_cdp_session(context.pages[0])
        link.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage,session_storage"})
    for page in context.pages:
        page.close()


@pytest.fixture
def context(profile: Profile, server: Server) -> Iterator[BrowserContext]:
    """A browser that knows nobody."""
    with lent(profile(viewport={"width": 1440, "height": 900}), server.origin) as opened:
        yield opened


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab, nobody signed in."""
    return context.new_page()


@pytest.fixture
def signed_in(page: Page, server: Server) -> Callable[..., Page]:
    """Signs in as a role, on a page of choice: `signed_in("admin", "/health")`."""

    def enter(role: str, path: str = "/") -> Page:
        page.goto(server.origin + path)
        person = next(each for each in DEMO_PEOPLE if each.role.value == role)
        fill_in(page, person.username, person.password)
        page.locator(".st-key-account_menu").wait_for(state="attached")
        settle(page)
        return page

    return enter


@pytest.fixture(scope="session")
def _signed_in_once() -> dict[tuple[Path, str], list[Any]]:
    """Keep the cookies of who is in, by a server's log and the role: journeys that end no session share one."""
    return {}


@pytest.fixture
def inside(
    page: Page,
    server: Server,
    signed_in: Callable[..., Page],
    _signed_in_once: dict[tuple[Path, str], list[Any]],
) -> Callable[..., Page]:
    """Opens a page as a role that has signed in before, which is quicker: `inside("admin", "/health")`."""

    def enter(role: str, path: str = "/") -> Page:
        known = _signed_in_once.get((server.log, role))
        if known is None:
            signed_in(role, path)
            _signed_in_once[server.log, role] = page.context.cookies()
            return page
        page.context.add_cookies(known)
        page.goto(server.origin + path)
        page.locator(".st-key-account_menu").wait_for(state="attached")
        settle(page)
        return page

    return enter


def fill_in(page: Page, username: str, password: str) -> None:
    """Type into the sign-in form and send it."""
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def settle(page: Page) -> None:
    """Wait until the page has drawn what it has to draw."""
    page.locator(SETTLED).wait_for()
