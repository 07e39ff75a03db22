"""What an export reads: the rows of the list in the list's order, each once, whatever is written meanwhile."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from data.queries import export, inventory
from data.queries.export import COLUMNS
from data.queries.filters import Filter, Listed
from data.queries.orders import Order
from data.store import Store, now
from tests import migrated, seeds

SINCE = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)


@pytest.fixture
def cache(whole: Path, tmp_path: Path) -> Iterator[Store]:
    """Three sources and sixty connections, many of them with equal or missing values."""
    store = Store.at(f"sqlite:///{shutil.copy(whole, tmp_path)}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that each test copies."""
    path = tmp_path_factory.mktemp("export") / "cache.db"
    store = migrated.store(path)
    numbers = [seeds.source(store, name, last_complete_at=now() - timedelta(hours=3)) for name in ("b", "a", "c")]
    for number in range(60):
        seeds.connection(
            store,
            numbers[number % 3],
            number,
            platform=("instagram", "twitter", "newone")[number % 3],
            status=("accepted", "pending")[number % 2],
            health=("broken", "healthy", "expiring")[number % 3],
            name=None if number % 7 == 0 else f"Name {number % 10}",
            followers=None if number % 5 == 0 else number % 4 * 100,
            engagement_rate=None if number % 3 == 0 else number / 7,
            category=("food", None)[number % 2],
            verified=(True, False, None)[number % 3],
            connected_at=None if number % 4 == 0 else SINCE + timedelta(days=number % 6),
            growth=None if number % 6 else number - 30.5,
            suspect=None if number % 11 else "followers_doubled",
            vanished_at=SINCE if number % 13 == 0 else None,
        )
    seeds.count(store)
    store.close()
    return path


def exported(store: Store, wanted: Filter, order: Order = Order.WORST_HEALTH) -> list[dict[str, Any]]:
    with store.reading() as session:
        columns = export.cells(session, export.numbers(session, wanted, order), wanted)
    return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]


def paged(store: Store, wanted: Filter, order: Order) -> list[str]:
    found, after = list[str](), None
    with store.reading() as session:
        while True:
            page = inventory.page(session, wanted, order=order, after=after, size=50)
            found += [row.id for row in page.rows]
            after = page.next
            if after is None:
                return found


@pytest.mark.parametrize("order", list(Order))
def test_the_order_is_the_pages(cache: Store, order: Order) -> None:
    assert [row["id"] for row in exported(cache, Filter(), order)] == paged(cache, Filter(), order)


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(search="name 3"),
        Filter(search="3"),
        Filter(platforms=("newone",), statuses=("pending",)),
        Filter(sources=("a", "c"), healths=("healthy",)),
        Filter(followers_from=100, followers_to=200, verified=False),
        Filter(listed=Listed.VANISHED),
        Filter(categories=("food",), search="name"),
        Filter(sources=("nobody",)),
        Filter(suspects=("doubled",)),
    ],
)
def test_the_rows_are_those_of_the_list(cache: Store, wanted: Filter) -> None:
    found = [row["id"] for row in exported(cache, wanted, Order.MOST_FOLLOWERS)]
    assert found == paged(cache, wanted, Order.MOST_FOLLOWERS)


def test_the_columns_are_those_of_the_list_and_two_more(cache: Store) -> None:
    with cache.reading() as session:
        _, rows = inventory.listing(session, Filter())
    assert list(COLUMNS) == [*rows[0], "growth", "suspect"]
    told = {row["id"]: row for row in exported(cache, Filter())}
    assert len(told) == len(rows) == 60
    for row in rows:
        plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        assert {name: told[row["id"]][name] for name in row} == plain
    assert {type(row["verified"]) for row in told.values()} == {bool, type(None)}


def test_chosen_rows_come_in_order_whatever_else_there_is(cache: Store) -> None:
    ids = ["c00003", "c00050", "nobody", "c00001", "c00003"]
    with cache.reading() as session:
        numbers = export.numbers_of(session, ids, Order.HANDLE)
        columns = export.cells(session, numbers, Filter())
    assert columns[0] == ["c00001", "c00003", "c00050"]


def test_nothing_found_is_no_columns(store: Store) -> None:
    with store.reading() as session:
        assert list(export.numbers(session, Filter(), Order.SOURCE)) == []
        assert export.cells(session, export.numbers(session, Filter(), Order.NAME), Filter()) == []


def test_a_row_that_no_longer_matches_is_left_out_and_a_changed_one_comes_once(cache: Store) -> None:
    wanted = Filter(statuses=("pending",))
    with cache.reading() as session:
        numbers = export.numbers(session, wanted, Order.FEWEST_FOLLOWERS)
    with cache.bulk() as link:
        link.execute(text("UPDATE connections SET followers = 10000 - followers"))
        link.execute(text("UPDATE connections SET status = 'accepted' WHERE number = :one"), {"one": numbers[4]})
    with cache.reading() as session:
        columns = export.cells(session, numbers, wanted)
    assert len(set(columns[0])) == len(columns[0]) == len(numbers) - 1


moves = st.tuples(st.integers(0, 29), st.sampled_from(["pending", "accepted", "rejected"]), st.integers(0, 5))


@settings(max_examples=20)
@given(st.lists(st.lists(moves, max_size=6), min_size=6, max_size=6), st.sampled_from(list(Order)))
def test_no_row_twice_and_none_missed_that_matched_all_the_while(
    tmp_path_factory: pytest.TempPathFactory, writes: list[list[tuple[int, str, int]]], order: Order
) -> None:
    store = migrated.store(tmp_path_factory.mktemp("export") / "cache.db")
    source = seeds.source(store, "late")
    status = {seeds.connection(store, source, number, status="pending"): "pending" for number in range(30)}
    always, wanted = set(status), Filter(statuses=("pending",))
    with store.reading() as session:
        numbers, found = export.numbers(session, wanted, order), list[str]()
    for turn, written in enumerate(writes):
        for number, word, followers in written:
            status[f"c{number:05d}"] = word
            statement = "UPDATE connections SET status = :word, followers = :followers WHERE id = :id"
            with store.bulk() as link:
                link.execute(text(statement), {"word": word, "followers": followers, "id": f"c{number:05d}"})
        now_matching = {key for key, word in status.items() if word == "pending"}
        always &= now_matching
        with store.reading() as session:
            columns = export.cells(session, numbers[turn * 5 : turn * 5 + 5], wanted)
        read = list(columns[0]) if columns else []
        assert set(read) <= now_matching
        found += read
    assert len(found) == len(set(found))
    assert always <= set(found)
    store.close()
