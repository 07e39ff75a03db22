"""Places of a body: a text that was typed before its row moved still finds that row, and no other."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.messaging import editing, places
from services.messaging.places import Moved

PATHS = ("template", "template[0].buttons", "template[1].buttons", "quickReplies")
STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(PATHS)),
    st.tuples(st.sampled_from(("copy", "remove")), st.sampled_from(PATHS), st.integers(0, 4)),
    st.tuples(st.just("move"), st.sampled_from(PATHS), st.integers(0, 4), st.sampled_from((-1, 1))),
)
BODY: dict[str, Any] = {
    "content": "the text",
    "template": [
        {"title": f"card {card}", "buttons": [{"title": f"button {card}.{place}"} for place in range(2)]}
        for card in range(3)
    ],
    "quickReplies": [{"title": f"reply {place}"} for place in range(3)],
}
TEXTS = {
    "content": "the text",
    **{f"template[{card}].title": f"card {card}" for card in range(3)},
    **{f"template[{card}].buttons[{place}].title": f"button {card}.{place}" for card in range(3) for place in range(2)},
    **{f"quickReplies[{place}].title": f"reply {place}" for place in range(3)},
}


def arranged(steps: list[tuple[Any, ...]]) -> tuple[dict[str, Any], list[Moved]]:
    """Take steps one after the other; gives the body and what moved."""
    body, moves = BODY, []
    for name, path, *told in steps:
        change = getattr(editing, name)
        moves.append(places.moved(body, change, path, *told))
        body = change(body, path, *told)
    return body, moves


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=8))
def test_a_text_is_found_where_its_row_is_now_and_nowhere_once_it_is_gone(steps: list[tuple[Any, ...]]) -> None:
    body, moves = arranged(steps)
    for path, text in TEXTS.items():
        place = places.now(path, moves)
        if place is not None:
            assert editing.text(body, place) == text
            assert places.identity(place, moves) == path, "it is called what it was called before"
        elif not any(name == "copy" for name, *_ in steps):
            assert text not in str(body)


@settings(max_examples=100)
@given(st.lists(STEPS, max_size=8))
def test_no_two_places_are_called_the_same(steps: list[tuple[Any, ...]]) -> None:
    body, moves = arranged(steps)
    cards = editing.rows(body, "template")
    there = [f"template[{card}].title" for card in range(len(cards))]
    there += [
        f"template[{card}].buttons[{place}].title"
        for card in range(len(cards))
        for place in range(len(editing.rows(body, f"template[{card}].buttons")))
    ]
    assert len({places.identity(path, moves) for path in there}) == len(there)


def test_only_the_texts_of_a_body_are_written_from_outside() -> None:
    assert all(editing.is_text(path) for path in TEXTS)
    assert editing.is_text("template[3].defaultAction.url")
    for path in (
        "template",
        "from",
        "template[0]",
        "template[0].buttons",
        "",
        "!",
        "contentType",
        "template[99999].title",
    ):
        assert not editing.is_text(path)


def test_a_tap_that_is_written_leads_to_an_address_or_goes() -> None:
    body = editing.write({"template": [{}]}, "template[0].defaultAction.url", "https://cafe.example")
    assert body["template"][0]["defaultAction"] == {"url": "https://cafe.example", "type": "WEB_URL"}
    assert editing.write(body, "template[0].defaultAction.url", "") == {"template": [{}]}
