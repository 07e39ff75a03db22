"""Networks: what a page, a filter, a search and a place give."""

import base64
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.queries import cursors, inventory
from data.queries.filters import Doubt, Filter, Listed, folded
from data.queries.inventory import Page
from data.queries.orders import Order
from data.store import Store, now
from tests import migrated, seeds

NUMBER = 23


@pytest.fixture
def many(whole: Path, tmp_path: Path) -> Iterator[Store]:
    """23 connections of two sources: every third has no followers, some tie, one has vanished."""
    store = Store.at(f"sqlite:///{shutil.copy(whole, tmp_path)}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that each test copies."""
    path = tmp_path_factory.mktemp("inventory") / "cache.db"
    store = migrated.store(path)
    first = seeds.source(store, "late", last_complete_at=now())
    second = seeds.source(store, "zocial", vendor="zocial", last_complete_at=now() - timedelta(hours=3))
    for number in range(NUMBER):
        seeds.connection(
            store,
            second if number % 4 else first,
            number,
            name=None if number == 5 else f"Name {number % 7}",
            handle=None if number in {5, 6} else f"handle.{number}",
            followers=None if number % 3 == 0 else (number % 5) * 100,
            engagement_rate=None if number % 4 == 0 else number / 7,
            category=None if number % 5 == 0 else f"Category {number % 3}",
            connected_at=None if number % 6 == 0 else now() - timedelta(days=number % 4),
            platform=("instagram", "tiktok")[number % 2],
            status=("accepted", "pending", "rejected")[number % 3],
            health=("healthy", "broken", "expiring")[number % 3],
            vanished_at=now() if number == 8 else None,
            growth=None if number % 5 == 1 else (number % 6) * 2.5 - 5,
            suspect=("followers_frozen", "engagement_zero", "followers_zero", None)[number % 4],
        )
    seeds.count(store)
    store.close()
    return path


def ids(page: Page) -> list[str]:
    return [row.id for row in page.rows]


def walked(store: Store, wanted: Filter, order: Order, size: int, *, accounts: bool = False) -> list[Page]:
    with store.reading() as session:
        pages = [inventory.page(session, wanted, order=order, size=size, accounts=accounts)]
        while pages[-1].next:
            after = pages[-1].next
            pages.append(inventory.page(session, wanted, order=order, after=after, size=size, accounts=accounts))
    return pages


@pytest.mark.parametrize("order", Order)
def test_walking_forwards_gives_every_row_once_and_backwards_the_same_pages(many: Store, order: Order) -> None:
    pages = walked(many, Filter(), order, 4)
    seen = [identity for page in pages for identity in ids(page)]
    assert len(seen) == NUMBER
    assert len(set(seen)) == NUMBER
    with many.reading() as session:
        back = pages[-1]
        for expected in reversed(pages[:-1]):
            back = inventory.page(session, Filter(), order=order, before=back.previous, size=4)
            assert ids(back) == ids(expected)
            assert (back.first, back.last) == (expected.first, expected.last)
        assert back.previous is None


@pytest.mark.parametrize(
    ("order", "field", "down"),
    [
        (Order.MOST_FOLLOWERS, "followers", True),
        (Order.FEWEST_FOLLOWERS, "followers", False),
        (Order.MOST_ENGAGED, "engagement_rate", True),
        (Order.LEAST_ENGAGED, "engagement_rate", False),
        (Order.GREW_MOST, "growth", True),
        (Order.FELL_MOST, "growth", False),
        (Order.NEWEST, "connected_at", True),
        (Order.OLDEST, "connected_at", False),
        (Order.CATEGORY, "category", False),
        (Order.HANDLE, "handle", False),
    ],
)
def test_missing_values_come_last_in_both_directions(many: Store, order: Order, field: str, *, down: bool) -> None:
    (page,) = walked(many, Filter(), order, 50)
    values = [getattr(row, field) for row in page.rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=down)
    assert values[len(known) :] == [None] * (NUMBER - len(known))


def test_a_nameless_connection_is_sorted_last_by_name(many: Store) -> None:
    assert walked(many, Filter(), Order.NAME, 50)[0].rows[-1].name is None
    assert walked(many, Filter(), Order.NAME_DOWN, 50)[0].rows[-1].name is None


def test_the_default_order_begins_with_what_is_broken(many: Store) -> None:
    (page,) = walked(many, Filter(), Order.WORST_HEALTH, 50)
    words = [row.health for row in page.rows]
    assert words == sorted(words)
    assert words[0] == "broken"


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(platforms=("tiktok",)),
        Filter(statuses=("pending", "rejected")),
        Filter(healths=("broken",)),
        Filter(kinds=("network",)),
        Filter(kinds=("wall",)),
        Filter(sources=("zocial",)),
        Filter(sources=("nobody",)),
        Filter(listed=Listed.LISTED),
        Filter(listed=Listed.VANISHED),
        Filter(platforms=("tiktok",), statuses=("pending",), sources=("late", "zocial")),
    ],
)
def test_the_kept_totals_count_what_the_list_holds(many: Store, wanted: Filter) -> None:
    assert wanted.kept
    pages = walked(many, wanted, Order.NAME, 5)
    assert pages[0].total == sum(len(page.rows) for page in pages)
    assert pages[0].total_is_exact


def test_followers_and_category_narrow_the_list(many: Store) -> None:
    wanted = Filter(followers_from=100, followers_to=200, categories=("Category 1", "Category 2"))
    (page,) = walked(many, wanted, Order.MOST_FOLLOWERS, 50)
    assert page.rows
    assert all(row.followers in {100, 200} and row.category in {"Category 1", "Category 2"} for row in page.rows)
    assert page.total == len(page.rows)


@pytest.mark.parametrize(
    ("doubts", "found"),
    [
        (("zero",), {"engagement_zero", "followers_zero"}),
        (("frozen", "negative"), {"followers_frozen"}),
        (("doubled",), set()),
        (tuple(Doubt), {"followers_frozen", "engagement_zero", "followers_zero"}),
        (("unheard of",), set()),
    ],
)
def test_suspect_figures_are_found_by_what_they_did(many: Store, doubts: tuple[str, ...], found: set[str]) -> None:
    (page,) = walked(many, Filter(suspects=doubts), Order.WORST_HEALTH, 50)
    assert {row.suspect for row in page.rows} == found
    assert page.total == len(page.rows)


def test_a_listed_connection_is_as_fresh_as_its_source_and_a_vanished_one_is_not(store: Store) -> None:
    complete, long_ago = now(), now() - timedelta(days=9)
    source = seeds.source(store, "late", last_complete_at=complete)
    seeds.connection(store, source, 1, last_seen_at=long_ago)
    seeds.connection(store, source, 2, last_seen_at=long_ago, vanished_at=long_ago + timedelta(days=1))
    seeds.count(store)
    with store.reading() as session:
        seen = {row.id: row.last_seen_at for row in inventory.page(session, Filter()).rows}
    assert seen == {"c00001": complete, "c00002": long_ago}


_days = st.integers(0, 6)
_complete = st.lists(st.none() | _days, min_size=3, max_size=3)
_seen = st.lists(st.tuples(st.integers(0, 2), _days, st.booleans()), max_size=12)


@given(complete=_complete, seen=_seen, listed=st.sampled_from(Listed), narrow=st.booleans(), accounts=st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_list_sorted_by_sight_goes_by_the_instant_that_each_row_shows(
    sighted: Store, complete: list[Any], seen: list[Any], listed: Listed, *, narrow: bool, accounts: bool
) -> None:
    _sight(sighted, complete, seen)
    wanted = Filter(listed=listed, sources=("one", "two") if narrow else ())
    with sighted.reading() as session:
        every = inventory.page(session, wanted, size=200, accounts=accounts).rows
    for order, down in ((Order.SEEN_LAST, True), (Order.SEEN_LONGEST_AGO, False)):
        pages = walked(sighted, wanted, order, 2, accounts=accounts)
        rows = [row for page in pages for row in page.rows]
        assert sorted(row.account or row.number for row in rows) == sorted(row.account or row.number for row in every)
        assert [row.last_seen_at for row in rows] == sorted((row.last_seen_at for row in rows), reverse=down)
        with sighted.reading() as session:
            for here, expected in zip(pages[:0:-1], pages[-2::-1], strict=True):
                back = inventory.page(session, wanted, order=order, before=here.previous, size=2, accounts=accounts)
                assert ids(back) == ids(expected)


def _sight(store: Store, complete: list[int | None], seen: list[tuple[int, int, bool]]) -> None:
    """Let three sources have answered completely on these days, and their connections be written or gone on those.

    The first three connections are one account.
    """
    with store.bulk() as link:
        for table in ("connections", "sources", "totals"):
            link.exec_driver_sql(f"DELETE FROM {table}")
    at = [None if day is None else now() - timedelta(days=day) for day in complete]
    names = ("one", "two", "three")
    numbers = [seeds.source(store, name, last_complete_at=when) for name, when in zip(names, at, strict=True)]
    for number, (source, day, gone) in enumerate(seen, 1):
        when = now() - timedelta(days=day)
        seeds.connection(store, numbers[source], number, last_seen_at=when, vanished_at=now() if gone else None)
    if len(seen) > 1:
        with store.bulk() as link:
            link.exec_driver_sql("UPDATE connections SET account = 1 WHERE number <= 3")
    seeds.count(store)


@pytest.fixture(scope="module")
def sighted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A cache that many examples share; each begins by emptying it."""
    store = migrated.store(tmp_path_factory.mktemp("sighted") / "cache.db")
    yield store
    store.close()


@pytest.mark.parametrize("text", ["Café", "CAFÉ", "fé", "ﬁn", "x", "100%", "_", '"', "a'b", "\\", "e", "名前", "名"])
def test_a_search_finds_any_part_of_a_name_or_handle_as_text(store: Store, text: str) -> None:
    source = seeds.source(store, "late")
    texts = [
        "Café Fin",
        "100% cotton_wool",
        'say "hello"',
        "a'b\\c",
        "名前だけ",
        "straße",
        "X-ray",
        "\uff46\uff49\uff4e",
    ]
    for number, name in enumerate(texts):
        seeds.connection(store, source, number, name=name, handle=None)
    with store.reading() as session:
        found = {row.name for row in inventory.page(session, Filter(search=text)).rows}
    assert found == {name for name in texts if folded(text) in folded(name)}
    assert found


@given(text=st.text(max_size=300))
@settings(max_examples=150)
def test_no_search_text_can_break_the_question(text: str, searched: Store) -> None:
    with searched.reading() as session:
        total, rows = inventory.listing(session, Filter(search=text), 5)
        page = inventory.page(session, Filter(search=text), size=5)
    assert total >= len(rows)
    assert [row["id"] for row in rows] == ids(page)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A cache that many searches share."""
    made = migrated.store(tmp_path_factory.mktemp("search") / "cache.db")
    source = seeds.source(made, "late")
    for number in range(8):
        seeds.connection(made, source, number)
    seeds.count(made)
    return made


@given(
    text=st.one_of(st.text(max_size=80), st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
)
@settings(max_examples=150)
def test_a_place_that_is_nonsense_gives_the_first_page_and_says_so(text: str, searched: Store) -> None:
    with searched.reading() as session:
        page = inventory.page(session, Filter(), after=text or "?", size=5)
    assert page.first == 1
    assert not page.believed


@pytest.mark.parametrize("values", [(), ("x",), (1, 2), (None, None), ("healthy", ["c"]), ({}, "c"), ("x", "y", "z")])
def test_a_place_with_foreign_values_is_no_place(many: Store, values: tuple[object, ...]) -> None:
    mark = cursors.mark(Filter(), Order.WORST_HEALTH.value, False)
    forged = cursors.written(cursors.Place(mark, 0, values, 7))
    with many.reading() as session:
        assert not inventory.page(session, Filter(), after=forged).believed
        assert inventory.page(session, Filter(), after=forged).first == 1


def test_a_place_of_another_list_begins_this_list_anew(many: Store) -> None:
    place = walked(many, Filter(), Order.NAME, 5)[0].next
    with many.reading() as session:
        page = inventory.page(session, Filter(platforms=("tiktok",)), order=Order.NAME, after=place, size=5)
    assert page.believed
    assert page.first == 1
    assert {row.platform for row in page.rows} == {"tiktok"}


def test_a_change_needs_a_baseline_30_days_ago_or_at_most_three_days_older(store: Store) -> None:
    source, today = seeds.source(store, "late"), now().date()
    for number in range(5):
        seeds.connection(store, source, number, followers=110)
    seeds.points(store, "c00000", {today - timedelta(days=30): 100, today - timedelta(days=3): None, today: 110})
    seeds.points(store, "c00001", {today - timedelta(days=33): 100, today: 110})
    seeds.points(store, "c00002", {today - timedelta(days=34): 100, today: 110})
    seeds.points(store, "c00003", {today - timedelta(days=30): 0, today: 110})
    with store.reading() as session:
        rows = {row.id: row.trend for row in inventory.page(session, Filter()).rows}
    changes = {identity: trend.change for identity, trend in rows.items()}
    assert changes == {
        "c00000": pytest.approx(10),
        "c00001": pytest.approx(10),
        "c00002": None,
        "c00003": None,
        "c00004": None,
    }
    assert rows["c00000"].followers[-4:] == (None, None, None, 110)
    assert rows["c00004"].followers == ()


def test_the_listing_gives_every_field_and_the_whole_number(many: Store) -> None:
    with many.reading() as session:
        total, rows = inventory.listing(session, Filter(listed=Listed.LISTED), 3)
    assert total == NUMBER - 1
    assert list(rows[0]) == [
        *("id", "source", "vendor", "kind", "platform", "vendor_id", "external_id", "handle", "name", "url", "status"),
        *("vendor_status", "verified", "health", "followers", "engagement_rate", "category", "connected_at"),
        *("last_updated", "last_seen_at", "vanished_at"),
    ]
    assert len(rows) == 3


def test_an_empty_cache_gives_an_empty_page_and_no_age(store: Store) -> None:
    with store.reading() as session:
        page = inventory.page(session, Filter())
        standing = inventory.standing(session)
    assert (page.rows, page.total, page.first, page.last, page.as_of) == ((), 0, 0, 0, None)
    assert (standing.connections, standing.sources) == (0, 0)


def test_the_categories_that_occur_are_named_once_each(many: Store) -> None:
    with many.reading() as session:
        assert inventory.categories(session) == ["Category 0", "Category 1", "Category 2"]


def test_rows_that_are_not_counted_yet_are_shown_and_not_taken_for_all(store: Store) -> None:
    source = seeds.source(store, "late")
    for number in range(7):
        seeds.connection(store, source, number)
    with store.reading() as session:
        some, every = inventory.page(session, Filter(), size=5), inventory.page(session, Filter(), size=50)
    assert (len(some.rows), some.total, some.total_is_exact) == (5, 5, False)
    assert (every.total, every.total_is_exact) == (7, True)
