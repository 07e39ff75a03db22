"""One row for each account: what the list, the count and the places give, beside a naive model of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import SQLModel

from data import migrations
from data.queries import _merged, inventory
from data.queries.filters import Filter, Listed
from data.queries.inventory import Page
from data.queries.orders import Order
from data.store import Store, now
from tests import seeds

SOURCES = ("late", "zocial", "gipper")
AT = now()
_WORDS = (None, "a", "b", "c")
ORDERS = [order for order in Order if order not in {Order.SEEN_LAST, Order.SEEN_LONGEST_AGO}]
"""Sorting by sight is tested in test_inventory: its instants are the sources', not the rows'."""


@dataclass(frozen=True)
class Known:
    """A connection of the model; `group` names its account, 0 stands alone."""

    source: int
    group: int
    status: str
    health: str
    name: str | None
    followers: int | None
    growth: float | None
    category: str | None
    connected: int | None
    gone: bool


known = st.builds(
    Known,
    source=st.integers(0, 2),
    group=st.integers(0, 4),
    status=st.sampled_from(("accepted", "pending")),
    health=st.sampled_from(("broken", "healthy")),
    name=st.sampled_from(_WORDS),
    followers=st.sampled_from((None, 0, 5, 5_000)),
    growth=st.sampled_from((None, -2.5, 0.0, 7.25)),
    category=st.sampled_from(_WORDS),
    connected=st.sampled_from((None, 1, 2)),
    gone=st.booleans(),
)
wanted = st.builds(
    Filter,
    search=st.sampled_from(("", "a", "ha", "handle")),
    statuses=st.sampled_from(((), ("pending",), ("pending", "accepted"))),
    healths=st.sampled_from(((), ("broken",), ("healthy",), ("broken", "unknown"))),
    sources=st.sampled_from(((), ("late",), ("late", "gipper"))),
    categories=st.sampled_from(((), ("a",))),
    followers_from=st.sampled_from((None, 5)),
    listed=st.sampled_from(tuple(Listed)),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A cache with three sources whose connections each example writes anew."""
    made = Store.at(f"sqlite:///{tmp_path_factory.mktemp('accounts') / 'cache.db'}")
    migrations.upgrade(made)
    for name in SOURCES:
        seeds.source(made, name, last_complete_at=AT)
    yield made
    made.close()


def fill(store: Store, world: list[Known]) -> list[dict[str, Any]]:
    """Write a world and give its rows as the model knows them."""
    with store.bulk() as link:
        for table in ("connections", "totals"):
            link.execute(delete(SQLModel.metadata.tables[table]))
    firsts: dict[int, int] = {}
    rows = []
    for number, one in enumerate(world, start=1):
        shared_by = sum(one.group == other.group for other in world) > 1 and one.group > 0
        account = firsts.setdefault(one.group, number) if shared_by else None
        row: dict[str, Any] = {
            "account": account,
            "status": one.status,
            "health": "unknown" if one.gone else one.health,
            "name": one.name,
            "followers": one.followers,
            "growth": one.growth,
            "category": one.category,
            "connected_at": None if one.connected is None else AT - timedelta(days=one.connected),
            "vanished_at": AT if one.gone else None,
        }
        seeds.connection(store, one.source + 1, number, **row)
        rows.append(
            row
            | {"number": number, "id": f"c{number:05d}", "source": SOURCES[one.source], "handle": f"handle.{number}"}
        )
    seeds.count(store)
    for row in rows:
        of = row["account"] or row["number"]
        row["shown"] = min(each["health"] for each in rows if of == (each["account"] or each["number"]))
    return rows


def matches(row: dict[str, Any], asked: Filter) -> bool:
    text = f"{row['name'] or ''}\n{row['handle']}"
    return (
        asked.search in text
        and (not asked.statuses or row["status"] in asked.statuses)
        and (not asked.healths or row["shown"] in asked.healths)
        and (not asked.sources or row["source"] in asked.sources)
        and (not asked.categories or row["category"] in asked.categories)
        and (asked.followers_from is None or (row["followers"] or 0) >= asked.followers_from)
        and (asked.listed is Listed.BOTH or (row["vanished_at"] is not None) is (asked.listed is Listed.VANISHED))
    )


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two rows are of one account."""
    return (one["account"] or one["number"]) == (other["account"] or other["number"])


FIELDS = {
    "followers": "followers",
    "engagement": "engagement_rate",
    "growth": "growth",
    "connected": "connected_at",
    "category": "category",
}


def sort_key(order: Order) -> tuple[Callable[[dict[str, Any]], Any], bool]:
    """Give how an order compares two rows that have a value, and whether downwards; others come last by number."""
    field, _, direction = order.value.partition("-")
    named = {
        "name": lambda row: (row["name"] or row["handle"], row["number"]),
        "handle": lambda row: (row["handle"], row["number"]),
        "source": lambda row: (row["source"], row["health"], row["number"]),
        **dict.fromkeys(("platform", "kind", "verified"), lambda row: (row["health"], row["number"])),
        "health": lambda row: (row["health"], row["number"]),
        "status": lambda row: (row["status"], row["health"], row["number"]),
    }
    return named.get(field, lambda row: (row[FIELDS[field]], row["number"])), direction == "down"


def model(rows: list[dict[str, Any]], asked: Filter, order: Order) -> list[str]:
    """Give the ids of the list, as a person would write them down."""
    joined = any(row["account"] for row in rows)
    key, down = sort_key(order)
    field = FIELDS.get(order.value.partition("-")[0], "number")
    found = [row for row in rows if matches(row, asked)]
    told = sorted((row for row in found if row.get(field) is not None), key=key, reverse=down)
    rest = [row for row in found if row.get(field) is None]
    if order is Order.BEST_HEALTH and joined and len(asked.healths) == 1:
        told.reverse()
    elif order is Order.BEST_HEALTH:  # the worst connection of an account stands for it
        told = [row for row in told if row is min((one for one in told if same(one, row)), key=key)]
    seen: set[int] = set()
    listed = []
    for row in (*told, *rest):
        account = row["account"] or row["number"]
        if account not in seen:
            seen.add(account)
            listed.append(row["id"])
    return listed


def walked(store: Store, asked: Filter, order: Order, size: int) -> list[Page]:
    with store.reading() as session:
        pages = [inventory.page(session, asked, order=order, size=size, accounts=True)]
        while pages[-1].next:
            pages.append(inventory.page(session, asked, order=order, after=pages[-1].next, size=size, accounts=True))
        back = pages[-1]
        for expected in reversed(pages[:-1]):
            back = inventory.page(session, asked, order=order, before=back.previous, size=size, accounts=True)
            assert (back.rows, back.first, back.last) == (expected.rows, expected.first, expected.last)
    return pages


@given(world=st.lists(known, max_size=14), asked=wanted, order=st.sampled_from(ORDERS), size=st.integers(1, 5))
@settings(max_examples=60)
def test_the_list_is_what_a_naive_model_gives_forwards_and_backwards(
    shared: Store, world: list[Known], asked: Filter, order: Order, size: int
) -> None:
    expected = model(fill(shared, world), asked, order)
    pages = walked(shared, asked, order, size)
    assert [row.id for page in pages for row in page.rows] == expected
    assert (pages[0].total, pages[0].total_is_exact) == (len(expected), True)


@given(world=st.lists(known, min_size=1, max_size=14), asked=wanted)
@settings(max_examples=30)
@pytest.mark.parametrize(("most", "few"), [(0, 0), (0, 5_000), (2, 0), (2, 5_000)])
def test_a_count_beyond_the_bound_is_exact_or_says_that_it_is_not(
    shared: Store, world: list[Known], asked: Filter, most: int, few: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inventory, "COUNTED", most)
        patch.setattr(_merged, "FEW", few)
        expected = len(model(fill(shared, world), asked, Order.HANDLE))
        with shared.reading() as session:
            found, exact = inventory.count(session, asked, accounts=True)
    assert found == expected if exact else found == most < expected


def test_an_accounts_row_is_the_member_that_comes_first_in_the_order(store: Store) -> None:
    late, zocial = (seeds.source(store, name) for name in ("late", "zocial"))
    same = datetime.now(AT.tzinfo)
    seeds.connection(store, late, 1, followers=100, connected_at=same, account=1, name="B")
    seeds.connection(store, zocial, 2, followers=900, connected_at=same, account=1, name="A")
    seeds.connection(store, zocial, 3, followers=500, connected_at=None, name="C")
    seeds.count(store)
    with store.reading() as session:
        most = inventory.page(session, Filter(), order=Order.MOST_FOLLOWERS, accounts=True)
        fewest = inventory.page(session, Filter(), order=Order.FEWEST_FOLLOWERS, accounts=True)
        every = inventory.page(session, Filter(), order=Order.MOST_FOLLOWERS)
    assert [row.followers for row in most.rows] == [900, 500]
    assert [row.followers for row in fewest.rows] == [100, 500]
    assert [row.followers for row in every.rows] == [900, 500, 100]
    assert (most.total, every.total) == (2, 3)


def test_what_a_rows_own_source_does_not_tell_is_told_by_another_one(store: Store) -> None:
    late, zocial, gone = (seeds.source(store, name) for name in ("late", "zocial", "gone"))
    seeds.connection(store, late, 1, health="broken", account=1, name=None, followers=None)
    told = seeds.connection(store, zocial, 2, account=1, name="B", followers=900, growth=2.5, category="food")
    seeds.connection(store, gone, 3, account=1, followers=7, vanished_at=AT, last_seen_at=AT)
    seeds.points(store, told, {(AT - timedelta(days=back)).date(): 900 - back for back in range(3)})
    seeds.count(store)
    with store.reading() as session:
        (row,) = inventory.page(session, Filter(), accounts=True).rows
        connections = inventory.page(session, Filter()).rows
    assert (row.source, row.health, row.name, row.followers) == ("late", "broken", "B", 900)
    assert (row.growth, row.category, row.figures, row.trend.followers[-1]) == (2.5, "food", "zocial", 900)
    assert {each.followers for each in connections} == {None, 900, 7}
    assert {each.figures for each in connections} == {None}


@pytest.mark.parametrize("order", [Order.MOST_FOLLOWERS, Order.BEST_HEALTH, Order.NAME])
def test_a_broken_account_looks_broken_in_any_order(store: Store, order: Order) -> None:
    late, zocial, gone = (seeds.source(store, name) for name in ("late", "zocial", "gone"))
    seeds.connection(store, late, 1, health="broken", health_reason="Its token was revoked.", account=1, name="Z")
    seeds.connection(store, zocial, 2, health="healthy", account=1, name="A", followers=900)
    seeds.connection(store, zocial, 3, health="healthy", account=3, name="A", followers=9)
    seeds.connection(store, gone, 4, health="unknown", account=3, vanished_at=AT, followers=1)
    seeds.count(store)
    with store.reading() as session:
        found = inventory.page(session, Filter(), order=order, accounts=True).rows
    told = {row.account: (row.health, row.health_reason, row.vanished_at) for row in found}
    assert told == {1: ("broken", "Its token was revoked.", None), 3: ("healthy", None, None)}


@pytest.mark.parametrize("few", [0, 5_000])
def test_the_health_that_is_asked_for_is_the_one_that_each_row_shows(
    store: Store, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(inventory, "FEW", few)
    late, zocial = (seeds.source(store, name) for name in ("late", "zocial"))
    seeds.connection(store, late, 1, health="broken", account=1)
    seeds.connection(store, zocial, 2, health="healthy", account=1)
    seeds.connection(store, zocial, 3, health="healthy")
    seeds.count(store)
    with store.reading() as session:
        pages = {
            (health, *sources): inventory.page(session, Filter(healths=(health,), sources=sources), accounts=True)
            for health in ("broken", "healthy")
            for sources in ((), ("zocial",))
        }
    told = {asked: ([row.id for row in page.rows], page.total) for asked, page in pages.items()}
    assert told == {
        ("broken",): (["c00001"], 1),
        ("broken", "zocial"): (["c00002"], 1),
        ("healthy",): (["c00003"], 1),
        ("healthy", "zocial"): (["c00003"], 1),
    }
    assert all(row.health == asked[0] for asked, page in pages.items() for row in page.rows)
