"""The pretended imiconnect against the sample bodies of imiconnect.txt and its delivery callbacks."""

import base64
import json
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
import requests

from services.sandbox import credentials

ACCESS = credentials()["imiconnect"]
KEY = {"key": ACCESS["service_key"]}
ENVELOPE = {
    "from": ACCESS["app_id"], "to": "7947908538583264", "callbackData": "customerID123|1234|new_sale",
    "notificationType": "REGULAR", "messagingType": "RESPONSE",
}  # fmt: skip
CARD = {
    "title": "Welcome!",
    "subtitle": "We have the right hat for everyone.",
    "imageUrl": "https://sample-videos.com/img/Sample-jpg-image-2mb.jpg",
    "defaultAction": {"type": "WEB_URL", "url": "https://www.originalcoastclothing.com"},
    "buttons": [
        {"type": "web_url", "url": "www.google.com", "title": "View Website"},
        {"type": "postback", "title": "Start Chatting", "payload": "DEVELOPER_DEFINED_PAYLOAD"},
        {"type": "postback", "title": "Start Chatting", "payload": "DEVELOPER_DEFINED_PAYLOAD"},
    ],
}
REPLIES = [
    {"type": "TEXT", "title": "Confirm", "payload": "confirm"},
    {"type": "TEXT", "title": "Cancel", "payload": "cancel"},
]
TEXT = {"content": "hello", "contentType": "TEXT"}
SAMPLES = {
    "lines 19 to 29": {"content": "A while back I needed to count the amount of letters", "contentType": "TEXT"},
    "lines 30 to 68": {"content": "hello", "contentType": "TEMPLATE", "template": [CARD]},
    "lines 69 to 79": {"url": "https://www.learningcontainer.com/Sample-Image.png", "contentType": "MEDIA"},
    "lines 80 to 90": {"type": "like_heart", "contentType": "STICKER"},
    "lines 91 to 115": {"content": "Please confirm.", "contentType": "TEXT", "quickReplies": REPLIES},
}


@pytest.fixture
def base(origin: str) -> str:
    return origin + "/sandbox/imiconnect"


@pytest.fixture
def hook() -> Iterator[tuple[str, "queue.Queue[tuple[str, Any]]"]]:
    told: queue.Queue[tuple[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(202)
            self.end_headers()
            told.put((self.path, json.loads(body)["deliveryInfoNotification"]))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hooks/token-123456", told
        server.shutdown()
        thread.join()


def send(base: str, http: requests.Session, body: dict[str, Any], **options: Any) -> requests.Response:
    path = options.pop("path", "/v1/instagram/messages")
    told = {**ENVELOPE, "correlationId": str(uuid.uuid4()), **body}
    return http.post(base + path, json=told, headers=options.pop("headers", KEY), timeout=5)


@pytest.mark.parametrize("lines", SAMPLES)
def test_every_sample_of_the_document_is_accepted(base: str, http: requests.Session, lines: str) -> None:
    """Lines 19 to 115: the five sample bodies."""
    answer = send(base, http, {**SAMPLES[lines], "correlationId": lines})
    assert answer.status_code == 202
    assert set(answer.json()) == {"acceptedTime", "messageId", "correlationId"}
    assert answer.json()["correlationId"] == lines


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"contentType": "TEXT"}, "content is mandatory"),
        ({**TEXT, "to": ""}, "to is mandatory"),
        ({**TEXT, "contentType": "VIDEO"}, "contentType must be one of"),
        ({**TEXT, "content": "é" * 501}, "1000 bytes"),
        ({**TEXT, "quickReplies": REPLIES * 6}, "limit of 10"),
        ({**TEXT, "quickReplies": [{**REPLIES[0], "title": "t" * 21}]}, "title has a limit of 20"),
        ({**TEXT, "quickReplies": [{**REPLIES[0], "payload": "p" * 1001}]}, "payload has a limit of 1000"),
        ({**TEXT, "quickReplies": [{**REPLIES[0], "type": "IMAGE"}]}, "type must be TEXT"),
        ({"contentType": "TEMPLATE", "template": [CARD] * 11}, "limit of 10 images"),
        ({"contentType": "TEMPLATE", "template": [{**CARD, "title": "t" * 81}]}, "title has a limit of 80"),
        ({"contentType": "TEMPLATE", "template": [{**CARD, "subtitle": "t" * 81}]}, "subtitle has a limit of 80"),
        ({"contentType": "TEMPLATE", "template": [{**CARD, "buttons": CARD["buttons"] * 2}]}, "limit of 3"),
        ({"contentType": "TEMPLATE", "template": [{**CARD, "buttons": [{"type": "call"}]}]}, "web_url or postback"),
        ({"contentType": "MEDIA", "url": "http://example.com/a.png"}, "https URL"),
        ({"contentType": "MEDIA", "url": "https://example.com/a.mp4"}, "only supports image"),
        ({"contentType": "STICKER", "type": "sad_heart"}, "like_heart"),
        ({**TEXT, "callbackData": "x" * 2001}, "limit of 2000"),
        ({**TEXT, "messagingType": "UPDATE"}, "messagingType must be RESPONSE"),
    ],
)
def test_every_limit_is_kept(base: str, http: requests.Session, body: dict[str, Any], words: str) -> None:
    """Lines 117 to 183, with Meta's limits where the document names none (contracts README, section 4.4)."""
    answer = send(base, http, body)
    assert answer.status_code == 400
    assert answer.json()["code"] in {"7003", "7004"}
    assert words in answer.json()["message"]


def minted(**changes: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": ACCESS["service_key"], "iat": now, "exp": now + 600, **changes}
    secret = changes.pop("secret", base64.b64decode(ACCESS["jwt_secret"]))
    claims.pop("secret", None)
    return {"Authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"key": "other"}, 403),
        (minted(), 202),
        ({**minted(), "key": "ignored"}, 202),
        ({**KEY, "Authorization": "Bearer no"}, 403),
        (minted(iss="other"), 403),
        (minted(exp=int(time.time()) - 100), 403),
        (minted(exp=int(time.time()) + 7200), 403),
        (minted(secret=b"another-secret-of-32-characters-or-more"), 403),
    ],
)
def test_key_or_jwt_and_the_jwt_wins(base: str, http: requests.Session, headers: dict[str, str], status: int) -> None:
    """Line 9; the claims as in contracts README, section 4.1."""
    assert send(base, http, TEXT, headers=headers).status_code == status


def test_the_three_families_accept_and_refuse_in_their_own_words(base: str, http: requests.Session) -> None:
    """Contracts README, section 4.2."""
    generic, second = "/resources/v1/messaging", "/v2/messages"
    queued = send(base, http, TEXT, path=generic)
    assert (queued.status_code, queued.json()["response"][0]["code"]) == (200, "1001")
    refused = send(base, http, TEXT, path=generic, headers={"key": "no"})
    assert (refused.status_code, refused.json()["response"]["code"]) == (200, "7001")
    accepted = send(base, http, TEXT, path=second)
    assert (accepted.status_code, accepted.json()["status"]) == (201, "queued")
    silent = send(base, http, TEXT, path=second, headers={"key": "no"})
    assert (silent.status_code, silent.content) == (401, b"")


def test_the_same_correlation_id_is_a_duplicate(base: str, http: requests.Session) -> None:
    """Code 7306 of contracts README, section 4.2."""
    body = {**TEXT, "correlationId": "de36bb32-3f5d-46c9-b132-15e010a80ccc"}
    assert send(base, http, body).status_code == 202
    assert send(base, http, body).json()["code"] == "7306"


def test_another_app_is_refused(base: str, http: requests.Session) -> None:
    """Code 7104."""
    assert send(base, http, {**TEXT, "from": "a_1"}).json()["code"] == "7104"


@pytest.mark.parametrize(
    ("script", "codes"),
    [
        ("read", ["7501", "7500", "7502"]),
        ("twice", ["7501", "7501", "7500", "7500", "7502", "7502"]),
        ("out_of_order", ["7502", "7500", "7501"]),
        ("window_closed", ["7313"]),
        ("rate_limited", ["7302"]),
        ("failed", ["7501", "7010"]),
        ("wrong_token", ["7501", "7500"]),
    ],
)
def test_deliveries_are_told_by_script(
    origin: str, http: requests.Session, hook: tuple[str, Any], script: str, codes: list[str]
) -> None:
    """Contracts README, section 4.3: the keys with their odd capitals, and string codes."""
    url, told = hook
    steer = {"script": script, "first": 0.01, "step": 0.2}  # far apart: each travels on its own
    assert http.post(origin + "/sandbox/_control/imiconnect", json=steer, timeout=5).status_code == 200
    answer = send(origin + "/sandbox/imiconnect", http, {**TEXT, "callbackUrl": url})
    seen = [told.get(timeout=5) for _ in codes]
    assert [notice["deliveryInfo"]["code"] for _, notice in seen] == codes
    path, notice = seen[0]
    assert (path.endswith("token-123456")) is (script != "wrong_token")
    assert notice["transid"] == answer.json()["messageId"]
    assert notice["correlationid"] == answer.json()["correlationId"]
    assert set(notice["deliveryInfo"]) == {
        "timeStamp", "Description", "code", "deliveryChannel", "additionalInfo", "destination", "destinationType",
        "deliveryStatus",
    }  # fmt: skip


def test_nothing_is_delivered_to_another_machine(base: str, origin: str, http: requests.Session, served: Any) -> None:
    """The sandbox calls back loopback http only."""
    sandbox, _ = served
    http.post(origin + "/sandbox/_control/imiconnect", json={"script": "read", "first": 0}, timeout=5)
    assert send(base, http, {**TEXT, "callbackUrl": "https://my.website.com/callback"}).status_code == 202
    assert not [done for done in sandbox.courier.deliveries() if "my.website.com" in done.url_origin]
