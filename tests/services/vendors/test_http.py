"""The transport against planned faults, over real sockets (FAULTS.md, upstream HTTP)."""

import gc
import gzip
import json
import logging
import pickle
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from email.utils import formatdate

import pytest

from services.vendors import errors
from services.vendors._http import Answer, Http, Mode, Pace, Timing, base_address, web_address
from tests.services.vendors.pretender import Asked, Pretender, answer, bomb, drip, hang, head, raw, reset

QUICK = Timing(connect=0.5, read=0.4, total=0.8, overall=1.6, backoff=0.01, tries=3)
TOKEN = "canary-token-that-must-not-appear"
GOOD = {"networks": []}
JSON_HEAD = {"Content-Type": "application/json"}


def http(url: str, timing: Timing = QUICK, pace: Pace | None = None) -> Http:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return Http(url, vendor="zocial", headers=headers, pace=pace or Pace(1000, 1.0), timing=timing)


def ask(client: Http, mode: Mode = Mode.READ, **options: object) -> Answer:
    call: Callable[..., Answer] = getattr(client, mode.value)
    return call("POST", "/api/get/networks/", action="list the networks", **options)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_made_by_post_is_tried_again_after_a_fault_of_the_vendor(vendor: Pretender, status: int) -> None:
    vendor.will(answer({"detail": "x"}, status), answer(GOOD))
    assert ask(http(vendor.url)).body == GOOD
    assert len(vendor.asked) == 2


def test_a_read_gives_up_after_its_tries(vendor: Pretender) -> None:
    vendor.will(answer(b"<h1>Bad gateway</h1>", 502, kind="text/html"))
    with pytest.raises(errors.VendorDown) as caught:
        ask(http(vendor.url))
    assert caught.value.status == 502
    assert len(vendor.asked) == QUICK.tries


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refused_read_is_asked_once(vendor: Pretender, status: int) -> None:
    vendor.will(answer({"message": ["one", "two"]}, status))
    with pytest.raises(errors.VendorError, match="one; two") as caught:
        ask(http(vendor.url))
    assert len(vendor.asked) == 1
    assert caught.value.kind not in errors.PASSING


@pytest.mark.parametrize("step", [reset(), raw(), raw(head(200, JSON_HEAD | {"Content-Length": "99"}) + b"{}")])
def test_a_broken_connection_is_tried_again_by_a_read_and_unknown_for_a_write(vendor: Pretender, step: object) -> None:
    vendor.will(step, answer(GOOD))
    assert ask(http(vendor.url)).body == GOOD
    vendor.will(step, answer(GOOD))
    with pytest.raises(errors.OutcomeUnknown, match="did not confirm"):
        ask(http(vendor.url), Mode.WRITE)
    assert len(vendor.asked) == 3


def test_a_cut_chunked_body_is_an_error(vendor: Pretender) -> None:
    chunk = b"c\r\n" + b'{"networks":' + b"\r\n"
    vendor.will(raw(head(200, JSON_HEAD | {"Transfer-Encoding": "chunked"}) + chunk))
    with pytest.raises(errors.Unreachable, match=r"cut off|before the answer was complete"):
        ask(http(vendor.url))


def test_a_kept_connection_that_closes_without_an_answer_is_tried_on_a_fresh_one(vendor: Pretender) -> None:
    vendor.will(answer(GOOD), raw(), answer(GOOD))
    client = http(vendor.url)
    assert ask(client).body == GOOD
    assert ask(client).body == GOOD
    assert [asked.connection for asked in vendor.asked] == [1, 1, 2]


SOON = 10.0
"""Seconds: a busy machine is slow, and what is tested here would last twice as long or for ever."""
SLOW = {
    "a black hole": hang(),
    "a dripped header": drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 400),
    "a dripped body": raw(head(200, JSON_HEAD | {"Content-Length": "900"}), *[b" "] * 400, every=0.05),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_answer_ends_at_the_deadline(vendor: Pretender, name: str) -> None:
    vendor.will(SLOW[name])
    begin = time.monotonic()
    with pytest.raises(errors.TimedOut):
        ask(http(vendor.url, Timing(connect=0.5, read=5.0, total=0.5, overall=0.5)))
    assert time.monotonic() - begin < SOON


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_answer_to_a_write_leaves_its_outcome_unknown(vendor: Pretender, name: str) -> None:
    vendor.will(SLOW[name])
    with pytest.raises(errors.OutcomeUnknown):
        ask(http(vendor.url, Timing(read=5.0, total=0.4)), Mode.WRITE)
    assert len(vendor.asked) == 1


def test_retries_end_within_the_overall_time(vendor: Pretender) -> None:
    vendor.will(hang())
    begin = time.monotonic()
    with pytest.raises(errors.TimedOut):
        ask(http(vendor.url, Timing(read=0.3, total=0.3, overall=0.7, backoff=0.01, tries=99)))
    assert time.monotonic() - begin < SOON


def test_a_refused_connection_means_that_nothing_was_sent(vendor: Pretender) -> None:
    url = vendor.url
    vendor.stop()
    for mode in Mode:
        with pytest.raises(errors.Unreachable, match="refused"):
            ask(http(url), mode)


def test_an_unknown_host_is_unreachable_also_for_a_write() -> None:
    client = Http("https://nowhere.invalid", vendor="late", headers={"key": "fake"}, pace=Pace(9, 1), timing=QUICK)
    with pytest.raises(errors.Unreachable):
        ask(client, Mode.WRITE)


@pytest.mark.parametrize("status", [500, 503])
def test_a_fault_of_the_vendor_leaves_a_write_unknown(vendor: Pretender, status: int) -> None:
    vendor.will(answer({"message": "x"}, status))
    with pytest.raises(errors.OutcomeUnknown):
        ask(http(vendor.url), Mode.WRITE)
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("status", [400, 422, 429])
def test_a_refused_write_is_known_to_be_refused(vendor: Pretender, status: int) -> None:
    vendor.will(answer({"message": "no"}, status))
    with pytest.raises(errors.Rejected if status != 429 else errors.RateLimited):
        ask(http(vendor.url), Mode.WRITE)
    assert len(vendor.asked) == 1


def test_retry_after_is_waited_exactly_by_the_whole_source(vendor: Pretender) -> None:
    vendor.will(answer({}, 429, Retry_After="1"), answer(GOOD))
    client = http(vendor.url, Timing(overall=5.0, tries=3))
    begin = time.monotonic()
    assert ask(client).body == GOOD
    assert 1.0 <= time.monotonic() - begin < SOON


def test_a_pause_told_to_one_thread_holds_the_others(vendor: Pretender) -> None:
    vendor.will(answer({}, 429, Retry_After="1"), answer(GOOD))
    client = http(vendor.url, Timing(overall=5.0, tries=3))
    first = threading.Thread(target=ask, args=(client,))
    first.start()
    while not client.pace.paused():
        assert first.is_alive()
    begin = time.monotonic()
    ask(client)
    assert time.monotonic() - begin > 0.2
    first.join()


def test_a_long_wait_is_given_back_at_once(vendor: Pretender) -> None:
    vendor.will(answer({}, 429, Retry_After="86400"))
    client = http(vendor.url)
    for _ in range(2):
        begin = time.monotonic()
        with pytest.raises(errors.WaitTooLong) as caught:
            ask(client)
        assert caught.value.kind == "rate_limited"
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 86000
        assert time.monotonic() - begin < SOON
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("value", ["soon", "-5", formatdate(1_700_000_000, usegmt=True)])
def test_a_useless_retry_after_does_not_hold_the_source(vendor: Pretender, value: str) -> None:
    vendor.will(answer({}, 429, Retry_After=value), answer(GOOD))
    assert ask(http(vendor.url)).body == GOOD


def test_no_call_left_waits_for_the_reset(vendor: Pretender) -> None:
    soon = {"X_RateLimit_Remaining": "0", "X_RateLimit_Limit": "600", "X_RateLimit_Reset": "1"}
    vendor.will(answer(GOOD, **soon), answer(GOOD))
    client = http(vendor.url, Timing(overall=5.0))
    ask(client)
    assert (client.pace.calls_left, client.pace.limit) == (0, 600)
    begin = time.monotonic()
    ask(client)
    assert time.monotonic() - begin > 0.8


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("target", ["http://127.0.0.2:9/", "file:///etc/passwd", "/api/get/networks/"])
def test_no_redirect_is_followed(vendor: Pretender, status: int, target: str) -> None:
    vendor.will(answer({}, status, Location=target), answer(GOOD))
    with pytest.raises(errors.RedirectRefused):
        ask(http(vendor.url))
    assert len(vendor.asked) == 1


def test_a_redirect_with_an_endless_body_is_not_read(vendor: Pretender) -> None:
    vendor.will(raw(head(302, {"Location": "/x", "Content-Length": "9999999"}), *[b"x"] * 400, every=0.05))
    with pytest.raises(errors.RedirectRefused):
        ask(http(vendor.url))


BAD_BODIES = {
    "an HTML page": answer(b"<html>Sign in</html>", kind="text/html"),
    "an HTML page called JSON": answer(b"<html>Sign in</html>"),
    "an empty body": answer(b""),
    "no content": answer(b"", 204, kind=None),
    "a cut text": answer(b'{"networks": ['),
    "deep nesting": answer(b"[" * 100_000 + b"]" * 100_000),
    "JSON without its type": answer(GOOD, kind="text/plain"),
    "no HTTP": raw(b"\x00\x01\x02 nonsense\r\n\r\n"),
    "a header of 300 kB": answer(GOOD, X_Long="a" * 300_000),
    "two hundred headers": answer(GOOD, **{f"X_{i}": "a" for i in range(200)}),
    "a wrong compression": answer(b"not gzip", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_an_answer_that_is_no_json_is_an_error_and_no_list(vendor: Pretender, name: str) -> None:
    vendor.will(BAD_BODIES[name])
    with pytest.raises(errors.UnexpectedAnswer):
        ask(http(vendor.url))
    assert len(vendor.asked) == 1
    with pytest.raises(errors.OutcomeUnknown):
        ask(http(vendor.url), Mode.WRITE)


def test_a_compressed_answer_that_was_cut_off_is_not_called_empty(vendor: Pretender) -> None:
    vendor.will(answer(gzip.compress(json.dumps(GOOD).encode())[:10], Content_Encoding="gzip"))
    with pytest.raises(errors.UnexpectedAnswer, match="cut off"):
        ask(http(vendor.url))


def test_a_compression_bomb_is_refused_in_little_memory(vendor: Pretender) -> None:
    vendor.will(bomb(200))
    tracemalloc.start()
    try:
        with pytest.raises(errors.AnswerTooLarge, match="64 MiB"):
            ask(http(vendor.url, Timing(read=5.0, total=20.0)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 160 * 1024 * 1024


def test_a_byte_order_mark_is_stripped(vendor: Pretender) -> None:
    vendor.will(answer(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()))
    assert ask(http(vendor.url)).body == GOOD


def test_json_types_with_a_suffix_are_believed(vendor: Pretender) -> None:
    vendor.will(answer(GOOD, kind="application/vnd.api+json; charset=utf-8"))
    assert ask(http(vendor.url)).body == GOOD


def test_cookies_are_not_sent_back_and_credentials_only_in_headers(vendor: Pretender) -> None:
    vendor.will(answer(GOOD, Set_Cookie="session=1; Path=/"))
    client = http(vendor.url + "/prefix")
    ask(client, params={"page": "1"})
    ask(client)
    assert "cookie" not in vendor.asked[1].headers
    assert vendor.asked[0].target == "/prefix/api/get/networks/?page=1"
    assert vendor.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_netrc_does_not_replace_our_credentials(
    vendor: Pretender, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123 - tmp_path is typed as an object here
        file.write("machine 127.0.0.1 login someone password other\n")
    monkeypatch.setenv("NETRC", netrc)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    vendor.will(answer(GOOD))
    ask(http(vendor.url))
    assert vendor.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_no_secret_reaches_a_log_an_error_or_a_repr(vendor: Pretender, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.will(answer({"message": f"bad token {TOKEN} \x1b[31m\r\n" + "x" * 999, "code": TOKEN, "field": TOKEN}, 401))
    client = http(vendor.url)
    with pytest.raises(errors.Unauthorised) as caught:
        ask(client, params={"secret": "query-canary"}, secrets=("x" * 20,))
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)} {client!r} {caplog.text}"
    assert TOKEN not in shown
    assert "query-canary" not in shown
    assert "\x1b" not in shown
    assert len(caught.value.reason) <= 300


def test_each_thread_has_its_own_connection(vendor: Pretender) -> None:
    vendor.will(answer(GOOD))
    client = http(vendor.url)
    threads = [threading.Thread(target=ask, args=(client,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {asked.connection for asked in vendor.asked} == {1, 2, 3, 4}
    assert client.pace.requests == 4


def test_a_closed_client_leaves_no_socket_open(vendor: Pretender) -> None:
    vendor.will(answer(GOOD))
    client = http(vendor.url)
    ask(client)
    client.close()
    ask(client)
    del client
    gc.collect()
    assert [asked.connection for asked in vendor.asked] == [1, 2]


def test_a_certificate_that_nobody_signed_is_refused(self_signed: str) -> None:
    for mode in (Mode.READ, Mode.WRITE):
        with pytest.raises(errors.Unreachable, match="certificate"):
            ask(http(self_signed, Timing(total=5.0, tries=1)), mode)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com",
        "ftp://example.com",
        "https://",
        "example.com",
        "https://user:pass@example.com",
        "https://example.com?x=1",
        "https://example.com#x",
        "https://[::1",
        "https://a b.example",
        "https://a..example",
        "https://a.example\\b",
        "",
    ],
)
def test_a_base_url_that_would_leak_or_mislead_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        base_address(address)


@pytest.mark.parametrize("address", ["https://a.example/p/", "http://localhost:8501/sandbox/zocial", "http://[::1]:9"])
def test_a_base_url_keeps_its_prefix(address: str) -> None:
    assert base_address(address) == address.rstrip("/")


@pytest.mark.parametrize("token", ["", "fake\ntoken", "ключ", " padded-fake"])
def test_a_credential_that_no_header_may_carry_is_refused_without_telling_it(token: str) -> None:
    with pytest.raises(ValueError, match="header") as caught:
        Http("https://a.example", vendor="late", headers={"key": token}, pace=Pace(1, 1))
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://getlate.dev/connect", True),
        ("https://www.getlate.dev/x", True),
        ("https://evilgetlate.dev/x", False),
        ("https://getlate.dev@evil.example/", False),
        ("https://getlate.dev\\@evil.example/", False),
        ("http://getlate.dev/x", False),
        ("javascript:alert(1)", False),
        ("//getlate.dev/x", False),
        ("http://127.0.0.1/x", False),
        (None, False),
        (5, False),
    ],
)
def test_a_person_is_sent_to_allowed_hosts_only(url: object, good: bool) -> None:  # noqa: FBT001 - a parameter of a test
    found = web_address(url, hosts=frozenset({"getlate.dev"}), base_url="https://api.example")
    assert (found is not None) is good


def test_a_loopback_address_is_allowed_for_a_loopback_vendor() -> None:
    assert (
        web_address("http://localhost:5/c", hosts=frozenset(), base_url="http://127.0.0.1:5") == "http://localhost:5/c"
    )


def test_a_body_that_ends_with_the_connection_is_no_whole_answer_when_it_was_cut(vendor: Pretender) -> None:
    vendor.will(raw(head(200, JSON_HEAD) + b'{"networks": []}', *[b" "] * 400, every=0.05))
    begin = time.monotonic()
    with pytest.raises(errors.TimedOut):
        ask(http(vendor.url, Timing(read=5.0, total=0.4, overall=0.4)))
    assert time.monotonic() - begin < SOON, "it is cut, not read to its end after 20 s"


def test_a_refusal_that_names_no_field_asks_nobody_to_correct_one() -> None:
    assert "Correct what the vendor names" in errors.Rejected("late", "connect it", "no", field="url").advice
    assert "named no field" in errors.Rejected("late", "connect it", "no").advice


def test_an_error_survives_being_pickled() -> None:
    error = errors.WaitTooLong("late", "list the accounts", "later", status=429, retry_after=90.0)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_a_wait_beyond_a_threads_sleep_is_not_slept_after_a_503(vendor: Pretender) -> None:
    vendor.will(answer({}, 503, Retry_After="61"))
    with pytest.raises(errors.VendorDown) as caught:
        ask(http(vendor.url, Timing(overall=300.0)))
    assert caught.value.retry_after == 61.0


def test_after_a_storm_of_429_the_threads_come_back_one_by_one(vendor: Pretender) -> None:
    begin = time.monotonic()
    arrived: list[float] = []

    def stormy(listening: Pretender, connection: socket.socket, asked: Asked) -> bool:
        now = time.monotonic()
        if now - begin < 0.5:
            return answer({}, 429, Retry_After="1")(listening, connection, asked)
        arrived.append(now)
        return answer(GOOD)(listening, connection, asked)

    vendor.will(stormy)
    client = http(vendor.url, Timing(overall=9.0), Pace(10, 1.0))
    threads = [threading.Thread(target=ask, args=(client,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(arrived) == 4
    assert min(arrived) - begin >= 1.0
    assert max(arrived) - min(arrived) > 0.1  # planned over 0.3 s; the scheduler may blur it
