"""The window's two addresses over a real socket: whom they open for, what they lead to, and what they never keep."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware

from services import desk as desks
from services import headers
from services.connecting import attempts, routes
from services.desk import Desk
from services.front import COOKIE
from services.sandbox import Sandbox
from tests.served import Client, served
from tests.services.connecting.connecting import INGRID, begun, change, consented, forgotten, heard, now, shared, starts

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"


@pytest.fixture(scope="module")
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    yield from shared()


@pytest.fixture(autouse=True)
def _fresh(vendors: Sandbox) -> None:
    forgotten(vendors)


@pytest.fixture
def office(desk: Desk, vendors: Sandbox) -> Desk:
    """The process's own desk, as the routes use it."""
    del vendors
    return desk


@pytest.fixture
def client(office: Desk, cookie: Callable[[str], str]) -> Iterator[Client]:
    assert desks.current() is office
    door = Middleware(headers.SecurityHeaders, index=INDEX, public_url=lambda: office.settings.public_url)
    with served(Starlette(routes=routes.routes(), middleware=[door])) as opened:
        opened.cookies.set(COOKIE, cookie("ingrid"))
        yield opened


def _go(client: Client, key: str, **told: str) -> tuple[int, str, dict[str, str]]:
    answer = client.get(f"{routes.GO}/{key}", headers=told, allow_redirects=False)
    return answer.status_code, answer.text, dict(answer.headers)


def test_the_window_is_sent_on_to_the_consent_page_without_losing_its_opener(
    office: Desk, client: Client, vendors: Sandbox
) -> None:
    attempt = begun(office)
    status, _, told = _go(client, attempt.key, **{"sec-fetch-site": "same-origin"})
    assert (status, urlsplit(told["location"]).path) == (302, "/sandbox/highlevel/consent")
    assert told["cross-origin-opener-policy"] == "unsafe-none"
    assert (told["cache-control"], told["referrer-policy"]) == ("no-store", "same-origin")
    assert _go(client, attempt.key)[2]["location"] == told["location"]
    assert starts(vendors) == 1
    state = parse_qs(urlsplit(told["location"]).query)["state"][0]
    assert heard(office, attempt, consented(vendors, state)).problem == "choose"


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [routes.GO, routes.BACK])
def test_any_method_but_get_is_405_and_asks_nothing(
    office: Desk, client: Client, vendors: Sandbox, method: str, path: str
) -> None:
    attempt = begun(office)
    assert client.request(method, f"{path}/{attempt.key}").status_code == 405
    assert (starts(vendors), now(office, attempt).state) == (0, "started")


@pytest.mark.parametrize(
    "told",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"sec-purpose": "prefetch;prerender"}],
)
def test_another_site_and_a_browser_that_looks_ahead_open_nothing(
    office: Desk, client: Client, vendors: Sandbox, told: dict[str, str]
) -> None:
    attempt = begun(office)
    assert _go(client, attempt.key, **told)[0] == 403
    assert (starts(vendors), now(office, attempt).state) == (0, "started")


def test_whoever_is_not_signed_in_or_is_another_person_opens_nothing(
    office: Desk, client: Client, vendors: Sandbox, cookie: Callable[[str], str]
) -> None:
    attempt = begun(office)
    for value, status in ((None, 401), ("altered", 401), (cookie("marek"), 403), (cookie("ana"), 403)):
        client.cookies.clear()
        if value is not None:
            client.cookies.set(COOKIE, value)
        assert _go(client, attempt.key)[0] == status
        assert client.get(f"{routes.BACK}/{attempt.key}").status_code == status
    assert starts(vendors) == 0


@pytest.mark.parametrize("key", ["x", "x" * 43, "..%2f..%2fetc", "%3Cscript%3E", "a" * 10_000, "%00"])
def test_an_unknown_key_is_told_so(office: Desk, client: Client, key: str) -> None:
    begun(office)
    status, text, _ = _go(client, key)
    assert status == 404
    assert "<script" not in text


def test_what_a_vendor_says_is_text_in_the_window(office: Desk, client: Client, vendors: Sandbox) -> None:
    body = {"statusCode": 400, "message": "<script>alert(1)</script> & more"}
    vendors.faults.plan("highlevel", "start", kind="status", status=400, body=body)
    status, text, _ = _go(client, begun(office).key)
    assert status == 410
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "close this window" in text


def test_an_attempt_that_ended_says_so_and_asks_nothing(office: Desk, client: Client, vendors: Sandbox) -> None:
    attempt = begun(office)
    attempts.cancel(office, INGRID, attempt.key)
    status, text, _ = _go(client, attempt.key)
    assert (status, "was cancelled" in text, starts(vendors)) == (410, True, 0)


def test_a_window_that_comes_while_the_page_is_fetched_waits_and_then_gives_up(
    office: Desk, client: Client, vendors: Sandbox
) -> None:
    attempt = begun(office)
    change(office, attempt, state="waiting")
    status, _, told = _go(client, attempt.key)
    assert (status, told["refresh"]) == (200, "2")
    change(office, attempt, changed_at=attempt.changed_at.replace(year=2020))
    assert _go(client, attempt.key)[0] == 410
    assert (now(office, attempt).problem, starts(vendors)) == ("cut_off", 0)


def test_a_return_where_the_vendor_has_none_says_how_the_attempt_stands(office: Desk, client: Client) -> None:
    attempt = begun(office)
    answer = client.get(f"{routes.BACK}/{attempt.key}?connected=instagram", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 410
    assert now(office, attempt).state == "started"
