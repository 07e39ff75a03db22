"""What a list becomes: equal to a fresh cache's rows after any change, and totals equal to a count of the rows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import absences, migrations, refresh, rollups, staging
from data.staging import Observation
from data.store import Store
from data.types import Kind
from services import observations
from services.vendors import _payload, zocial
from tests import cached, seeds
from tests.data.taking import NOON, take

OURS = {
    *("number", "id", "source_id", "fingerprint", "first_seen_at", "last_seen_at", "health_since", "details_at"),
    *("followers_since", "suspect", "last_followers", "last_engagement_rate"),
}
QUIET = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

_words = st.one_of(st.none(), st.sampled_from(["", "a", "A", "Ångström", "\u202eabc", "x" * 300, "0", "1"]))
_counts = st.one_of(st.none(), st.sampled_from([0, 1, 2, 10**11, 10**12, -1, "5K", "7", 3.5, 3.0, True, 2**63]))
_rates = st.one_of(st.none(), st.sampled_from([0, 0.0, 1, 1.0, 0.1, 0.2, -1.5, "2.5", "NaN", 1e300]))
_dates = st.sampled_from(
    [None, "2026-01-01T00:00:00Z", "2026-01-01", "2024-13-01", 1704067200000, "2026-01-01T00:00:00+14:00"]
)
_flags = st.sampled_from([None, True, False, "true", 1, 0])
_statuses = st.sampled_from([None, "accepted", "Accepted", "pending", "suspended", "archived", "disconnected"])
_extras = st.sampled_from(
    [None, {}, {"bio": "a"}, {"bio": "b"}, {"bio": {"deep": [1, None]}}, {"bio": True}, {"bio": 1}]
)
_optional = {
    "network": st.sampled_from([None, "instagram", "Instagram", "threads"]),
    "network_id": _words,
    "network_url": _words,
    "status": _statuses,
    "followers": _counts,
    "verified": _flags,
    "connected_at": _dates,
    "category": _words,
    "engagement_rate": _rates,
    "last_updated": _dates,
    "user_id": _words,
    "extra_data": _extras,
    "something_new": _words,
}
_record = st.fixed_dictionaries({}, optional=_optional)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One cache for all examples, with two sources; each example starts by emptying it."""
    folder: Path = tmp_path_factory.mktemp("refresh")
    store = Store.at(f"sqlite:///{folder / 'cache.db'}")
    migrations.upgrade(store)
    for name in ("one", "two"):
        seeds.source(store, name, vendor="zocial")
    yield store
    store.close()


def _emptied(store: Store) -> Store:
    with store.bulk() as link:
        for table in ("connections", "metric_points", "changes", "totals"):
            link.exec_driver_sql(f"DELETE FROM {table}")
    return store


def _told(store: Store, source: int) -> list[cached.Row]:
    rows = [row for row in cached.connections(store).values() if row["source_id"] == source]
    return [{name: value for name, value in row.items() if name not in OURS} for row in rows]


def _without_kept(row: dict[str, Any], fresh: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Leave out the figures and keys that the second list does not tell: those are kept on purpose."""
    kept = {name for name in ("engagement_rate", "last_updated") if name not in after}
    kept |= {name for name in ("handle_key", "platform_id") if fresh[name] is None}
    return {name: value for name, value in row.items() if name not in kept}


@given(before=_record, after=_record)
@QUIET
def test_any_change_that_a_vendor_tells_is_seen_as_a_fresh_cache_sees_it(
    shared: Store, before: dict[str, Any], after: dict[str, Any]
) -> None:
    store = _emptied(shared)
    take(store, 1, [{"id": 7, **before}])
    take(store, 1, [{"id": 7, **after}], NOON + timedelta(hours=1))
    take(store, 2, [{"id": 7, **after}])

    (ours,), (fresh,) = _told(store, 1), _told(store, 2)
    assert _without_kept(ours, fresh, after) == _without_kept(fresh, fresh, after)


@given(rows=st.lists(_record, min_size=1, max_size=4))
@QUIET
def test_the_same_list_again_says_nothing_new(shared: Store, rows: list[dict[str, Any]]) -> None:
    store = _emptied(shared)
    listed = [{"id": number, **row} for number, row in enumerate(rows, start=1)]
    assert take(store, 1, listed).created == len(rows)
    before, told = cached.connections(store), cached.changes(store)

    counts = take(store, 1, listed, NOON + timedelta(hours=1))

    assert (counts.created, counts.updated, counts.unchanged) == (0, 0, len(rows))
    assert cached.connections(store) == before
    assert cached.changes(store) == told
    assert {row["field"] for row in told} <= {"suspect"}


_lists = st.lists(st.dictionaries(st.integers(1, 6), _record, max_size=6), min_size=1, max_size=4)


@given(lists=_lists)
@QUIET
def test_the_totals_are_what_a_count_of_the_rows_gives(shared: Store, lists: list[dict[int, dict[str, Any]]]) -> None:
    store = _emptied(shared)
    for day, rows in enumerate(lists):
        at = NOON + timedelta(days=day)
        take(store, 1, [{"id": number, **row} for number, row in rows.items()], at)
        with store.bulk() as link:
            absences.remember_seen(link, [f"1-n-{number}" for number in rows])
            absences.mark_vanished(link, Observation(1, 1, at), ["network"], at)
            rollups.refresh(link, 1, at.date())

        counted = [row for row in cached.totals(store) if row["day"] == at.date()]
        assert _by_dimension(counted) == _counted(cached.connections(store), cached.points(store))
    days = {row["day"] for row in cached.totals(store)}
    assert len(days) <= len(lists)


def _dimension(row: cached.Row, *, vanished: bool) -> tuple[Any, ...]:
    return (*(row[name] for name in ("platform", "kind", "status", "health")), vanished)


def _by_dimension(totals: list[cached.Row]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    figures = ("connections", "with_followers", "followers", "engaged_followers")
    return {
        _dimension(row, vanished=row["vanished"]): (*(row[name] for name in figures), pytest.approx(row["engaged"]))
        for row in totals
    }


def _counted(rows: dict[str, cached.Row], points: cached.Points) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Count the rows one by one, as slowly and plainly as can be; a missing figure counts as it was last known."""
    found: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows.values():
        entry = found.setdefault(_dimension(row, vanished=row["vanished_at"] is not None), [0, 0, 0, 0, 0.0])
        entry[0] += 1
        told = [
            point[0] for (number, _), point in sorted(points.items()) if number == row["id"] and point[0] is not None
        ]
        followers = row["followers"] if row["followers"] is not None or not told else told[-1]
        if followers is None:
            continue
        entry[1] += 1
        entry[2] += followers
        if row["followers"] is not None and row["engagement_rate"] is not None:
            entry[3] += row["followers"]
            entry[4] += row["followers"] * row["engagement_rate"]
    return {dimension: tuple(entry) for dimension, entry in found.items()}


def test_followers_missing_since_the_first_day_count_as_told_last(shared: Store) -> None:
    store = _emptied(shared)
    for hour, followers in ((0, 10), (1, None)):
        take(store, 1, [{"id": 1, "followers": followers}], NOON + timedelta(hours=hour))
    told = []
    for days in (0, 29, 40):
        with store.bulk() as link:
            rollups.refresh(link, 1, NOON.date() + timedelta(days=days))
        told += [row["followers"] for row in cached.totals(store)][-1:]
    assert told == [10, 10, 0]


def test_totals_of_earlier_days_stay(shared: Store) -> None:
    store = _emptied(shared)
    for day, followers in ((0, 10), (1, 30)):
        at = NOON + timedelta(days=day)
        take(store, 1, [{"id": 1, "followers": followers}], at)
        with store.bulk() as link:
            rollups.refresh(link, 1, at.date())
    assert [row["followers"] for row in sorted(cached.totals(store), key=lambda row: row["day"])] == [10, 30]


def test_a_list_longer_than_a_chunk_is_taken_whole(shared: Store) -> None:
    store, count = _emptied(shared), staging.CHUNK + 1
    rows = [{"id": number, "followers": number} for number in range(1, count + 1)]

    assert take(store, 1, rows).created == count
    assert take(store, 1, rows).unchanged == count
    assert len(cached.points(store)) == count


def _records(*rows: dict[str, Any]) -> list[refresh.Record]:
    """Give one record for each row, also for those with the same id."""
    listings = [_payload.listing([row], zocial._NETWORK) for row in rows]
    return [
        record
        for listing in listings
        for record in observations.zocial_records(listing, 1, Kind.NETWORK, observations.network)
    ]


def test_of_a_record_told_again_in_a_later_chunk_the_last_one_counts(
    shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _emptied(shared)
    monkeypatch.setattr(staging, "CHUNK", 2)
    told = [(1, 10), (1, 11), (2, 20), (3, 30), (1, 12), (3, 31), (4, 40)]
    records = _records(*({"id": number, "followers": followers} for number, followers in told))

    with store.bulk() as link:
        counts = refresh.apply(link, Observation(1, 1, NOON), records)

    found = {row["vendor_id"]: row["followers"] for row in cached.connections(store).values()}
    assert found == {"1": 12, "2": 20, "3": 31, "4": 40}
    assert counts.created == 4
    assert {point[0] for point in cached.points(store).values()} == {12, 20, 31, 40}


def test_a_record_that_can_not_be_read_ahead_undoes_the_list(shared: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _emptied(shared)
    monkeypatch.setattr(staging, "CHUNK", 1)
    good = _records({"id": 1}, {"id": 2}, {"id": 3})

    def broken(_: object) -> staging.Columns:
        raise LookupError("no such word")

    def taken() -> None:
        with store.bulk() as link:
            refresh.apply(link, Observation(1, 1, NOON), [*good, good[0]._replace(id="1-n-9", columns=broken), *good])

    with pytest.raises(LookupError, match="no such word"):
        taken()
    assert cached.connections(store) == {}
