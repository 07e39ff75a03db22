"""The pretended Late against the examples of late.txt and the public contract."""

import hashlib
import hmac
import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from services.sandbox import Sandbox, credentials, serve

ACCESS = credentials()["late"]
HEADERS = {"Authorization": f"Bearer {ACCESS['api_key']}"}
PROFILE = "69568fa185cefc061f3f7a32"
Letters = queue.Queue[tuple[dict[str, str], bytes]]


@pytest.fixture
def base(origin: str) -> str:
    return origin + "/sandbox/late"


@pytest.fixture
def mailbox() -> Iterator[tuple[str, Letters]]:
    letters: Letters = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            letters.put((dict(self.headers), self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", letters
        server.shutdown()
        thread.join()


def get(where: str, http: requests.Session, **params: str) -> requests.Response:
    return http.get(where, params=params, headers=HEADERS, timeout=5)


def test_the_document_connects_by_post(base: str, http: requests.Session) -> None:
    """Lines 1 to 10 and 25 to 42: platform and profile_id in raw JSON, connect_url comes back."""
    body = {"platform": "instagram", "profile_id": PROFILE}
    answer = http.post(base + "/api/v1/social-accounts/connect", json=body, headers=HEADERS, timeout=5)
    assert list(answer.json()) == ["connect_url"]
    url = urlsplit(answer.json()["connect_url"])
    assert (url.path.endswith("/instagram"), list(parse_qs(url.query))) == (True, ["token"])


def test_the_profile_is_optional_and_the_body_is_json(base: str, http: requests.Session) -> None:
    """Lines 22 and 27."""
    where = base + "/api/v1/social-accounts/connect"
    assert http.post(where, json={"platform": "instagram"}, headers=HEADERS, timeout=5).status_code == 200
    assert http.post(where, data={"platform": "instagram"}, headers=HEADERS, timeout=5).status_code == 400
    assert http.post(where, json={"platform": "myspace"}, headers=HEADERS, timeout=5).status_code == 400


def test_the_document_lists_a_profile_as_a_bare_array(base: str, http: requests.Session) -> None:
    """Lines 121 to 138: `data.find` needs an array whose items have platform and username."""
    told = get(f"{base}/api/v1/profiles/{PROFILE}/social-accounts", http).json()
    assert isinstance(told, list)
    assert next(row for row in told if row["platform"] == "instagram")["username"]
    assert get(base + "/api/v1/profiles/other/social-accounts", http).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk_other"}])
def test_a_wrong_key_is_refused(base: str, http: requests.Session, headers: dict[str, str]) -> None:
    """Line 19."""
    answer = http.get(base + "/api/v1/accounts", headers=headers, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["error"]


def test_accounts_come_in_pages_that_need_both_parameters(base: str, http: requests.Session) -> None:
    """The public contract: contracts README, section 2.2."""
    where = base + "/api/v1/accounts"
    whole = get(where, http, profileId=PROFILE).json()
    assert "pagination" not in whole
    paged: list[Any] = []
    for page in range(1, 6):
        paged += get(where, http, profileId=PROFILE, page=str(page), limit="10").json()["accounts"]
    assert paged == whole["accounts"]
    assert get(where, http, page="1").status_code == 400
    assert {"_id", "platform", "profileId", "isActive"} <= set(paged[0])
    assert {type(row["profileId"]) for row in paged} == {str, dict}


def test_health_counts_what_it_lists(base: str, http: requests.Session) -> None:
    """The public contract: contracts README, section 2.2."""
    told = get(base + "/api/v1/accounts/health", http).json()
    summary = told["summary"]
    assert summary["total"] == len(told["accounts"]) == summary["healthy"] + summary["warning"] + summary["error"]
    assert all(row["needsReconnect"] is not row["tokenValid"] for row in told["accounts"])


def test_follower_statistics_need_the_add_on(sandbox: Sandbox, base: str, http: requests.Session) -> None:
    """The public contract: contracts README, section 2.2."""
    where = base + "/api/v1/accounts/follower-stats"
    told = get(where, http, fromDate="2026-01-01", toDate="2026-01-05").json()
    series = max(told["stats"].values(), key=len)
    assert [point["date"] for point in series] == [f"2026-01-0{day}" for day in range(1, 6)]
    sandbox.late.has_analytics = False
    refused = get(where, http)
    sandbox.late.has_analytics = True
    assert (refused.status_code, refused.json()["requiresAddon"]) == (403, True)


def test_connecting_brings_the_browser_back_and_tells_the_webhook(
    base: str, origin: str, http: requests.Session, mailbox: tuple[str, Letters]
) -> None:
    """Line 59, and the public contract's redirect and webhook (contracts README, sections 2.2 and 2.3)."""
    hook, letters = mailbox
    http.post(origin + "/sandbox/_control/late/webhook", json={"url": hook}, timeout=5)
    back = "https://desk.example/back?nonce=1"
    told = get(base + "/api/v1/connect/instagram", http, profileId=PROFILE, redirect_url=back).json()
    assert set(told) == {"authUrl", "state"}
    assert "Approve" in http.get(told["authUrl"], timeout=5).text
    token = parse_qs(urlsplit(told["authUrl"]).query)["token"][0]
    finish = told["authUrl"].partition("?")[0] + "/finish"
    done = http.post(finish, json={"token": token, "approve": True}, timeout=5).json()
    query = parse_qs(urlsplit(done["redirect"]).query)
    assert (query["nonce"], query["connected"], query["profileId"]) == (["1"], ["instagram"], [PROFILE])

    headers, body = letters.get(timeout=5)
    event = json.loads(body)
    signature = hmac.new(ACCESS["webhook_secret"].encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Late-Signature"] == headers["X-Zernio-Signature"] == signature
    assert (event["event"], event["account"]["accountId"]) == ("account.connected", query["accountId"][0])
    assert http.post(finish, json={"token": token, "approve": True}, timeout=5).status_code == 410
    listed = get(base + "/api/v1/accounts", http).json()["accounts"]
    assert query["accountId"][0] in {row["_id"] for row in listed}


def test_connect_needs_a_profile(base: str, http: requests.Session) -> None:
    """The public contract: profileId is required."""
    assert get(base + "/api/v1/connect/instagram", http).status_code == 400
    assert get(base + "/api/v1/connect/instagram", http, profileId="other").status_code == 404


def test_delete_takes_an_account_away(base: str, http: requests.Session) -> None:
    """The public contract: `{message}`, then 404."""
    number = get(base + "/api/v1/accounts", http).json()["accounts"][5]["_id"]
    where = f"{base}/api/v1/accounts/{number}"
    assert list(http.delete(where, headers=HEADERS, timeout=5).json()) == ["message"]
    assert http.delete(where, headers=HEADERS, timeout=5).status_code == 404


def test_the_rate_limit_is_told_and_kept(http: requests.Session) -> None:
    """The public contract: 600 a minute, three headers always, Retry-After on 429."""
    sandbox = Sandbox()
    with serve(sandbox) as origin:
        where = origin + "/sandbox/late/api/v1/auth/verify"
        told = [get(where, http) for _ in range(601)]
        sandbox.clock.set(sandbox.clock.now())
        assert get(where, http).status_code == 200
    assert [answer.status_code for answer in (told[0], told[599], told[600])] == [200, 200, 429]
    assert (told[0].headers["X-RateLimit-Limit"], told[0].headers["X-RateLimit-Remaining"]) == ("600", "599")
    assert int(told[0].headers["X-RateLimit-Reset"]) > 0
    assert 1 <= int(told[600].headers["Retry-After"]) <= 60
