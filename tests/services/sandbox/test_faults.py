"""Every planned fault happens over a real socket, once, and one that nobody met fails the test."""

import json
import socket
import time
from urllib.parse import urlsplit

import pytest
import requests

from services.sandbox import Kind, Sandbox, credentials, serve

HEADERS = {"Authorization": f"Bearer {credentials()['zocial']['token']}"}
LATE = {"Authorization": f"Bearer {credentials()['late']['api_key']}"}
NETWORKS = "/sandbox/zocial/api/get/networks/"
REQUEST = (
    f"POST {NETWORKS} HTTP/1.1\r\nHost: x\r\nAuthorization: {HEADERS['Authorization']}\r\nContent-Length: 0\r\n\r\n"
).encode()


def ask(origin: str, *, timeout: float = 5.0, stream: bool = False) -> requests.Response:
    with requests.Session() as session:
        where = origin + NETWORKS
        return session.post(where, headers=HEADERS, timeout=timeout, stream=stream, allow_redirects=False)


def raw_answer(origin: str, *, timeout: float = 5.0) -> bytes:
    """Everything that comes over the wire until the other side closes."""
    port = urlsplit(origin).port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(REQUEST)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


def test_an_unmet_fault_is_named() -> None:
    sandbox = Sandbox()
    sandbox.faults.plan("late", "accounts", kind="hang", times=2)
    with pytest.raises(AssertionError, match="hang at late accounts: 0 of 2"):
        sandbox.faults.assert_all_met()


def test_a_fault_strikes_as_often_as_planned_and_then_lets_go(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="status", times=2, status=503)
    assert [ask(origin).status_code for _ in range(3)] == [503, 503, 200]
    assert [entry.fault for entry in sandbox.log] == ["status", "status", ""]


def test_a_fault_waits_for_its_turn_its_method_and_its_query(
    sandbox: Sandbox, origin: str, http: requests.Session
) -> None:
    sandbox.faults.plan("late", "accounts", kind="status", method="GET", query={"page": "2"}, skip=1, status=500)
    where = origin + "/sandbox/late/api/v1/accounts"
    told = [
        http.get(where, headers=LATE, params={"page": page, "limit": "10"}, timeout=5).status_code
        for page in ("1", "2", "2", "2")
    ]
    assert told == [200, 200, 500, 200]


def test_an_unknown_vendor_or_kind_is_refused_at_once() -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match="No such vendor"):
        sandbox.faults.plan("myspace", "/", kind="hang")
    with pytest.raises(ValueError, match="nonsense"):
        sandbox.faults.plan("late", "/", kind="nonsense")
    with pytest.raises(ValueError, match="No such mutation"):
        sandbox.faults.plan("late", "accounts", kind="bad_field", field="_id", mutation="nonsense")
    with pytest.raises(ValueError, match="needs a function"):
        sandbox.faults.plan("late", "accounts", kind="transform")
    assert sandbox.faults.planned() == []


def test_a_status_carries_its_body_and_headers(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan(
        "zocial", "networks", kind="status", status=429, body={"error": "slow"}, headers={"Retry-After": "30"}
    )
    answer = ask(origin)
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (429, "30", {"error": "slow"})


def test_a_black_hole_never_answers_and_lets_the_server_stop(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="hang")
    with pytest.raises(requests.ReadTimeout):
        ask(origin, timeout=0.3)


def test_a_server_stops_while_a_client_still_hangs() -> None:
    sandbox = Sandbox()
    sandbox.faults.plan("zocial", "networks", kind="hang")
    with socket.socket() as client:
        with serve(sandbox) as origin:
            client.connect(("127.0.0.1", urlsplit(origin).port))
            client.sendall(f"POST {NETWORKS} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
            while not any(fault.met for fault in sandbox.faults.planned()):
                client.settimeout(0.01)
                with pytest.raises(TimeoutError):
                    client.recv(1)
            began = time.monotonic()
        assert time.monotonic() - began < 10


def test_a_slow_answer_comes_late(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="slow", seconds=0.3)
    answer = ask(origin)
    assert answer.elapsed.total_seconds() >= 0.3
    assert answer.status_code == 200


@pytest.mark.parametrize("headers", [False, True])
def test_a_drip_keeps_sending_without_an_end(sandbox: Sandbox, origin: str, *, headers: bool) -> None:
    sandbox.faults.plan("zocial", "networks", kind="drip", interval=0.05, headers=headers)
    port = urlsplit(origin).port
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(REQUEST)
        seen = b"".join(connection.recv(4096) for _ in range(6))
    assert seen.startswith(b"HTTP/1")
    assert (b"\r\n\r\n" in seen) is not headers


def test_a_reset_ends_the_connection_before_an_answer(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="reset")
    with pytest.raises(ConnectionResetError):
        raw_answer(origin)
    assert sandbox.log[-1].status == 0


def test_a_close_ends_the_connection_without_a_word(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="close")
    assert raw_answer(origin) == b""


def test_an_answer_can_be_lost_after_its_effect(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    sandbox.faults.plan("zocial", "disconnect", kind="close", after_effect=True)
    with pytest.raises(requests.ConnectionError):
        http.post(
            origin + "/sandbox/zocial/api/network/disconnect/", data={"network_id": 1001}, headers=HEADERS, timeout=5
        )
    assert ask(origin).json()["networks"][0]["status"] == "disconnected"


def test_a_cut_promises_more_than_it_sends(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="cut", missing=50)
    head, _, body = raw_answer(origin).partition(b"\r\n\r\n")
    promised = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    assert promised == len(body) + 50


def test_a_chunked_answer_can_lack_its_end(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="cut", chunked=True)
    told = raw_answer(origin)
    assert b"transfer-encoding: chunked" in told
    assert not told.endswith(b"0\r\n\r\n")
    sandbox.faults.plan("zocial", "networks", kind="cut", chunked=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(origin)


@pytest.mark.parametrize(
    ("kind", "starts"),
    [
        (Kind.HTML, b"<!DOCTYPE html>"),
        (Kind.NULL, b"null"),
        (Kind.BOM, b"\xef\xbb\xbf{"),
        (Kind.DEEP, b"[[[["),
        (Kind.EMPTY_BODY, b""),
    ],
)
def test_an_answer_of_the_wrong_kind_comes_with_200_and_the_json_type(
    sandbox: Sandbox, origin: str, kind: Kind, starts: bytes
) -> None:
    sandbox.faults.plan("zocial", "networks", kind=kind)
    answer = ask(origin)
    assert answer.content[:15].startswith(starts)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


def test_a_wrong_shape_has_an_object_where_the_list_was(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="wrong_shape")
    assert isinstance(ask(origin).json()["networks"], dict)


def test_a_list_can_be_empty_or_end_in_the_middle(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="empty_list")
    sandbox.faults.plan("zocial", "networks", kind="truncated_json")
    assert ask(origin).json() == {"networks": []}
    with pytest.raises(json.JSONDecodeError):
        json.loads(ask(origin).content)


def test_a_redirect_leads_elsewhere_or_to_itself(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="redirect", to="http://other.example/")
    sandbox.faults.plan("zocial", "networks", kind="redirect", status=307)
    assert ask(origin).headers["location"] == "http://other.example/"
    loop = ask(origin)
    assert (loop.status_code, loop.headers["location"]) == (307, origin + NETWORKS)


def test_a_bomb_is_small_on_the_wire_and_huge_when_decoded(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="bomb", megabytes=20)
    with ask(origin, stream=True) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert len(answer.raw.read(decode_content=False)) < 100_000


def test_a_huge_answer_stops_when_the_reader_leaves(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="huge", megabytes=100)
    with ask(origin, stream=True) as answer:
        read = sum(len(chunk) for chunk, _ in zip(answer.iter_content(1 << 16), range(32), strict=False))
    assert 1 << 20 < read <= 32 << 16
    assert ask(origin).status_code == 200


@pytest.mark.parametrize(
    ("mutation", "raw"),
    [
        ("nan", b": NaN"),
        ("huge_number", b": 1" + b"0" * 5000),
        ("overflow", b": 1e999"),
        ("lone_surrogate", b"caf\\ud800"),
        ("nul", b"a\\u0000b"),
        ("unknown_status", b'"archived"'),
        ("future_date", b"9999-12-31"),
        ("text_number", b'"5,000"'),
        ("duplicate_key", b', "followers": null'),
    ],
)
def test_one_field_of_one_record_can_be_bad(sandbox: Sandbox, origin: str, mutation: str, raw: bytes) -> None:
    sandbox.faults.plan("zocial", "networks", kind="bad_field", field="followers", row=3, mutation=mutation)
    assert raw in ask(origin).content


def test_a_field_can_be_absent_or_take_any_value_in_every_record(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="bad_field", field="id", mutation="absent")
    sandbox.faults.plan("zocial", "networks", kind="bad_field", field="status", row=None, value=7)
    assert "id" not in ask(origin).json()["networks"][0]
    assert {row["status"] for row in ask(origin).json()["networks"]} == {7}


def test_latin_1_is_not_utf_8(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="latin1", field="network_id")
    with pytest.raises(UnicodeDecodeError):
        ask(origin).content.decode("utf-8")


def test_a_test_may_change_the_content_itself(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="transform", change=lambda told: told["networks"][:2])
    assert len(ask(origin).json()) == 2


def test_pages_can_repeat_and_cursors_can_loop(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    def page(number: int) -> dict[str, object]:
        where = origin + "/sandbox/late/api/v1/accounts"
        return http.get(where, headers=LATE, params={"page": str(number), "limit": "10"}, timeout=5).json()

    first, second = page(1), page(2)
    sandbox.faults.plan("late", "accounts", kind="duplicate_page", query={"page": "2"})
    sandbox.faults.plan("late", "accounts", kind="looping_cursor")
    assert page(2)["accounts"] == first["accounts"] != second["accounts"]
    looping = page(3)
    assert looping["accounts"] == first["accounts"]
    assert looping["pagination"]["total"] == 99_999


def test_a_header_can_be_too_big(sandbox: Sandbox, origin: str) -> None:
    sandbox.faults.plan("zocial", "networks", kind="big_header", size=300_000)
    assert len(raw_answer_head(origin)) > 300_000


def raw_answer_head(origin: str) -> bytes:
    """Everything up to the blank line."""
    port = urlsplit(origin).port
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(REQUEST)
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += connection.recv(65536)
    return seen.partition(b"\r\n\r\n")[0]


def test_faults_can_be_planned_and_forgotten_over_http(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    where = origin + "/sandbox/_control/faults"
    planned = http.post(
        where, json={"vendor": "zocial", "target": "networks", "kind": "status", "status": 500}, timeout=5
    )
    assert planned.status_code == 201
    assert ask(origin).status_code == 500
    assert http.get(where, timeout=5).json()[0]["met"] == 1
    assert http.post(where, json={"vendor": "zocial", "target": "/", "kind": "what"}, timeout=5).status_code == 400
    http.delete(where, timeout=5)
    assert sandbox.faults.planned() == []
