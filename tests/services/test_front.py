"""The routes beside the pages, over the same application that is served."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from services import front, front_page, headers, people, sessions
from services.desk import Desk
from services.front import COOKIE
from tests.served import Client, served

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    people.ensure_demo_people(desk)
    door = Middleware(headers.SecurityHeaders, index=INDEX, public_url=lambda: desk.settings.public_url)
    beside = [Route("/fails", lambda _request: PlainTextResponse("no", 500)), WebSocketRoute("/socket", _echo)]
    pages = front_page.routes(INDEX, ["", "networks"])
    app = Starlette(routes=[*front.routes(), *pages, *beside], middleware=[door, Middleware(front.MembersOnly)])
    with served(app) as opened:
        yield opened


@pytest.fixture
def ticket(desk: Desk, client: Client) -> str:
    del client
    return sessions.sign_in(desk, "ana", "any", address="a", agent="b", verify=lambda _password, _hash: True)


def test_a_ticket_becomes_an_http_only_cookie_once(desk: Desk, client: Client, ticket: str) -> None:
    answer = client.post(front.SESSION_PATH, json={"ticket": ticket}, headers={"origin": client.origin})
    assert answer.status_code == 204
    told = answer.headers["set-cookie"].lower()
    assert all(part in told for part in ("httponly", "samesite=lax", "path=/"))
    assert "secure" not in told
    assert sessions.person(desk, answer.cookies[COOKIE]) is not None
    assert client.post(front.SESSION_PATH, json={"ticket": ticket}).status_code == 401


def test_on_https_the_cookie_is_secure_and_the_browser_stays_there(
    settings_of_test: pytest.MonkeyPatch, desk: Desk
) -> None:
    del settings_of_test
    told = headers.security_headers(INDEX, "https://desk.example")
    assert "strict-transport-security" in told
    assert "strict-transport-security" not in headers.security_headers(INDEX, desk.settings.public_url)


@pytest.mark.parametrize("path", [front.SESSION_PATH, front.SIGN_OUT_PATH])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_any_method_but_post_is_405(client: Client, path: str, method: str) -> None:
    assert client.request(method, path).status_code == 405


@pytest.mark.parametrize(
    "told",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_is_refused_and_the_ticket_stays_good(client: Client, ticket: str, told: dict[str, str]) -> None:
    assert client.post(front.SESSION_PATH, json={"ticket": ticket}, headers=told).status_code == 403
    assert client.post(front.SESSION_PATH, json={"ticket": ticket}).status_code == 204


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"ticket=x", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"ticket": 5}', "application/json", 400),
        (b'{"ticket": ""}', "application/json", 400),
        (b'{"ticket": "nobody gave this"}', "application/json", 401),
        (b"[" * 4_000, "application/json", 400),
        (b'{"ticket": "' + b"x" * 5_000 + b'"}', "application/json", 413),
        (b"\xff", "application/json", 400),
    ],
)
def test_a_wrong_body_is_refused_in_words(client: Client, body: bytes, kind: str, status: int) -> None:
    answer = client.post(front.SESSION_PATH, data=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_the_row_and_the_cookie(desk: Desk, client: Client, cookie: Callable[[str], str]) -> None:
    token = cookie("ana")
    client.cookies.set(COOKIE, token)
    answer = client.post(front.SIGN_OUT_PATH, json={})
    assert answer.status_code == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert sessions.person(desk, token) is None


@pytest.mark.parametrize("path", ["/fails", "/nowhere", front.SESSION_PATH])
def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    told = client.get(path).headers
    policy = told["content-security-policy"]
    assert "'unsafe-eval'" not in policy
    assert "script-src 'self' 'wasm-unsafe-eval' blob: 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy
    assert told["x-content-type-options"] == "nosniff"
    assert told["x-frame-options"] == "DENY"
    assert told["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/networks"])
def test_a_page_knows_its_server_by_a_script_that_the_policy_allows(client: Client, path: str) -> None:
    answer = client.get(path)
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert sum("window.__streamlit" in script for script in scripts) == 1
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.index("window.__streamlit") < answer.text.index('type="module"')
    ahead = re.findall(r'src="\./(static/js/[^"]+)"', answer.text)
    assert all((INDEX.parent / part).exists() for part in ahead)
    assert len(ahead) == (1 if path == "/" else 7), "the list's own parts are asked for at once"


def test_a_socket_of_another_site_is_refused(client: Client) -> None:
    address = client.origin.replace("http", "ws") + "/socket"
    with pytest.raises(InvalidStatus, match="403"), connect(address, origin="http://evil.test"):  # type: ignore[arg-type]
        raise AssertionError("the door let it in")
    with connect(address, origin=client.origin) as line:  # type: ignore[arg-type]
        assert line.recv() == "hello"


@pytest.mark.parametrize(
    ("address", "port", "public", "origin"),
    [
        ("", 8501, None, "http://127.0.0.1:8501"),
        ("0.0.0.0", 9000, None, "http://127.0.0.1:9000"),
        ("127.0.0.1", 8501, "http://127.0.0.1:8600", "http://127.0.0.1:8600"),
        ("127.0.0.1", 8501, "http://localhost:8600", "http://127.0.0.1:8600"),
        ("127.0.0.1", 8501, "https://desk.example", "http://127.0.0.1:8501"),
        ("192.0.2.7", 8501, None, "http://192.0.2.7:8501"),
    ],
)
def test_the_own_origin_is_where_this_process_answers(address: str, port: int, public: str | None, origin: str) -> None:
    assert front.serve_at(address, port, public) == origin
    assert front.own_origin() == origin


@pytest.mark.parametrize("body", [{"ticket": "nobody gave this"}, {}, {"ticket": "good"}])
def test_no_answer_about_a_session_is_kept_by_a_cache(client: Client, ticket: str, body: dict[str, str]) -> None:
    given = {"ticket": ticket} if body.get("ticket") == "good" else body
    for path in (front.SESSION_PATH, front.SIGN_OUT_PATH):
        assert client.post(path, json=given).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/media/x.png", "/_stcore/upload_file/session/file"])
def test_files_of_pages_and_uploads_are_for_people_who_are_signed_in(
    client: Client, cookie: Callable[[str], str], path: str
) -> None:
    assert client.get(path).status_code == 403
    client.cookies.set(COOKIE, "altered")
    assert client.put(path).status_code == 403
    client.cookies.set(COOKIE, cookie("ana"))
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("client_at", "told", "allowed"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8501"}, True),
        ("::1", {"host": "localhost:8501"}, True),
        ("192.0.2.7", {"host": "127.0.0.1:8501"}, False),
        ("127.0.0.1", {"host": "evil.test:8501"}, False),
        ("127.0.0.1", {"host": "127.0.0.1:8501", "origin": "http://evil.test"}, False),
        ("127.0.0.1", {"host": "127.0.0.1:8501", "sec-fetch-site": "cross-site"}, False),
    ],
)
def test_only_this_machine_steers_the_sandbox(client_at: str, told: dict[str, str], *, allowed: bool) -> None:
    heads = [(name.encode(), value.encode()) for name, value in told.items()]
    scope = {"type": "http", "client": (client_at, 5), "headers": heads}
    assert front.steers_from_here(scope, "http://localhost:8501") == allowed
