"""What changed between two instants: counted, in order, page by page, and folded where alike."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import migrations
from data.queries import changed
from data.queries.changed import Changed
from data.store import Store
from tests import cached, seeds
from tests.data.taking import NOON, take_whole

HOUR = timedelta(hours=1)
FIELDS = ("status", "name", "connection")
QUIET = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
_changes = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 5), st.sampled_from(FIELDS[:2]), st.sampled_from([None, "a", "b"])),
    max_size=12,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One cache for all examples, with two sources of two connections each."""
    store = Store.at(f"sqlite:///{tmp_path_factory.mktemp('changed') / 'cache.db'}")
    migrations.upgrade(store)
    for name in ("one", "two"):
        source = seeds.source(store, name)
        for each in (1, 2):
            seeds.connection(store, source, 2 * source + each - 2, first_seen_at=NOON + source * HOUR)
    yield store
    store.close()


def told(row: Changed) -> tuple[Any, ...]:
    return (row.connection_id, row.at, row.field, row.before, row.after)


def paged(store: Store, *period: datetime, **asked: Any) -> list[Changed]:
    """Walk a period in pages of two; every page tells the same total."""
    with store.reading() as session:
        total, rows = changed.between(session, *period, limit=2, **asked)
        found = rows
        while rows:
            again, rows = changed.between(session, *period, limit=2, after=found[-1].place, **asked)
            assert again == total
            found = [*found, *rows]
    assert len(found) == total
    return found


@given(
    happened=_changes,
    period=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    fields=st.none() | st.sets(st.sampled_from(FIELDS)),
    source=st.sampled_from([None, None, "one", "nobody"]),
)
@QUIET
def test_what_happened_in_a_period_is_told_once_and_newest_first(
    shared: Store, happened: Any, period: tuple[int, int], fields: set[str] | None, source: str | None
) -> None:
    with shared.bulk() as link:
        link.exec_driver_sql("DELETE FROM changes")
    for number, hour, field, after in happened:
        seeds.change(shared, f"c{number:05d}", NOON + hour * HOUR, field, ("x", after))
    begin, end = NOON + period[0] * HOUR, NOON + sum(period) * HOUR
    fresh = [(0, row["number"], row["id"], row["first_seen_at"], "connection", None, "new") for row in _rows(shared)]
    every = [(1, row["id"], row["connection_id"], row["at"], row["field"], row["before"], row["after"])
             for row in cached.changes(shared)]  # fmt: skip
    own = {row["id"] for row in _rows(shared) if source is None or row["source_id"] == (1 if source == "one" else 0)}
    kept = [row for row in fresh + every if begin <= row[3] <= end and row[2] in own]
    kept = [row for row in kept if fields is None or row[4] in fields]
    expected = [row[2:] for row in sorted(kept, key=lambda row: (row[3], *row[:2]), reverse=True)]

    found = paged(shared, begin, end, fields=fields, source=source)

    assert [told(row) for row in found] == expected
    with shared.reading() as session:
        total, whole = changed.between(session, begin, end, fields=fields, source=source)
    assert (total, whole) == (len(found), found)
    folded = paged(shared, begin, end, fields=fields, source=source, together=True)
    assert sum(row.number for row in folded) == len(found)
    kinds = [(row.at, row.source, row.field, row.before, row.after) for row in folded]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) == {(row.at, row.source, row.field, row.before, row.after) for row in found}


def _rows(store: Store) -> list[cached.Row]:
    return list(cached.connections(store).values())


def test_a_first_sync_is_one_row_when_folded_and_names_who_it_is_when_alone(store: Store) -> None:
    source = seeds.source(store, "north", vendor="zocial")
    listed = [{"id": number, "network": "tiktok", "network_id": f"h{number}"} for number in range(1, 6)]
    take_whole(store, source, listed, NOON)
    take_whole(store, source, [{**listed[0], "status": "pending"}, *listed[1:]], NOON + HOUR)
    with store.reading() as session:
        total, (later, first) = changed.between(
            session, NOON, NOON + HOUR, fields={"status", "connection"}, together=True
        )
        own = changed.between(session, NOON, NOON + HOUR, connection=later.connection_id)
    assert total == 2
    assert (first.field, first.number, first.source, first.platform) == ("connection", 5, "north", "tiktok")
    assert (later.field, later.after, later.number, later.handle) == ("status", "pending", 1, "h1")
    assert {row.connection_id for row in own[1]} == {later.connection_id}
    assert own[0] == len(own[1])


@pytest.mark.parametrize("place", ["nonsense", "", "eNoz", "x" * 5_000])
def test_a_place_of_another_question_begins_the_list_anew(shared: Store, place: str) -> None:
    with shared.reading() as session:
        whole = changed.between(session, NOON, NOON + 9 * HOUR)
        other = changed.between(session, NOON, NOON + 8 * HOUR, limit=1)[1][0].place
        assert changed.between(session, NOON, NOON + 9 * HOUR, after=place) == whole
        assert changed.between(session, NOON, NOON + 9 * HOUR, after=other) == whole
