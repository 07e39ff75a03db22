"""What our imiconnect client sends and understands, against its document (documents/imiconnect.txt) and codes."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vendors import errors
from services.vendors._http import Timing
from services.vendors.imiconnect import (
    Button,
    Card,
    DefaultAction,
    Imiconnect,
    Media,
    Message,
    QuickReply,
    Sticker,
    Template,
    Text,
    advice,
    body,
    delivery,
    from_body,
    mint,
    validate,
)
from tests.services.vendors.pretender import Pretender, answer, hang, reset

AROUND = {
    "from": "a_637921640978680000",
    "to": "7947908538583264",
    "callbackUrl": "https://my.website.com/callback",
    "callbackData": "customerID123|1234|new_sale",
    "correlationId": "de36bb32-3f5d-46c9-b132-15e010a80ccc",
    "notificationType": "REGULAR",
    "messagingType": "RESPONSE",
}
START = {"type": "postback", "title": "Start Chatting", "payload": "DEVELOPER_DEFINED_PAYLOAD"}
CARD = {
    "title": "Welcome!",
    "subtitle": "We have the right hat for everyone.",
    "imageUrl": "https://sample-videos.com/img/Sample-jpg-image-2mb.jpg",
    "defaultAction": {"type": "WEB_URL", "url": "https://www.originalcoastclothing.com"},
    "buttons": [{"type": "web_url", "url": "www.google.com", "title": "View Website"}, START, START],
}
IMAGE = "https://www.learningcontainer.com/wp-content/uploads/2020/08/Sample-Image-file-Download.png"
REPLIES = [
    {"type": "TEXT", "title": "Confirm", "payload": "confirm"},
    {"type": "TEXT", "title": "Cancel", "payload": "cancel"},
]
SAMPLES = {
    "text, lines 19-29": {"content": "A while back I needed to count the letters", "contentType": "TEXT", **AROUND},
    "template, lines 30-68": {"content": "hello", "contentType": "TEMPLATE", **AROUND, "template": [CARD]},
    "media, lines 69-79": {"url": IMAGE, "contentType": "MEDIA", **AROUND},
    "sticker, lines 80-90": {"type": "like_heart", "contentType": "STICKER", **AROUND},
    "quick replies, lines 91-115": {
        "content": "Please confirm to proceed.", "contentType": "TEXT", **AROUND, "from": "app-id", "to": "igsid",
        "quickReplies": REPLIES,
    },
}  # fmt: skip
SENDING: dict[str, Any] = {"to": "7947908538583264", "callback_url": "https://us.example/cb", "correlation_id": "c-1"}
HELLO = Text("hello")


def imiconnect(vendor: Pretender, **options: Any) -> Imiconnect:
    given_options = {"service_key": "fake-key", "app_id": "a_1"} | options
    return Imiconnect(vendor.url, timing=Timing(read=0.4, total=0.8), **given_options)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_documents_bodies_are_read_and_written_alike(name: str) -> None:
    """Lines 19-115: the five sample bodies."""
    sample = SAMPLES[name]
    reading = from_body(sample)
    assert reading.message is not None
    written = body(
        reading.message,
        app_id=reading.app_id or "",
        to=reading.to or "",
        callback_url=sample["callbackUrl"],
        correlation_id=reading.correlation_id or "",
        callback_data=reading.callback_data,
    )
    assert written == sample
    assert list(written) == list(sample)
    wanted = ["template[0].buttons[0].url"] if "template" in sample else []
    assert [problem.field for problem in reading.problems] == wanted  # line 52: www.google.com has no scheme


def test_names_and_types_are_read_in_any_case() -> None:
    """Lines 151-169: image_url, content_type and WEB_URL stand beside imageUrl, contentType and web_url."""
    card = {
        "title": "a",
        "image_url": "https://x.example/a.png",
        "default_action": {"type": "web_url", "url": "https://x.example"},
    }
    reading = from_body(
        {
            "content": "hi",
            "content_type": "template",
            "template": {"template_type": "generic", "elements": [card]},
            "quickReplies": [{"content_type": "text", "title": "t", "payload": "p"}],
        }
    )
    assert reading.problems == ()
    assert reading.message == Template(
        "hi", (Card("a", None, "https://x.example/a.png", DefaultAction("https://x.example")),), (QuickReply("t", "p"),)
    )


LONG = "x" * 81
LIMITS: list[tuple[Message, str, str]] = [
    (Text(""), "content", "document"),
    (Text("é" * 501), "content", "Meta"),
    (Text("ok\ud800"), "content", "JSON"),
    (Template("", (Card("a", "b"),)), "content", "document"),
    (Template("a", ()), "template", "document"),
    (Template("a", (Card("a", "b"),) * 11), "template", "document"),
    (Template("a", (Card(LONG, "b"),)), "template[0].title", "document"),
    (Template("a", (Card("", "b"),)), "template[0].title", "document"),
    (Template("a", (Card("a", LONG),)), "template[0].subtitle", "document"),
    (Template("a", (Card("a", "b\ud800"),)), "template[0].subtitle", "JSON"),
    (Template("a", (Card("a"),)), "template[0]", "Meta"),
    (Template("a", (Card("a", image_url="http://x.example/a.png"),)), "template[0].imageUrl", "Meta"),
    (Template("a", (Card("a", default_action=DefaultAction("")),)), "template[0].defaultAction.url", "document"),
    (Template("a", (Card("a", default_action=DefaultAction("x.example")),)), "template[0].defaultAction.url", "Meta"),
    (
        Template("a", (Card("a", buttons=(Button("postback", "t", payload="p"),) * 4),)),
        "template[0].buttons",
        "document",
    ),
    (Template("a", (Card("a", buttons=(Button("phone", "t"),)),)), "template[0].buttons[0].type", "Meta"),
    (Template("a", (Card("a", buttons=(Button("web_url", "t"),)),)), "template[0].buttons[0].url", "document"),
    (Template("a", (Card("a", buttons=(Button("postback", "t"),)),)), "template[0].buttons[0].payload", "document"),
    (
        Template("a", (Card("a", buttons=(Button("postback", "", payload="p"),)),)),
        "template[0].buttons[0].title",
        "document",
    ),
    (Media("http://x.example/a.png"), "url", "Meta"),
    (Media("https://x.example/a.mp4"), "url", "document"),
    (Media(""), "url", "document"),
    (Sticker("thumbs_up"), "type", "document"),
    (Text("a", (QuickReply("t", "p"),) * 11), "quickReplies", "document"),
    (Text("a", (QuickReply("t" * 21, "p"),)), "quickReplies[0].title", "document"),
    (Text("a", (QuickReply("t", "p" * 1001),)), "quickReplies[0].payload", "document"),
    (Text("a", (QuickReply("t", ""),)), "quickReplies[0].payload", "document"),
    (Text("a", (QuickReply("t", "p", "LOCATION"),)), "quickReplies[0].type", "document"),
]


@pytest.mark.parametrize(("message", "field", "source"), LIMITS)
def test_every_limit_names_its_field_and_source(vendor: Pretender, message: Message, field: str, source: str) -> None:
    """Lines 117-183 and contracts/README.md 4.4: nothing that breaks a limit leaves."""
    (problem,) = validate(message)
    assert problem.field == field
    assert source in problem.source
    assert problem.limit
    assert problem.message
    with pytest.raises(errors.Rejected) as caught:
        imiconnect(vendor).send(message, **SENDING)
    assert caught.value.field == field
    assert vendor.asked == []


def test_the_limits_themselves_are_allowed() -> None:
    """Lines 132-169: ten cards, three buttons, ten quick replies, 80, 80, 20 and 1000."""
    button = Button("postback", "t" * 20, payload="p" * 1000)
    card = Card("t" * 80, "s" * 80, "https://x.example/a.jpg", DefaultAction("https://x.example"), (button,) * 3)
    replies = (QuickReply("q" * 20, "p" * 1000),) * 10
    assert validate(Template("a" * 1000, (card,) * 10, replies)) == []
    assert validate(Text("é" * 500)) == []
    assert advice(Template("a", (card,))) == []
    longer = Card("t", buttons=(Button("postback", "t" * 21, payload="p"),))
    assert validate(Template("a", (longer,))) == []
    assert [one.field for one in advice(Template("a", (longer,)))] == ["template[0].buttons[0].title"]


UNREADABLE: list[tuple[Any, str]] = [
    ({"contentType": "VIDEO"}, "contentType"),
    ({}, "contentType"),
    ([], "body"),
    ({"contentType": "TEXT", "content": 5}, "content"),
    ({"contentType": "TEXT", "content": "a", "callbackData": 5}, "callbackData"),
    ({"contentType": "TEXT", "content": "a", "correlationId": ["x"]}, "correlationId"),
    ({"contentType": "TEXT", "content": "a", "url": "https://x.example"}, "url"),
    ({"contentType": "TEXT", "content": "a", "surprise": 1}, "surprise"),
    ({"contentType": "TEXT", "content": "a", "quickReplies": {}}, "quickReplies"),
    ({"contentType": "TEXT", "content": "a", "messagingType": "HUMAN_AGENT"}, "messagingType"),
    ({"contentType": "TEXT", "content": "a", "notificationType": "SILENT"}, "notificationType"),
    ({"contentType": "MEDIA", "url": "https://x.example/a", "type": "video"}, "type"),
    (
        {"contentType": "TEMPLATE", "content": "a", "template": [{"title": "a", "subtitle": "b", "colour": "red"}]},
        "template[0].colour",
    ),
    ({"contentType": "TEMPLATE", "content": "a", "template": [5]}, "template[0]"),
    (
        {"contentType": "TEXT", "content": "a", "quickReplies": [{"title": "a", "payload": "b", "image_url": "x"}]},
        "quickReplies[0].image_url",
    ),
]


@pytest.mark.parametrize(("data", "field"), UNREADABLE)
def test_what_a_body_may_not_hold_is_named(data: Any, field: str) -> None:
    """Lines 117-183."""
    assert field in [problem.field for problem in from_body(data).problems]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*AROUND, "contentType", "template", "buttons", "title", "url", "quickReplies", "x"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["TEXT", "TEMPLATE", "MEDIA", "STICKER"]))
def test_any_body_is_read_without_an_exception(data: Any, kind: str) -> None:
    """FAULTS.md 58: refused with the field named."""
    given_body = {**data, "contentType": kind} if isinstance(data, dict) else data
    reading = from_body(given_body)
    assert reading.message is not None or reading.problems


def test_send(vendor: Pretender) -> None:
    """Lines 5-29: one POST with the service key, to the configured path."""
    vendor.will(answer({"acceptedTime": "2026-01-01T00:00:00Z", "messageId": "m-1", "correlationId": "c-1"}, 202))
    found = imiconnect(vendor, path="/v9/other").send(HELLO, **SENDING, callback_data="d")
    assert (found.transid, found.correlation_id) == ("m-1", "c-1")
    (asked,) = vendor.asked
    assert (asked.method, asked.target, asked.headers["key"]) == ("POST", "/v9/other", "fake-key")
    assert "authorization" not in asked.headers
    assert asked.json == {
        "content": "hello",
        "contentType": "TEXT",
        "from": "a_1",
        "to": "7947908538583264",
        "callbackUrl": "https://us.example/cb",
        "callbackData": "d",
        "correlationId": "c-1",
        "notificationType": "REGULAR",
        "messagingType": "RESPONSE",
    }


POSTED = body(HELLO, app_id="a_1", callback_data="d", **SENDING)


def test_what_was_prepared_is_posted_as_it_is(vendor: Pretender) -> None:
    """Issue 6: what was shown is what leaves."""
    vendor.will(answer({"messageId": "m-1"}, 202))
    written = dict(reversed(POSTED.items())) | {"content": "grüezi \U0001f468\u200d\U0001f469 \u202e"}
    found = imiconnect(vendor).post(written)
    assert (found.transid, found.correlation_id) == ("m-1", "c-1")
    assert vendor.asked[0].json == written
    assert list(vendor.asked[0].json) == list(written)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from": "a_2"}, "from"),
        ({"from": None}, "from"),
        ({"to": ""}, "to"),
        ({"content": "x" * 1001}, "content"),
        ({"contentType": "VIDEO"}, "contentType"),
        ({"callbackUrl": "http://us.example/cb"}, "callbackUrl"),
        ({"callbackUrl": None}, "callbackUrl"),
        ({"correlationId": ""}, "correlationId"),
        ({"surprise": "x"}, "surprise"),
    ],
)
def test_what_breaks_a_limit_is_not_posted(vendor: Pretender, change: dict[str, Any], field: str) -> None:
    """Nothing leaves from another app, to nobody, or beyond a limit."""
    with pytest.raises(errors.Rejected) as caught:
        imiconnect(vendor).post(POSTED | change)
    assert caught.value.field == field
    assert vendor.asked == []


ACCEPTED = [
    (202, {"acceptedTime": "x", "messageId": "m-1", "correlationId": "c-1"}),
    (200, {"response": [{"code": "1001", "transid": "m-1", "description": "Queued"}]}),
    (200, {"response": {"code": "1001", "transid": "m-1", "description": "Queued in burst mode"}}),
    (201, {"requestTimestamp": "x", "messageId": "m-1", "correlationId": "c-1", "status": "queued"}),
    (200, {"response": {"code": "7501", "transid": "m-1", "description": "Submitted"}}),
]


@pytest.mark.parametrize(("status", "told"), ACCEPTED)
def test_the_three_families_of_acceptance(vendor: Pretender, status: int, told: dict[str, Any]) -> None:
    """contracts/README.md 4.2."""
    vendor.will(answer(told, status))
    assert imiconnect(vendor).send(HELLO, **SENDING).transid == "m-1"


REFUSED = [
    (
        200,
        {"response": {"code": "7001", "description": "Authentication failed", "transid": "t"}},
        errors.Unauthorised,
        "7001",
    ),
    (200, {"response": [{"code": 7302, "description": "Rate limit exceeded"}]}, errors.RateLimited, "7302"),
    (400, {"code": "7004", "message": "Invalid"}, errors.Rejected, "7004"),
    (403, {"code": "7001", "message": "Authentication failed."}, errors.Unauthorised, "7001"),
    (400, {"code": "7000", "message": "Invalid JSON"}, errors.Rejected, "7000"),
    (400, {"code": "7313", "message": "Inbound message not received"}, errors.PermissionDenied, "7313"),
    (400, {"code": "7526", "message": "x"}, errors.PermissionDenied, "7526"),
    (400, {"code": "7306", "message": "Duplicate"}, errors.Conflict, "7306"),
    (400, {"code": "7020", "message": "x"}, errors.RateLimited, "7020"),
    (400, {"code": "8888", "message": "New"}, errors.Rejected, "8888"),
    (200, {"response": {"code": "8888", "description": "New"}}, errors.Rejected, "8888"),
    (403, {"error": {"code": 10, "error_subcode": 2534022, "message": "x"}}, errors.PermissionDenied, None),
    (429, {"message": "Slow down"}, errors.RateLimited, None),
    (429, {"code": "7302", "message": "x"}, errors.RateLimited, "7302"),
    (201, {"code": "7306", "message": "Duplicate", "messageId": "m-1"}, errors.Conflict, "7306"),
    (200, {"response": []}, errors.OutcomeUnknown, None),
]


@pytest.mark.parametrize(("status", "told", "kind", "code"), REFUSED)
def test_a_refusal_has_its_code_and_words_also_with_200(
    vendor: Pretender, status: int, told: dict[str, Any], kind: type[errors.VendorError], code: str | None
) -> None:
    """contracts/README.md 4.2: HTTP 200 can be a failure."""
    vendor.will(answer(told, status))
    with pytest.raises(kind) as caught:
        imiconnect(vendor).send(HELLO, **SENDING)
    assert caught.value.code == code
    assert len(vendor.asked) == 1


def test_a_401_without_a_body_is_an_authentication_failure(vendor: Pretender) -> None:
    """contracts/README.md 4.2: the v2 family."""
    vendor.will(answer(b"", 401, kind=None))
    with pytest.raises(errors.Unauthorised):
        imiconnect(vendor).send(HELLO, **SENDING)


UNKNOWN = {
    "a black hole": hang(),
    "a reset": reset(),
    "a fault": answer({"code": "7006", "message": "x"}, 500),
    "a fault of a gateway": answer(b"<html>", 502, kind="text/html"),
    "a fault that names a refusal": answer({"code": "7004", "message": "x"}, 503),
    "an answer without an id": answer({}, 202),
    "an answer that is no JSON": answer(b"{", 202),
    "an empty answer": answer(b"", 202),
    "a web page": answer(b"<html>", 200, kind="text/html"),
}


@pytest.mark.parametrize("status", [400, 403, 404, 429])
def test_a_web_page_with_a_refusal_is_a_refusal(vendor: Pretender, status: int) -> None:
    """DESIGN.md section 6: a 4xx is refused, whatever stands in it."""
    vendor.will(answer(b"<html>no</html>", status, kind="text/html"))
    with pytest.raises(errors.VendorError) as caught:
        imiconnect(vendor).send(HELLO, **SENDING)
    assert not isinstance(caught.value, errors.OutcomeUnknown)
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("name", UNKNOWN)
def test_when_nobody_knows_it_is_unknown_and_sent_once(vendor: Pretender, name: str) -> None:
    """FAULTS.md 9: never sent again by itself."""
    vendor.will(UNKNOWN[name])
    with pytest.raises(errors.OutcomeUnknown):
        imiconnect(vendor).send(HELLO, **SENDING)
    assert len(vendor.asked) == 1


SECRET = base64.b64encode(b"fake-secret").decode()


def unpacked(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_jwt_is_minted_from_its_secret_and_only_it_is_sent(vendor: Pretender) -> None:
    """Line 9: with both, the JWT takes priority, and only one is sent; contracts/README.md 4.1 says how it is made."""
    vendor.will(answer({"messageId": "m-1"}, 202))
    imiconnect(vendor, jwt_secret=SECRET).send(HELLO, **SENDING)
    headers = vendor.asked[0].headers
    assert "key" not in headers
    head, claims, signature = headers["authorization"].removeprefix("Bearer ").split(".")
    assert unpacked(head) == {"alg": "HS256", "typ": "JWT"}
    assert unpacked(claims)["iss"] == "fake-key"
    assert 0 < unpacked(claims)["exp"] - unpacked(claims)["iat"] <= 3600
    wanted = hmac.new(b"fake-secret", f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == wanted


@pytest.mark.parametrize("options", [{}, {"jwt": "fake.jwt.here"}, {"jwt_secret": SECRET}])
def test_no_refusal_repeats_a_key_or_the_address_of_callbacks(vendor: Pretender, options: dict[str, Any]) -> None:
    """FAULTS.md 89: a vendor may quote the request, with what was sent and what it knows."""
    address = "https://us.example/hooks/imiconnect/bWU.5ec7e7"
    secrets = ["fake-key", "bWU.5ec7e7", *options.values()]
    vendor.will(answer({"code": "7004", "message": f"No: {address} {' '.join(secrets)}"}, 400))
    with pytest.raises(errors.Rejected) as caught:
        imiconnect(vendor, **options).send(HELLO, **(SENDING | {"callback_url": address}))
    assert [secret for secret in secrets if secret in str(caught.value)] == []


def test_a_given_jwt_wins_over_the_key(vendor: Pretender) -> None:
    """Line 9."""
    vendor.will(answer({"messageId": "m-1"}, 202))
    imiconnect(vendor, jwt="fake.jwt.here").send(HELLO, **SENDING)
    assert vendor.asked[0].headers["authorization"] == "Bearer fake.jwt.here"
    assert "key" not in vendor.asked[0].headers


@pytest.mark.parametrize(
    "options", [{"service_key": None}, {"service_key": None, "jwt_secret": SECRET}, {"jwt_secret": "%%%"}]
)
def test_a_credential_that_cannot_work_is_told_at_once(vendor: Pretender, options: dict[str, Any]) -> None:
    """Lines 9 and contracts/README.md 4.1."""
    with pytest.raises(ValueError, match=r"service key|base64") as caught:
        imiconnect(vendor, **options)
    assert "%%%" not in str(caught.value)


def test_a_minted_jwt_lives_an_hour_at_most() -> None:
    """contracts/README.md 4.1."""
    claims = unpacked(mint("k", SECRET, now=100, life=10**6).split(".")[1])
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize(
    "change",
    [
        {"to": ""},
        {"to": "a\nb"},
        {"callback_url": "http://us.example/cb"},
        {"correlation_id": ""},
        {"callback_data": "x" * 2001},
        {"callback_data": "\ud800"},
    ],
)
def test_what_stands_around_a_message_is_checked(vendor: Pretender, change: dict[str, Any]) -> None:
    """contracts/README.md 4.3: callbacks are https, callbackData has 2000 characters at most."""
    with pytest.raises(errors.Rejected):
        imiconnect(vendor).send(HELLO, **(SENDING | change))
    assert vendor.asked == []


def notification(code: Any, status: str, stamp: str = "2026-01-01T10:00:00.000+0000") -> dict[str, Any]:
    info = {"timeStamp": stamp, "Description": "words", "code": code, "deliveryChannel": "fb", "additionalInfo": "",
            "destination": "7947908538583264", "destinationType": "psid", "deliveryStatus": status}  # fmt: skip
    outer = {"deliveryInfo": info, "subtid": "s", "transid": "t", "callbackData": "d", "correlationid": "c"}
    return {"deliveryInfoNotification": outer}


@pytest.mark.parametrize(
    ("code", "status", "state"),
    [
        ("7501", "Submited", "submitted"),
        ("7500", "Delivered", "delivered"),
        (7502, "Read", "read"),
        ("7313", "Delivered", "failed"),
        ("7526", "Un-Delivered", "failed"),
        ("9999", "Un-Delivered", "failed"),
        ("9999", "Surprise", None),
        (None, "Submitted", "submitted"),
        ("7200", "Unknown", None),
    ],
)
def test_a_delivery_notification_is_keyed_by_its_code(code: Any, status: str, state: str | None) -> None:
    """contracts/README.md 4.3: capital Description, lower-case correlationid, the misspelling Submited."""
    found = delivery(notification(code, status))
    assert found is not None
    assert (found.state, found.transid, found.correlation_id, found.callback_data) == (state, "t", "c", "d")
    assert found.reason == "words"


@pytest.mark.parametrize(
    "stamp", ["2026-01-01T10:00:00.000+0000", "2026-01-01T10:00:00", "2026-01-01T10:00:00Z", "2026-01-01 10:00:00"]
)
def test_both_dialects_of_a_time(stamp: str) -> None:
    """contracts/README.md 4.3: with and without a zone."""
    found = delivery(notification("7500", "Delivered", stamp))
    assert found is not None
    assert found.at is not None
    assert found.at.isoformat() == "2026-01-01T10:00:00+00:00"


@pytest.mark.parametrize(
    "data", [None, [], "x", {}, {"deliveryInfoNotification": None}, {"deliveryInfoNotification": {}}]
)
def test_something_else_is_no_notification(data: Any) -> None:
    """contracts/README.md 4.3."""
    assert delivery(data) is None
