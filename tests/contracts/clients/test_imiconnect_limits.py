"""Each limit of a message at its edge and one beyond, and the validator beside the sandbox's rules."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sandbox.imiconnect_rules import problems as refused
from services.vendors.imiconnect import Problem, body, from_body, validate_envelope
from services.vendors.imiconnect.limits import META_QUICK_REPLIES

AROUND = {"app_id": "a_1", "to": "42", "callback_url": "https://us.example.com/cb", "correlation_id": "c"}
FAMILY = "👨‍👩‍👧‍👦"  # 7 code points, 25 bytes, one sign for a person
FLAG = "🇨🇭"  # 2 code points, 8 bytes
COMBINED = "e\u0301"  # 2 code points, 3 bytes
CARD = {"title": "t", "subtitle": "s"}
BUTTON = {"type": "postback", "title": "t", "payload": "p"}
REPLY = {"type": "TEXT", "title": "t", "payload": "p"}


def text(content: str = "hi", **more: Any) -> dict[str, Any]:
    return {"contentType": "TEXT", "content": content, **more}


def cards(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"contentType": "TEMPLATE", "content": "hi", "template": list(rows), **more}


def media(url: str) -> dict[str, Any]:
    return {"contentType": "MEDIA", "url": url}


def found(data: Any) -> list[Problem]:
    return list(from_body(data).problems)


EDGES: list[tuple[str, Callable[[int], dict[str, Any]], int, str]] = [
    ("content", lambda n: text("x" * n), 1000, "1000 bytes"),
    ("content", lambda n: cards(CARD) | {"content": "x" * n}, 1000, "1000 bytes"),
    ("template", lambda n: cards(*[CARD] * n), 10, "10 cards"),
    ("template[0].title", lambda n: cards({"title": "x" * n, "subtitle": "s"}), 80, "80 characters"),
    ("template[0].subtitle", lambda n: cards({"title": "t", "subtitle": "x" * n}), 80, "80 characters"),
    ("template[0].buttons", lambda n: cards({"title": "t", "buttons": [BUTTON] * n}), 3, "3 buttons"),
    (
        "template[0].buttons[0].payload",
        lambda n: cards({"title": "t", "buttons": [BUTTON | {"payload": "x" * n}]}),
        1000,
        "1000 characters",
    ),
    ("quickReplies", lambda n: text(quickReplies=[REPLY] * n), 10, "10 quick replies"),
    ("quickReplies[0].title", lambda n: text(quickReplies=[REPLY | {"title": "x" * n}]), 20, "20 characters"),
    ("quickReplies[0].payload", lambda n: text(quickReplies=[REPLY | {"payload": "x" * n}]), 1000, "1000 characters"),
]


@pytest.mark.parametrize(("field", "make", "most", "limit"), EDGES)
def test_a_limit_allows_its_edge_and_names_itself_one_beyond(
    field: str, make: Callable[[int], dict[str, Any]], most: int, limit: str
) -> None:
    """FAULTS.md 58; documents/imiconnect.txt, lines 117-183."""
    assert found(make(most)) == []
    (problem,) = found(make(most + 1))
    assert (problem.field, problem.limit) == (field, f"at most {limit}" + (" in UTF-8" if "bytes" in limit else ""))
    assert any(whose in problem.source for whose in ("imiconnect document", "Meta"))
    assert str(most) in problem.message
    assert str(most + 1) in problem.message


def test_what_meta_itself_allows_is_said_beside_the_lower_limit() -> None:
    """contracts/README.md 4.4: ten at imiconnect, thirteen at Meta."""
    (problem,) = found(text(quickReplies=[REPLY] * 11))
    assert "imiconnect" in problem.source
    assert f"Meta: {META_QUICK_REPLIES}" in problem.message


@pytest.mark.parametrize(
    ("unit", "characters", "size"), [("x", 1, 1), (COMBINED, 2, 3), (FLAG, 2, 8), (FAMILY, 7, 25), ("\U0010ffff", 1, 4)]
)
def test_signs_of_several_code_points_are_counted_as_they_travel(unit: str, characters: int, size: int) -> None:
    """Text by bytes of UTF-8, titles by code points; both counts are told."""
    times = 1000 // size
    full = unit * times + "x" * (1000 - size * times)
    assert found(text(full)) == []
    (problem,) = found(text(full + unit))
    assert f"{1000 + size} bytes in UTF-8 ({len(full) + characters} characters)" in problem.message
    times = 20 // characters
    title = unit * times + "x" * (20 - characters * times)
    assert found(text(quickReplies=[REPLY | {"title": title}])) == []
    assert [each.field for each in found(text(quickReplies=[REPLY | {"title": title + "x"}]))] == [
        "quickReplies[0].title"
    ]


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (cards(CARD | {"buttons": []}), []),
        (cards({"subtitle": "s"}), ["template[0].title"]),
        (cards({"title": "  ", "subtitle": "s"}), ["template[0].title"]),
        (cards({"title": "t"}), ["template[0]"]),
        (text(" \n "), ["content"]),
        (text(quickReplies=[REPLY | {"payload": " "}]), ["quickReplies[0].payload"]),
        (cards({"title": "t", "buttons": [BUTTON | {"url": "javascript:x"}]}), ["template[0].buttons[0].url"]),
        ({"contentType": "STICKER", "type": "thumbs_up"}, ["type"]),
    ],
)
def test_what_a_card_needs_and_what_it_does_not(data: dict[str, Any], fields: list[str]) -> None:
    """contracts/README.md 4.4: buttons are optional, a title is not."""
    assert [problem.field for problem in found(data)] == fields


PLACES: list[tuple[str, Callable[[str], dict[str, Any]]]] = [
    ("url", media),
    ("template[0].imageUrl", lambda url: cards({"title": "t", "imageUrl": url})),
    (
        "template[0].defaultAction.url",
        lambda url: cards({"title": "t", "defaultAction": {"type": "WEB_URL", "url": url}}),
    ),
    (
        "template[0].buttons[0].url",
        lambda url: cards({"title": "t", "buttons": [{"type": "web_url", "title": "t", "url": url}]}),
    ),
]
BAD_ADDRESSES = [
    "www.google.com", "http://x.example.com/a", "javascript:alert(1)", "file:///etc/passwd", "data:image/png,x",
    "ftp://x.example.com/a", "//x.example.com/a", "https://", "https:///a", "https://u@x.example.com/", "https:x",
    "https://u:p@x.example.com/", "https://x.example.com:99999/", "https://x.example.com:a/", "https://x example.com/",
    "https://x.example.com/a b", "https://x.example.com/\n", "https://x.example.com\\@127.0.0.1/",
    "https://127.0.0.1/", "https://8.8.8.8/", "https://10.0.0.1/", "https://169.254.169.254/", "https://2130706433/",
    "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://[::1]/", "https://1.2.3.4./",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[fe80::1%25eth0]/", "https://[2606:4700::1]/",
    "https://\uff11\uff12\uff17.0.0.1/", "https://127\u30020\u30020\u30021/", "https://①②⑦.⓪.⓪.①/", "https://%31%32%37.0.0.1/",
    "https://localhost/", "https://LOCALHOST./", "https://a.localhost/", "https://intranet/", "https://printer.local/",
    "https://db.internal/", "https://nas.home.arpa/", "https://{{host}}/", "https://-a.example.com/", "https://a..b/",
    "https://" + "a" * 64 + ".example.com/", "https://x.example.com.1/", "https://x.example.com.0x1/",
]  # fmt: skip


@pytest.mark.parametrize(("field", "make"), PLACES)
def test_only_public_https_addresses_leave(field: str, make: Callable[[str], dict[str, Any]]) -> None:
    """FAULTS.md 84: in every form that a browser would read as this machine or a private network."""
    taken = [url for url in BAD_ADDRESSES if [each.field for each in found(make(url))] != [field]]
    assert taken == []
    assert found(make("https://x.example.com:8443/ä?q=%20#f")) == []
    assert found(make("HTTPS://bücher.example.com./a.jpg")) == []
    assert found(make("https://xn--bcher-kva.example.com/a")) == []


STRICTER = {
    "an https:// address": "Meta wants https for each address; the sandbox looks at that of an image alone",
    "a host by its name": "no IP address leaves (FAULTS.md 84)",
    "a public host": "no name of a private network leaves (FAULTS.md 84)",
    "an image (png or jpeg)": "more endings that are no image",
    "valid Unicode": "half a character can't travel as UTF-8",
    "at least one property besides the title": "Meta's rule of a card",
    "no field of": "nor one that another family or kind of button has",
    "unknown field": "a field that the document does not know is surely a slip",
    "a text": "a number is no text, even where it could be written as one",
    "a JSON object": "the same of an object",
    "a JSON array": "the same of a list",
}
"""Where ours is stricter on purpose, by how the limit that it names begins, and why."""
STRICTER_FIELDS = {
    "content": "a template's text is mandatory and counted as a text's is (contracts/README.md 4.4)",
    "defaultAction.type": "mandatory in the document's table",
    "imageUrl": "an address that is there is not empty",
    "payload": "a button's payload is counted as a quick reply's is",
}
FULL = {
    "title": "t",
    "subtitle": "s",
    "imageUrl": "https://x.example.com/a.png",
    "defaultAction": {"type": "WEB_URL", "url": "https://x.example.com"},
    "buttons": [{"type": "web_url", "title": "t", "url": "https://x.example.com"}, BUTTON],
}
SHARED = {
    "quickReplies": [REPLY, REPLY],
    "callbackData": "d",
    "messagingType": "RESPONSE",
    "notificationType": "REGULAR",
}
WHOLE = [
    text(**SHARED),
    cards(FULL, CARD, **SHARED),
    media("https://x.example.com/a.png") | SHARED,
    {"contentType": "STICKER", "type": "like_heart", **SHARED},
]
WORDS = ["", " ", "t", FAMILY, "\ud800", *("x" * (n + d) for n in (20, 80, 1000, 2000) for d in (0, 1))]
URLS = [
    *("https://x.example.com/a.MP4", "https://x.mp3/?a.pdf", "https://x.example.com/a.png?f=b.mp4", *BAD_ADDRESSES),
    *("https://x.example.com/a.zip#b", "HTTPS://x.example.com", "https://x.example.com/a.gif", "https://a.zip"),
]
KINDS = ["TEXT", "text", "MEDIA", "web_url", "WEB_URL", "postback", "phone", "LOCATION", "like_heart", "UPDATE"]
VALUES = st.one_of(
    st.sampled_from([*WORDS, *URLS, *KINDS]),
    st.sampled_from([None, 0, 5, True, [], {}, [CARD] * 10, [CARD] * 11, [BUTTON] * 3, [BUTTON] * 4, [5]]),
    st.sampled_from([[REPLY] * 10, [REPLY] * 11, [{"title": "t", "payload": "p"}]]),
    st.text(max_size=30),
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the way to each value within a body."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in rows for found in [(*way, key), *places(each, (*way, key))]]


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Give a body that could leave, with up to two values in it changed or taken away."""
    data = deepcopy(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 2))):
        *way, last = draw(st.sampled_from(places(data)))
        place: Any = data
        for key in way:
            place = place[key]
        if isinstance(place, dict) and draw(st.integers(0, 4)) == 0:
            del place[last]
        else:
            place[last] = deepcopy(draw(VALUES))
    return data


def problems_of(data: dict[str, Any]) -> list[Problem]:
    """Every problem of a body and what stands around it."""
    reading = from_body(data)
    return [*reading.problems, *validate_envelope(**AROUND, callback_data=reading.callback_data)]


@settings(max_examples=300)
@given(bodies())
def test_validator_and_sandbox_agree_on_what_is_acceptable(data: dict[str, Any]) -> None:
    """Both were written from the contracts: what we send is taken, and where ours refuses more, it is by name."""
    reading, problems = from_body(data), problems_of(data)
    if not problems:
        assert reading.message is not None
        assert refused(body(reading.message, **AROUND, callback_data=reading.callback_data)) == []
    if not refused(data | {"from": "a_1", "to": "42"}):
        for each in problems:
            assert each.limit.startswith(tuple(STRICTER)) or each.field.endswith(tuple(STRICTER_FIELDS)), each
