"""Witnesses of one account: who they are, where they disagree and since when, and the list of all accounts."""

from datetime import UTC, datetime, time, timedelta

import pytest

from data.queries import accounts
from data.queries.accounts import Witness
from data.store import Store, now
from tests import seeds

AT = now()
YESTERDAY, LAST_WEEK = AT - timedelta(days=1), AT - timedelta(days=7)


@pytest.fixture
def world(store: Store) -> Store:
    """Three connections of one account, told by three sources, and a lone one."""
    one, two, three = (seeds.source(store, name) for name in ("one", "two", "three"))
    seeds.connection(store, one, 1, account=1, account_by="handle", handle="Hoku", followers=1000)
    seeds.connection(store, two, 2, account=1, account_by="url", handle=None, followers=1021)
    seeds.connection(store, one, 3, handle="lone")
    seeds.connection(store, three, 4, account=1, account_by="handle", handle="hoku ", followers=None)
    return store


def _members(store: Store, connection: str) -> tuple[Witness, ...]:
    with store.reading() as session:
        return accounts.members(session, connection)


@pytest.mark.parametrize("asked", ["c00001", "c00002", "c00004"])
def test_each_member_names_all_witnesses_the_first_one_first(world: Store, asked: str) -> None:
    found = _members(world, asked)
    assert [(each.id, each.source, each.account_id) for each in found] == [
        ("c00001", "one", 1), ("c00002", "two", 1), ("c00004", "three", 1),
    ]  # fmt: skip


def test_a_lone_connection_is_its_own_witness_and_an_unknown_one_has_none(world: Store) -> None:
    assert [each.id for each in _members(world, "c00003")] == ["c00003"]
    assert _members(world, "nobody") == ()


def test_a_page_of_accounts_is_answered_at_once(world: Store) -> None:
    with world.reading() as session:
        found = accounts.witnesses(session, [3, 1, 99])
    assert {account: [each.number for each in told] for account, told in found.items()} == {1: [1, 2, 4], 3: [3]}


def test_every_connection_is_in_exactly_one_account_and_the_weakest_link_counts(world: Store) -> None:
    with world.reading() as session:
        total, found = accounts.listing(session)
        assert accounts.listing(session, 1) == (2, found[:1])
        assert accounts.listing(session, 0) == (2, [])
    assert (total, found) == (2, [
        {"id": 1, "platform": "instagram", "handle": "Hoku", "connections": ["c00001", "c00002", "c00004"],
         "confidence": 0.8},
        {"id": 3, "platform": "instagram", "handle": "lone", "connections": ["c00003"], "confidence": 1.0},
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("field", "told", "apart"),
    [
        ("followers", (1000, 1021), True),
        ("followers", (1000, 1020), False),
        ("followers", (100, 109), False),
        ("followers", (100, 110), True),
        ("followers", (100, None), False),
        ("engagement_rate", (2.0, 2.5), False),
        ("engagement_rate", (2.0, 2.51), True),
        ("name", ("Hoku", " hOKU "), False),
        ("name", ("Hoku", "Hoku Labs"), True),
        ("name", ("Hoku", ""), False),
        ("category", ("food", None), False),
        ("status", ("accepted", "rejected"), True),
        ("status", ("accepted", "unknown"), False),
        ("verified", (True, False), True),
        ("verified", (True, None), False),
    ],
)
def test_witnesses_disagree_beyond_the_tolerance_only(
    store: Store, field: str, told: tuple[object, object], *, apart: bool
) -> None:
    same = {"handle": "h", "name": "n", "account": 1, "account_by": "handle"}
    for number, value in enumerate(told, start=1):
        seeds.connection(store, seeds.source(store, f"s{number}"), number, **(same | {field: value}))
    found = accounts.disagreements(_members(store, "c00001"))
    assert list(found) == ([field] if apart else [])
    if apart:
        assert [(each.source, each.value) for each in found[field]] == [("s1", told[0]), ("s2", told[1])]


def test_one_that_vanished_disagrees_with_nobody(store: Store) -> None:
    one, two = seeds.source(store, "one"), seeds.source(store, "two")
    seeds.connection(store, one, 1, account=1, account_by="handle", name="A", vanished_at=AT)
    seeds.connection(store, two, 2, account=1, account_by="handle", name="B")
    assert "name" not in accounts.disagreements(_members(store, "c00001"))


@pytest.fixture
def parted(store: Store) -> Store:
    """Two witnesses with different names, watched for a hundred and for fifty days."""
    one, two = seeds.source(store, "one"), seeds.source(store, "two")
    same = {"account": 1, "account_by": "handle", "handle": "h"}
    seeds.connection(store, one, 1, name="New", **same)
    seeds.connection(store, two, 2, name="Old", first_seen_at=AT - timedelta(days=50), **same)
    return store


def _since(store: Store, field: str) -> object:
    found = _members(store, "c00001")
    with store.reading() as session:
        return accounts.differs_since(session, found, field)


def test_they_differ_since_the_change_before_which_they_agreed(parted: Store) -> None:
    seeds.change(parted, "c00001", LAST_WEEK, "name", ("old", "Newer"))
    seeds.change(parted, "c00001", YESTERDAY, "name", ("Newer", "New"))
    assert _since(parted, "name") == LAST_WEEK


def test_they_differ_since_both_are_known_when_nothing_changed(parted: Store) -> None:
    assert _since(parted, "name") == AT - timedelta(days=50)


def test_where_they_agree_no_begin_is_known(parted: Store) -> None:
    assert _since(parted, "handle") is None
    assert _since(parted, "url") is None


@pytest.mark.parametrize(
    ("one", "two", "days"),
    [
        ((100, 100, 100, 100), (100, 100, 150, 150), 1),
        ((100, 100, 100, 200), (200, 200, 200, 300), 3),
        ((100, None, None, 100), (150, 100, None, 150), 0),
        ((100, 100, None, 100), (100, 150, None, 150), 2),
        ((None, None, None, None), (150, 150, 150, 150), None),
    ],
)
def test_figures_differ_since_the_day_from_which_they_did_without_a_break(
    store: Store, one: tuple[int | None, ...], two: tuple[int | None, ...], days: int | None
) -> None:
    for number, told in enumerate((one, two), start=1):
        same = {"account": 1, "account_by": "handle", "first_seen_at": AT - timedelta(days=100)}
        key = seeds.connection(store, seeds.source(store, f"s{number}"), number, followers=told[-1], **same)
        seeds.points(store, key, {AT.date() - timedelta(days=3 - day): value for day, value in enumerate(told)})
    found = _since(store, "followers")
    assert found == (None if days is None else datetime.combine(AT.date() - timedelta(days=days), time(), UTC))


def test_they_can_not_differ_before_both_were_seen(store: Store) -> None:
    for number, followers in ((1, 100), (2, 200)):
        same = {"account": 1, "account_by": "handle", "first_seen_at": AT - timedelta(days=number)}
        key = seeds.connection(store, seeds.source(store, f"s{number}"), number, followers=followers, **same)
        seeds.points(store, key, {AT.date() - timedelta(days=day): followers for day in range(number + 1)})
    assert _since(store, "followers") == AT - timedelta(days=1)


def test_an_account_is_named_by_a_word_before_a_number() -> None:
    assert accounts.handle_of([None, "17841400000000001", "17841400000000001", "hoku", ""]) == "hoku"
    assert accounts.handle_of(["a", "b", "b"]) == "b"
    assert accounts.handle_of(["17841400000000001", None]) == "17841400000000001"
    assert accounts.handle_of([None]) is None
