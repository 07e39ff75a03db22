"""Accounts kept up run by run: always what a look at everything says, whatever order, rulings and cut-off runs."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlmodel import SQLModel

from data import absences, identity, migrations, refresh
from data.grouping import SPLIT, Known, Verdict, grouped
from data.staging import Observation
from data.store import Store
from data.types import Kind
from services import observations
from services.vendors import _payload, zocial
from tests import cached, seeds

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SOURCES = (1, 2, 3)
Listed = dict[int, dict[str, Any]]
_runs = SQLModel.metadata.tables["sync_runs"]

_record = st.fixed_dictionaries({
    "network": st.sampled_from(["instagram", "instagram", "twitter", "x"]),
    "network_id": st.sampled_from([None, "a", "@A", "b", "1000000001", "1000000002"]),
    "network_url": st.sampled_from([None, "https://www.instagram.com/a/", "https://x.com/b"]),
})  # fmt: skip
_lists = st.dictionaries(st.integers(1, 3), _record, max_size=3)
_sync = st.tuples(st.just("sync"), st.sampled_from(SOURCES), _lists)
_cut = st.tuples(st.just("cut"), st.sampled_from(SOURCES), _lists)
_merge = st.tuples(st.just("merge"), st.integers(0, 8), st.integers(0, 8))
_split = st.tuples(st.just("split"), st.integers(0, 8), st.none())
_steps = st.lists(st.one_of(_sync, _sync, _sync, _cut, _merge, _split), max_size=10)


class World:
    """A cache of three sources, and what people ruled on it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.at = NOON
        self.lists: dict[int, Listed] = {source: {} for source in SOURCES}
        self.merged: list[set[int]] = []
        self.split: set[int] = set()
        with store.bulk() as link:
            for table in ("connections", "changes", "metric_points", "sync_runs"):
                link.exec_driver_sql(f"DELETE FROM {table}")
            link.exec_driver_sql("UPDATE sources SET joined_run = NULL")

    def sync(self, source: int, listed: Listed, *, cut: bool = False) -> None:
        """Let a source say what it has; a run that is cut off joins one stretch if it is the source's first."""
        self.at += timedelta(minutes=15)
        self.lists[source] = listed
        values = {"source_id": source, "observed_at": self.at, "started_at": self.at, "trigger": "hand", "state": "ok"}
        with self.store.bulk() as link:
            run = int(link.execute(insert(_runs).values(values)).inserted_primary_key[0])
        observation = Observation(run, source, self.at)
        platforms = self._platforms()
        rows = [{"id": number} | told for number, told in listed.items()]
        records = observations.zocial_records(
            _payload.listing(rows, zocial._NETWORK), source, Kind.NETWORK, observations.network
        )
        with self.store.bulk() as link:
            counts = refresh.apply(link, observation, records)
        moved = {
            number for number, platform in self._platforms().items() if platforms.get(number, platform) != platform
        }
        self.merged = [numbers for numbers in self.merged if not numbers & moved]
        last = self._join_next(observation, 0)
        if not cut:
            joined = last is not None
            while last is not None:
                last = self._join_next(observation, last)
            with self.store.bulk() as link:
                absences.remember_seen(link, [f"{source}-n-{number}" for number in listed])
                absences.mark_vanished(link, observation, ["network"], self.at)
                identity.regroup(link, observation, created=counts.created > 0 and not joined)

    def _join_next(self, observation: Observation, after: int) -> int | None:
        with self.store.bulk() as link:
            return identity.join_next(link, observation, after, many=2)

    def rule(self, rulings: Mapping[int, Verdict]) -> None:
        """Let a person say which connections are one account."""
        with self.store.bulk() as link:
            identity.rule(link, Observation(0, 0, self.at), rulings)

    def merge(self, one: int, other: int) -> None:
        """Merge two accounts whole, as a person does."""
        rows = self.rows()
        chosen = [rows[number % len(rows)] for number in (one, other)] if rows else []
        wanted = {_account(row) for row in chosen}
        members = [row for row in rows if _account(row) in wanted]
        if len({row["platform"] for row in members}) != 1 or chosen[0] is chosen[1]:
            return
        numbers = {row["number"] for row in members}
        self.rule(dict.fromkeys(numbers, Verdict(min(numbers), "person")))
        self.merged = [each for each in self.merged if not each & numbers] + [numbers]
        self.split -= numbers

    def part(self, which: int) -> None:
        """Split a connection off its account, as a person does."""
        rows = [row for row in self.rows() if row["account"] is not None]
        if not rows:
            return
        number = rows[which % len(rows)]["number"]
        self.rule({number: SPLIT})
        self.merged = [rest for each in self.merged if len(rest := each - {number}) > 1]
        self.split |= {number}

    def _platforms(self) -> dict[int, str]:
        return {row["number"]: _known(row).platform for row in self.rows()}

    def rows(self) -> list[cached.Row]:
        """Give all connections by number."""
        return sorted(cached.connections(self.store).values(), key=lambda row: row["number"])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One cache for all examples."""
    folder: Path = tmp_path_factory.mktemp("identity")
    store = Store.at(f"sqlite:///{folder / 'cache.db'}")
    migrations.upgrade(store)
    for number in SOURCES:
        seeds.source(store, f"source {number}", vendor="zocial")
    yield store
    store.close()


def _account(row: cached.Row) -> int:
    return int(row["account"] or row["number"])


def _known(row: cached.Row) -> Known:
    own = row["handle"] is not None and row["handle"].lower() == row["handle_key"]
    platform = "twitter" if row["platform"] == "x" else row["platform"]
    keys = (row["handle_key"], row["platform_id"], own, row["account"], row["account_by"])
    return Known(row["number"], row["source_id"], platform, row["kind"], row["vanished_at"] is not None, *keys)


@given(steps=_steps)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_history_the_accounts_are_what_a_look_at_everything_says(store: Store, steps: list[Any]) -> None:
    world = World(store)
    for kind, first, second in steps:
        match kind:
            case "sync" | "cut":
                world.sync(first, second, cut=kind == "cut")
            case "merge":
                world.merge(first, second)
            case _:
                world.part(first)
    for source in SOURCES:
        world.sync(source, world.lists[source])

    rows = world.rows()
    whole = grouped([_known(row) for row in rows])
    assert {row["number"]: Verdict(row["account"], row["account_by"]) for row in rows} == whole
    _assert_rulings_hold(world, {row["number"]: row for row in rows})
    _assert_changes_tell_it(world, rows)


def _assert_rulings_hold(world: World, rows: Mapping[int, cached.Row]) -> None:
    assert len({(_account(row), _known(row).platform) for row in rows.values()}) == len(
        set(map(_account, rows.values()))
    )
    for numbers in world.merged:
        assert len({_account(rows[number]) for number in numbers}) == 1
    for number in world.split:
        assert (rows[number]["account"], rows[number]["account_by"]) == SPLIT
        assert number not in {row["account"] for row in rows.values()}


def _assert_changes_tell_it(world: World, rows: list[cached.Row]) -> None:
    """Each move is told, and each begins where the one before it ended."""
    told: dict[str, list[cached.Row]] = {}
    for change in cached.changes(world.store):
        if change["field"] == "account":
            told.setdefault(change["connection_id"], []).append(change)
    for row in rows:
        moves = told.get(row["id"], [])
        assert all(one["after"] == two["before"] for one, two in pairwise(moves))
        assert all(move["before"] != move["after"] for move in moves)
        assert not moves or moves[-1]["after"] == str(_account(row))


def test_a_key_that_is_not_told_parts_no_account_and_another_key_does(store: Store) -> None:
    world = World(store)
    told = {"network": "instagram", "network_id": "a", "network_url": None}
    world.sync(1, {1: told})
    world.sync(2, {1: told})
    joined = [_account(row) for row in world.rows()]
    assert len(set(joined)) == 1

    world.sync(1, {1: told | {"network_id": {"not": "readable"}}})
    world.sync(1, {1: told | {"network_id": None}})
    assert [_account(row) for row in world.rows()] == joined
    assert world.rows()[0]["handle"] is None
    assert [change for change in cached.changes(store) if change["field"] == "account"] == []

    world.sync(1, {1: told | {"network_id": "b"}})
    assert len({_account(row) for row in world.rows()}) == 2


def test_an_id_stays_while_no_other_key_is_told(store: Store) -> None:
    world = World(store)
    number, address = "1000000001", "https://www.instagram.com/a/"
    told = {"network": "instagram", "network_id": number, "network_url": address}
    seen = []
    for changed in ({}, {"network_id": None}, {"network_id": "a"}, {"network_id": "b", "network_url": None}):
        told |= changed
        world.sync(1, {1: told})
        seen.append((world.rows()[0]["handle_key"], world.rows()[0]["platform_id"]))
    assert seen == [("a", number), ("a", number), ("a", number), ("b", None)]
