"""The address of the list: what the page's words mean, what is dropped with a word, and its one form."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.queries.filters import LONGEST_SEARCH, Filter, Listed
from data.queries.orders import Order
from pages.ui import formats
from pages.ui.text import plain
from services.listing_address import LARGEST, ORDERS, PLATFORMS, VERIFIED, Words, parse, platform

WORDS = Words(["instagram", "twitter", "google_plus", "mySpace"], ["network", "page"], ["late", "Ünï & co"], ["a=b"])


def test_every_key_of_the_page_is_understood() -> None:
    asked = parse(
        "?q=Sun+ka&platform=X&platform=Instagram&status=Pending&health=Broken&source=%C3%9Cn%C3%AF+%26+co&kind=Page"
        "&category=a%3Db&verified=Not+verified&min=10&max=2000&listed=Vanished&suspect=Frozen&sort=Newest",
        WORDS,
    )
    assert asked.filter == Filter(
        search="Sun ka",
        platforms=("twitter", "instagram"),
        statuses=("pending",),
        healths=("broken",),
        sources=("Ünï & co",),
        kinds=("page",),
        categories=("a=b",),
        verified=False,
        followers_from=10,
        followers_to=2000,
        listed=Listed.VANISHED,
        suspects=("frozen",),
    )
    assert asked.order is Order.NEWEST
    assert asked.dropped == ()


def test_nothing_asked_is_everything() -> None:
    asked = parse("", WORDS)
    assert (asked.filter, asked.order, asked.query, asked.dropped) == (Filter(), Order.WORST_HEALTH, "", ())


@pytest.mark.parametrize(
    ("query", "dropped"),
    [
        ("platform=Myspacee", ("platform", "Myspacee")),
        ("platform=instagram", ("platform", "instagram")),
        ("status=Fine", ("status", "Fine")),
        ("source=nobody", ("source", "nobody")),
        ("verified=perhaps", ("verified", "perhaps")),
        ("min=-1", ("min", "-1")),
        ("min=1e3", ("min", "1e3")),
        ("min=\u0661", ("min", "\u0661")),
        (f"max={LARGEST + 1}", ("max", str(LARGEST + 1))),
        (f"max={'9' * 5_000}", ("max", "9" * 5_000)),
        ("sort=1%3Bdrop", ("sort", "1;drop")),
        ("listed=x", ("listed", "x")),
        ("plattform=X", ("plattform", "X")),
        ("utm_source=mail", ("utm_source", "mail")),
    ],
)
def test_what_makes_no_sense_is_dropped_and_named(query: str, dropped: tuple[str, str]) -> None:
    asked = parse(f"{query}&kind=Page", WORDS)
    assert asked.dropped == (dropped,)
    assert asked.filter == Filter(kinds=("page",))
    assert asked.query == "kind=Page"


def test_the_place_in_the_list_is_left_out_without_a_word() -> None:
    asked = parse("after=abc&before=def&asof=2026-01-01&size=50&rows=connections", WORDS)
    assert (asked.query, asked.dropped, asked.filter) == ("rows=connections", (), Filter())
    assert parse("size=100&size=7", WORDS).dropped == (("size", "7"),)


def test_the_usual_words_and_repetitions_leave_the_one_form() -> None:
    asked = parse("sort=Worst+health+first&verified=Any&listed=All&kind=Page&kind=Page&min=007&q=++", WORDS)
    assert asked.query == "kind=Page&min=7"
    assert asked.filter == Filter(kinds=("page",), followers_from=7)


def test_the_order_of_the_keys_does_not_matter() -> None:
    assert parse("kind=Page&q=x&platform=X", WORDS) == parse("platform=X&kind=Page&q=x", WORDS)


@pytest.mark.parametrize("word", ["google_plus", "mySpace", "twitter"])
def test_a_word_is_understood_as_the_page_writes_it_and_as_it_is(word: str) -> None:
    for shown in (plain(formats.platform(word)), formats.platform(word)):
        asked = parse(urlencode({"platform": shown}), WORDS)
        assert asked.filter.platforms == (word,)
        assert asked.query == urlencode({"platform": shown})


def test_a_search_is_cut_where_the_page_cuts_it() -> None:
    assert len(parse("q=" + "x" * 5_000, WORDS).filter.search) == LONGEST_SEARCH


@pytest.mark.parametrize(
    ("word", "name"), [("twitter", "X"), ("tiktok", "TikTok"), ("newone", "Newone"), ("mySpace", "MySpace"), ("", "")]
)
def test_a_platform_is_named_as_people_write_it(word: str, name: str) -> None:
    assert platform(word) == name == formats.platform(word)


def test_every_platform_with_a_name_has_its_colours() -> None:
    assert set(formats.PLATFORMS) == set(PLATFORMS)


def test_every_order_has_its_words() -> None:
    assert set(ORDERS.values()) == set(Order)


keys = st.sampled_from(["q", "platform", "status", "source", "verified", "min", "sort", "listed", "rows", "after", "x"])
values = st.one_of(st.text(max_size=12), st.sampled_from(["X", "Pending", "late", *VERIFIED, *ORDERS, "5", "Vanished"]))


@given(st.lists(st.tuples(keys, values), max_size=8))
def test_the_one_form_means_the_same_and_nothing_of_it_is_dropped(pairs: list[tuple[str, str]]) -> None:
    asked = parse(urlencode(pairs, errors="replace"), WORDS)
    again = parse(asked.query, WORDS)
    assert (again.filter, again.order, again.query) == (asked.filter, asked.order, asked.query)
    assert again.dropped == ()


@given(st.text(max_size=200))
def test_any_text_is_an_address(text: str) -> None:
    parse(text, WORDS)
