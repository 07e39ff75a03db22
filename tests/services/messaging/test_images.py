"""Images of the phone: from public hosts over https alone, png and jpeg alone, signed by us, for people signed in."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware

from services import desk as desks
from services import headers, outgoing
from services.desk import Desk
from services.front import COOKIE
from services.messaging import images
from services.outgoing import NotFetched
from tests import migrated, receivers
from tests.served import Client, served

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 64
PUBLIC = "93.184.216.34"
HOST, OTHER, INSIDE = "images.example.com", "cdn.example.com", "inside.example.com"
CONNECT, LOOK_UP = socket.create_connection, socket.getaddrinfo


class Net:
    """The open internet as the tests have it: where names lead, what was connected to, and what is answered."""

    def __init__(self) -> None:
        self.names = {HOST: [PUBLIC], OTHER: ["93.184.216.35"], INSIDE: ["10.0.0.7"]}
        self.looked_up: list[str] = []
        self.connected: list[tuple[str, int]] = []
        self.asked: list[tuple[str, str]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.port = 0

    def will(self, status: int, content: bytes = b"", **told: str) -> None:
        """Answer the next request so."""
        self.answers.append((status, {name.replace("_", "-"): value for name, value in told.items()}, content))

    def look_up(self, host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        """Stand in for getaddrinfo for the names that are known here."""
        if host not in self.names:
            return LOOK_UP(host, port, *rest, **named)
        self.looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in self.names[host]]

    def connect(self, place: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
        """Note who would be connected to, and lead public addresses to the server of the test.

        A pretended vendor of an earlier test may still be telling Patchbay, at localhost, of its messages.
        """
        if place[0] == "localhost":
            return CONNECT(place, *rest, **named)
        self.connected.append(place)
        return CONNECT(("127.0.0.1", self.port), *rest, **named)


@contextmanager
def answering(net: Net, tls: ssl.SSLContext) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            net.asked.append((self.headers["Host"], self.path))
            status, told, content = net.answers.pop(0)
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **told}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Be quiet of clients that hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    net.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    with closing(server.socket):
        yield
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    folder = tmp_path_factory.mktemp("tls")
    return receivers.certified(folder, HOST, OTHER), folder / "cert.pem"


@pytest.fixture
def net(tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    made = Net()
    with answering(made, tls[0]):
        monkeypatch.setenv("SSL_CERT_FILE", str(tls[1]))
        monkeypatch.setattr(outgoing.socket, "getaddrinfo", made.look_up)
        monkeypatch.setattr(outgoing.socket, "create_connection", made.connect)
        monkeypatch.setattr(images, "_kept", images.Kept())
        yield made


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_an_image_is_what_its_bytes_say_and_fetched_once(net: Net, content: bytes, kind: str) -> None:
    net.will(200, content, content_type="text/html")
    found = images.fetched(f"https://{HOST}/ä b.png?q=ü".replace(" ", "%20"))
    assert (found.kind, found.content) == (kind, content)
    assert images.fetched(f"https://{HOST}/ä%20b.png?q=ü") is found
    assert net.asked == [(HOST, "/%C3%A4%20b.png?q=%C3%BC")]
    assert net.connected == [(PUBLIC, 443)]


def test_the_very_address_that_was_judged_is_connected_to(net: Net) -> None:
    net.names[HOST] = ["127.0.0.1", PUBLIC, "169.254.169.254"]
    net.will(200, PNG)
    images.fetched(f"https://{HOST}/a.png")
    assert net.connected == [(PUBLIC, 443)]
    assert net.looked_up == [HOST]


REFUSED = [
    "http://images.example.com/a.png",
    "https://inside.example.com/a.png",
    "https://127.0.0.1/a.png",
    "https://2130706433/a.png",
    "https://0x7f.0.0.1/a.png",
    "https://0177.0.0.1/a.png",
    "https://127.1/a.png",
    "https://[::1]/a.png",
    "https://[::ffff:127.0.0.1]/a.png",
    "https://169.254.169.254/latest/meta-data/",
    "https://127.0.0.1./a.png",
    "https://①②⑦.⓪.⓪.①/a.png",
    "https://\uff11\uff12\uff17。\uff10。\uff10。\uff11/a.png",
    "https://localhost/a.png",
    "https://localhost./a.png",
    "https://images.example.com@127.0.0.1/a.png",
    "https://images.example.com:x/a.png",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:image/png;base64,AA==",
    "//images.example.com/a.png",
]


@pytest.mark.parametrize("url", REFUSED)
def test_no_other_place_is_connected_to(net: Net, url: str) -> None:
    """FAULTS.md 84."""
    with pytest.raises(NotFetched):
        images.fetched(url)
    assert net.connected == []


@pytest.mark.parametrize("url", REFUSED)
def test_nor_after_a_redirect(net: Net, url: str) -> None:
    """FAULTS.md 84: each hop is judged anew (a Location without a scheme keeps https)."""
    net.will(302, location=url.encode().decode("latin-1"))
    if url.startswith("//"):
        net.will(200, PNG)
        assert images.fetched(f"https://{HOST}/a.png").kind == "image/png"
        return
    with pytest.raises(NotFetched):
        images.fetched(f"https://{HOST}/a.png")
    assert net.connected == [(PUBLIC, 443)]


def test_three_redirects_are_followed_and_no_more(net: Net) -> None:
    for _ in range(3):
        net.will(302, location=f"https://{OTHER}/next")
    net.will(200, PNG)
    assert images.fetched(f"https://{HOST}/a.png").content == PNG
    for _ in range(4):
        net.will(302, location="/again")
    with pytest.raises(NotFetched, match="too often"):
        images.fetched(f"https://{HOST}/b.png")


@pytest.mark.parametrize(
    ("status", "content", "told", "words"),
    [
        (200, b"GIF89a" + b"\x00" * 10, {}, "no png"),
        (200, b"RIFF\x00\x00\x00\x00WEBPVP8 ", {}, "no png"),
        (200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"content_type": "image/png"}, "no png"),
        (200, b"<html>", {"content_type": "image/png"}, "no png"),
        (200, b"", {}, "no png"),
        (404, PNG, {}, "HTTP 404"),
        (302, b"", {}, "HTTP 302"),
        (200, PNG, {"content_length": str(9 * 1024 * 1024)}, "larger than 8 MB"),
        (200, PNG + b"\x00" * images.LARGEST, {}, "larger than 8 MB"),
        (200, PNG, {"content_length": "100"}, "broke off"),
    ],
)
def test_what_is_no_image_is_not_shown(net: Net, status: int, content: bytes, told: dict[str, str], words: str) -> None:
    net.will(status, content, **told)
    with pytest.raises(NotFetched, match=words):
        images.fetched(f"https://{HOST}/a.png")


def test_a_host_with_another_certificate_is_not_believed(net: Net) -> None:
    net.names["wrong.example.com"] = [PUBLIC]
    with pytest.raises(NotFetched, match="certificate"):
        images.fetched("https://wrong.example.com/a.png")


def test_a_host_that_never_answers_is_given_up_in_time(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LONGEST", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        net.port = silent.getsockname()[1]
        with pytest.raises(NotFetched, match="in time"):
            images.fetched(f"https://{HOST}/a.png")


def test_few_bytes_are_kept_and_the_newest() -> None:
    kept, large = images.Kept(), images.Image("image/png", b"x" * images.LARGEST)
    for name in "abcdef":
        kept.put(name, large)
    assert [name for name in "abcdef" if kept.get(name)] == list("cdef")


def test_only_a_public_https_address_is_given_one_of_ours(settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
    migrated.put(tmp_path / "patchbay.db")
    desk = desks.current()
    with closing(desk.store):
        assert images.address(desk, f"https://{HOST}/a.png")
        assert [url for url in REFUSED if images.address(desk, url)] == ["https://inside.example.com/a.png"]
        assert images.address(desk, f"https://{HOST}/{'x' * 2000}") is None


def test_with_demo_data_nothing_is_fetched(desk: Desk) -> None:
    assert images.address(desk, f"https://{HOST}/a.png") is None


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    door = Middleware(headers.SecurityHeaders, index=INDEX, public_url=lambda: desk.settings.public_url)
    with served(Starlette(routes=images.routes(), middleware=[door])) as opened:
        yield opened


def test_the_route_shows_a_signed_image_to_whoever_is_signed_in(
    desk: Desk, net: Net, client: Client, cookie: Callable[[str], str]
) -> None:
    place = images.signed(desk, f"https://{HOST}/a.png")
    assert client.get(place).status_code == 401
    client.cookies[COOKIE] = cookie("ana")
    assert net.asked == []
    net.will(200, JPEG, content_type="image/png")
    answer = client.get(place)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, JPEG, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert client.get(place, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post(place).status_code == 405


def test_the_route_is_no_open_proxy(desk: Desk, net: Net, client: Client, cookie: Callable[[str], str]) -> None:
    client.cookies[COOKIE] = cookie("ana")
    good, other = images.signed(desk, f"https://{HOST}/a.png"), images.signed(desk, f"https://{OTHER}/a.png")
    for place in (images.PATH, good.replace("images", "cdn"), good.replace("a.png", "b.png"), f"{good}x", other[:-1]):
        assert client.get(place).status_code == 403
    for url in (f"https://{INSIDE}/a.png", "http://127.0.0.1/a.png"):
        assert client.get(images.signed(desk, url)).status_code == 404
    assert net.connected == []


def test_an_address_ends_and_a_page_drawn_anew_has_another(
    desk: Desk, net: Net, client: Client, cookie: Callable[[str], str]
) -> None:
    client.cookies[COOKIE] = cookie("ana")
    url, at = f"https://{HOST}/a.png", time.time()
    old, last, fresh = (images.signed(desk, url, at=at - images.LASTS + since) for since in (-3_601, 0, images.LASTS))
    refused = client.get(old)
    assert (refused.status_code, "Draw the page anew" in refused.text) == (410, True)
    prolonged = re.sub(r"until=\d+", f"until={int(at) + 60}", old)
    assert client.get(prolonged).status_code == 403, "its end is signed, too"
    assert net.connected == []
    net.will(200, PNG)
    assert [client.get(place).status_code for place in (last, fresh)] == [200, 200]
    assert len({old, last, fresh}) == 3
    assert images.signed(desk, url, at=36_000) == images.signed(desk, url, at=36_000 + 3_599)
