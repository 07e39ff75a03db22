"""Editing a body: every step leaves the old one as it was, and what is empty is left out."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.types import Family
from services.messaging import editing, examples
from services.vendors import imiconnect

CARD = {"title": "Rösti", "buttons": [{"type": "web_url", "title": "Book", "url": "https://cafe.example"}]}
BODY: dict[str, Any] = {"contentType": "TEMPLATE", "content": "hello", "template": [CARD, {"title": "Fondue"}]}
PATHS = ("template", "template[0].buttons", "template[1].buttons", "quickReplies", "template[7].buttons")
PLACES = ("content", "url", "template[0].title", "template[9].title", "quickReplies[0].payload", "callbackData")
STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(PATHS)),
    st.tuples(st.sampled_from(("copy", "remove")), st.sampled_from(PATHS), st.integers(0, 12)),
    st.tuples(st.just("move"), st.sampled_from(PATHS), st.integers(0, 12), st.sampled_from((-1, 1))),
    st.tuples(st.just("put"), st.sampled_from(PLACES), st.text(max_size=5)),
    st.tuples(st.just("tap"), st.integers(0, 12), st.sampled_from(("", "https://cafe.example"))),
    st.tuples(st.just("turn"), st.sampled_from(list(Family))),
)


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=25))
def test_no_step_changes_the_body_it_was_given_or_fills_a_list_beyond_its_limit(steps: list[tuple[Any, ...]]) -> None:
    body = deepcopy(BODY)
    for name, *told in steps:
        before = deepcopy(body)
        changed = getattr(editing, name)(body, *told)
        assert body == before
        body = changed
    assert len(editing.rows(body, "template")) <= editing.MOST["template"]
    assert len(editing.rows(body, "quickReplies")) <= editing.MOST["quickReplies"]
    imiconnect.from_body(body)  # unfinished, but always readable


@pytest.mark.parametrize("example", examples.EXAMPLES, ids=lambda each: each.name)
def test_a_sample_of_the_document_is_of_its_own_family(example: examples.Example) -> None:
    assert editing.family(example.body).value == example.document["contentType"]


def test_a_text_is_put_in_its_place_and_an_empty_one_taken_out() -> None:
    changed = editing.put(BODY, "template[1].subtitle", "With Gruyère")
    assert editing.text(changed, "template[1].subtitle") == "With Gruyère"
    assert editing.put(changed, "template[1].subtitle", "") == BODY
    assert editing.put({}, "content", "hello") == {"content": "hello"}


def test_a_place_that_is_gone_takes_nothing() -> None:
    assert editing.put(BODY, "template[5].title", "late") == BODY
    assert editing.get(BODY, "template[5].title") is None
    assert editing.text(BODY, "template") == ""


def test_a_tap_on_a_card_opens_an_address_or_nothing() -> None:
    changed = editing.tap(BODY, 1, "https://cafe.example")
    assert changed["template"][1]["defaultAction"] == {"url": "https://cafe.example", "type": "WEB_URL"}
    assert editing.tap(changed, 1, "") == BODY


def test_a_card_is_copied_moved_and_removed() -> None:
    copied = editing.copy(BODY, "template", 0)
    assert [card["title"] for card in copied["template"]] == ["Rösti", "Rösti", "Fondue"]
    copied["template"][1]["buttons"][0]["title"] = "Changed"
    assert copied["template"][0] == CARD
    moved = editing.move(BODY, "template", 0, 1)
    assert [card["title"] for card in moved["template"]] == ["Fondue", "Rösti"]
    assert editing.move(moved, "template", 1, 1) == moved
    assert editing.remove(editing.remove(BODY, "template", 0), "template", 0).get("template") is None


def test_a_full_list_takes_no_more() -> None:
    body: dict[str, Any] = {}
    for _ in range(12):
        body = editing.add(body, "quickReplies")
    assert len(body["quickReplies"]) == 10
    assert editing.copy(body, "quickReplies", 3) == body


def test_a_button_opens_an_address_or_sends_something_back_but_never_both() -> None:
    turned = editing.turn_button(BODY, "template[0].buttons[0]", "postback")
    assert turned["template"][0]["buttons"][0] == {"type": "postback", "title": "Book"}


def test_another_kind_keeps_what_was_typed_for_the_one_before() -> None:
    heart = editing.turn(BODY, Family.STICKER)
    assert heart["type"] == "like_heart"
    assert heart["template"] == BODY["template"]
    back = editing.turn(heart, Family.TEMPLATE)
    assert back == BODY
    assert editing.turn({}, Family.TEMPLATE)["template"] == [{}]
