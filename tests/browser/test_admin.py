"""The admins' room in a real browser: a person is added and changes the password; a secret is renewed and tested."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.sandbox import Sandbox, credentials, serve
from tests.browser import grid
from tests.browser.conftest import ROOT, Profile, Server, begin, empty, fill_in, settle, start

pytestmark = pytest.mark.browser

FIRST, SECOND = "canary of a first password", "canary of a second password"
CANARY = "sk_fake_canary_c0de"

Tab = Callable[[], Page]


@pytest.fixture
def server(filled: Path, tmp_path: Path) -> Iterator[Server]:
    """A demo of one's own: these journeys change who may sign in."""
    running = begin(filled, tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """Where a pretended Zocial answers that is taken for a real one."""
    with serve(Sandbox(rate_limits=False)) as origin:
        yield f"{origin}/sandbox/zocial"


@pytest.fixture
def real(tmp_path: Path, place: str) -> Iterator[Server]:
    """A Patchbay for real data with one admin and one source, whose secret is wrong."""
    running = start(tmp_path, PATCHBAY_SANDBOX="false")
    command(running, FIRST, "users", "add", "ingrid", "--role", "admin", "--name", "Ingrid")
    told = ("--vendor", "zocial", "--base-url", place)
    command(running, f"token={CANARY}", "sources", "add", "zocial-emea", *told)
    yield running
    running.stop()


@pytest.fixture
def tab(profile: Profile) -> Iterator[Tab]:
    """Opens tabs of browsers that know nothing of each other."""
    opened: list[Page] = []

    def open_tab() -> Page:
        person = f"person {len(opened)}" if opened else ""
        opened.append(profile(person, viewport={"width": 1440, "height": 900}).new_page())
        return opened[-1]

    yield open_tab
    for page in opened:
        empty(page.context, str(page.evaluate("location.origin")))


def command(server: Server, stdin: str, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "services", *arguments],
        cwd=ROOT,
        env=server.env,
        input=stdin.encode(),
        check=True,
        capture_output=True,
    )


def enter(page: Page, server: Server, path: str, username: str, password: str) -> None:
    page.goto(server.origin + path)
    fill_in(page, username, password)
    page.locator(".st-key-account_menu").wait_for(state="attached")
    settle(page)


def kept(server: Server) -> bytes:
    """All that the server wrote: its database, its log, and what lies beside them."""
    return b"".join(path.read_bytes() for path in server.log.parent.iterdir() if path.is_file())


def test_an_added_person_signs_in_and_changes_the_password(server: Server, tab: Tab) -> None:
    admin, person, beside = tab(), tab(), tab()
    enter(admin, server, "/people", "ingrid", "all-the-keys")
    admin.get_by_role("button", name="Add a person").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("User name").fill("ines.moreau")
    dialog.get_by_label("First password", exact=True).fill(FIRST)
    dialog.get_by_label("First password again").fill(FIRST)
    dialog.get_by_role("button", name="Add the person").click()
    expect(admin.get_by_text("ines.moreau may now sign in as analyst.")).to_be_visible()
    expect(dialog).to_have_count(0)

    enter(beside, server, "/", "ines.moreau", FIRST)
    enter(person, server, "/", "ines.moreau", FIRST)
    person.locator(".st-key-account_menu button").click()
    person.get_by_text("My account").click()
    expect(person.get_by_role("heading", name="My account")).to_be_visible()
    expect(person.get_by_text("2 sessions")).to_be_visible()
    person.get_by_label("Old password").fill(FIRST)
    person.get_by_label("New password", exact=True).fill(SECOND)
    person.get_by_label("New password again").fill(SECOND)
    person.get_by_role("button", name="Change the password").click()
    expect(person.get_by_text("1 session", exact=True)).to_be_visible()
    expect(person.get_by_label("Old password")).to_have_value("")

    beside.reload()
    expect(beside.get_by_role("button", name="Sign in")).to_be_visible()
    fill_in(beside, "ines.moreau", FIRST)
    expect(beside.get_by_text("The user name or the password is wrong.")).to_be_visible()
    enter(beside, server, "/people", "ines.moreau", SECOND)
    expect(beside.get_by_text("may not manage people")).to_be_visible()
    expect(beside.get_by_text("Ask a person with the role admin")).to_be_visible()
    for secret in (FIRST, SECOND):
        assert secret.encode() not in kept(server)


def test_a_renewed_secret_is_tested_and_the_old_one_is_nowhere(real: Server, tab: Tab) -> None:
    page, token = tab(), credentials()["zocial"]["token"]
    enter(page, real, "/sources?source=zocial-emea", "ingrid", FIRST)
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("It does not answer as it should.")).to_be_visible()
    shown = page.content()
    page.get_by_role("button", name="New secret").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Token")).to_have_attribute("type", "password")
    dialog.get_by_label("Token").fill(token)
    dialog.get_by_role("button", name="Replace the secrets").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("It answers and takes the credential")).to_be_visible()
    shown += page.content()
    page.goto(f"{real.origin}/audit?action=source")
    expect(page.get_by_text("2 rows")).to_be_visible()
    shown += page.content()
    for secret in (CANARY, token):
        assert secret not in shown
        assert secret.encode() not in kept(real)


def test_an_analyst_is_told_whom_to_ask_and_sees_nothing(server: Server, tab: Tab) -> None:
    page = tab()
    enter(page, server, "/me", "ana", "look-and-learn")
    for path in ("people", "sources", "audit"):
        page.goto(f"{server.origin}/{path}")
        expect(page.get_by_text("Ask a person with the role admin")).to_be_visible()
        expect(page.locator(grid.SHEET)).to_have_count(0)
        expect(page.get_by_role("link", name=path.capitalize(), exact=True)).to_have_count(0)
    answer = page.request.get(f"{server.origin}/export/audit.csv")
    assert (answer.status, "content-disposition" in answer.headers) == (403, False)
