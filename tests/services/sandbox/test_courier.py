"""The courier: what is delivered, what is tried again, and what is never delivered."""

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from services.sandbox.courier import Courier, Parcel, is_loopback

Told = queue.Queue[bytes]


@pytest.fixture
def courier() -> Iterator[Courier]:
    made = Courier()
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[tuple[str, Told, list[int]]]:
    told: Told = queue.Queue()
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.end_headers()
            told.put(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook?a=b", told, statuses
        server.shutdown()
        thread.join()


def test_parcels_arrive_in_the_order_they_are_due(courier: Courier, receiver: tuple[str, Told, list[int]]) -> None:
    url, told, _ = receiver
    courier.post(Parcel(url, b"second", {}), after=0.1)
    courier.post(Parcel(url, b"first", {}), after=0.0)
    assert [told.get(timeout=5), told.get(timeout=5)] == [b"first", b"second"]


def test_a_failure_is_tried_again_until_it_is_accepted(courier: Courier, receiver: tuple[str, Told, list[int]]) -> None:
    url, told, statuses = receiver
    statuses += [500, 503]
    courier.post(Parcel(url, b"again", {}, retries=(0.01, 0.01, 0.01)))
    assert [told.get(timeout=5) for _ in range(3)] == [b"again"] * 3
    courier.post(Parcel(url, b"next", {}))
    assert told.get(timeout=5) == b"next"


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://127.0.0.1:1/", "http://localhost:x/"])
def test_an_address_where_nobody_answers_harms_nothing(
    courier: Courier, receiver: tuple[str, Told, list[int]], url: str
) -> None:
    courier.post(Parcel(url, b"lost", {}))
    good, told, _ = receiver
    courier.post(Parcel(good, b"found", {}), after=0.05)
    assert told.get(timeout=5) == b"found"


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "http://my.website.com/", "http://[bad", "ftp://localhost/", ""])
def test_only_plain_http_on_this_machine_is_delivered_to(url: str) -> None:
    assert not is_loopback(url)
