"""Every door of the server: what stands on its answers, whom it lets in, and what a raw request does not get."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, settle

pytestmark = pytest.mark.browser
DOORS = [
    *(("GET", path) for path in ("/", "/networks", "/nowhere/at/all", "/_stcore/health", "/_stcore/host-config")),
    *(("GET", path) for path in ("/static/nothing.js", "/favicon.png", "/media/nothing", "/component/nothing/x.js")),
    *((method, "/auth/session") for method in ("GET", "POST", "PUT")),
    *((method, "/auth/sign-out") for method in ("GET", "DELETE")),
    *(("GET", f"/sandbox/{path}") for path in ("", "nowhere", "_control/log", "zocial/api/get/networks/")),
    *(("POST", f"/sandbox/{path}") for path in ("zocial/api/get/networks/", "late/api/v1/accounts")),
]
SOURCES = [
    "/pages/networks/networks.py",
    "/pages/shell.py",
    "/app.py",
    "/services/people.py",
    "/.streamlit/config.toml",
]
SECRETS = ["/data/patchbay.db", "/data/secret.key", "/.streamlit/secrets.toml", "/.env", "/.git/HEAD"]
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "b2J2aW91c2x5IGZha2UhIQ==",
}


@contextmanager
def _answer(
    server: Server, method: str, path: str, headers: dict[str, str] | None = None
) -> Iterator[http.client.HTTPResponse]:
    parts = urlsplit(server.origin)
    link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        link.request(method, path, headers=headers or {})
        yield link.getresponse()
    finally:
        link.close()


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_answer_carries_the_headers(server: Server, method: str, path: str) -> None:
    with _answer(server, method, path) as answer:
        told = {name.lower(): value for name, value in answer.getheaders()}
    policy = dict(rule.split(" ", 1) for rule in told["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert "unsafe-inline" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    assert told["x-content-type-options"] == "nosniff"
    assert told["x-frame-options"] == "DENY"
    assert told["referrer-policy"] == "same-origin"
    assert "server" not in told or "streamlit" not in told["server"].lower()


@pytest.mark.parametrize(
    "path", [*SOURCES, *SECRETS, "/..%2fapp.py", "/static/..%2f..%2fapp.py", "/app/static/../shell.py"]
)
def test_a_raw_request_gets_no_file_of_ours(server: Server, path: str) -> None:
    with _answer(server, "GET", path) as answer:
        body = answer.read(2_000_000).decode("utf-8", "replace")
    assert answer.status in {200, 400, 404}
    for ours in ("import streamlit", "SQLite format", "st.navigation", "look-and-learn", "[theme]", "ref: refs/"):
        assert ours not in body


@pytest.mark.parametrize("path", ["/networks", "/health", "/today"])
def test_a_deep_link_without_a_session_shows_the_form_and_nothing_else(page: Page, server: Server, path: str) -> None:
    page.goto(server.origin + path)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    settle(page)
    expect(
        page.locator("[data-testid=stDataFrame], [data-testid=stMetric], [data-testid=stVegaLiteChart]")
    ).to_have_count(0)
    expect(page.locator("[data-testid=stSidebarNav] a")).to_have_count(0)


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1.evil.example", "null"])
def test_a_websocket_of_another_site_is_refused(server: Server, origin: str) -> None:
    with _answer(server, "GET", "/_stcore/stream", UPGRADE | {"Origin": origin}) as answer:
        assert answer.status == 403


def test_our_own_websocket_is_not_refused(server: Server) -> None:
    with _answer(server, "GET", "/_stcore/stream", UPGRADE | {"Origin": server.origin}) as answer:
        assert answer.status == 101


def test_no_other_page_can_frame_us(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        page.set_content(f"<iframe src='{server.origin}/networks'></iframe>")
        page.wait_for_function("() => window.length === 1")
        page.wait_for_load_state("load")
        framed = page.frames[1]
        expect(framed.locator("[data-testid=stApp], input")).to_have_count(0)
        where = framed.url
        assert not where.startswith(server.origin)
    finally:
        context.close()


def test_a_foreign_site_can_not_sign_anybody_in(server: Server) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        with _answer(server, "POST", "/auth/session", {"Content-Type": "application/json", **headers}) as answer:
            assert answer.status == 403
            assert answer.getheader("set-cookie") is None
