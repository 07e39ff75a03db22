"""The time machine: as of any instant it gives what the cache held then, and lists, sorts and counts by it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import absences
from data.queries import past
from data.queries.filters import Filter, Listed
from data.queries.inventory import Page
from data.queries.orders import Order
from data.queries.past import Was
from data.staging import Observation
from data.store import Store
from tests import cached, migrated, seeds
from tests.data.taking import NOON, take, take_whole

KEPT = (
    *("status", "vendor_status", "health", "handle", "name", "url", "category", "verified", "external_id", "suspect"),
    *("vanished_at", "kind", "platform", "first_seen_at", "number", "health_reason"),
)
Model = dict[str, cached.Row]
QUIET = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])

_record = st.fixed_dictionaries(
    {"network": st.sampled_from(["instagram", "tiktok"])},
    optional={
        "network_id": st.sampled_from(["anna", "berta", "Cäsar"]),
        "network_url": st.sampled_from(["https://x.example/a", "https://x.example/b"]),
        "status": st.sampled_from(["accepted", "pending", "suspended", "archived"]),
        "followers": st.sampled_from([None, 0, 10, 20, 1500, -1]),
        "engagement_rate": st.sampled_from([1.0, 2.0]),
        "verified": st.booleans(),
        "category": st.sampled_from(["food", "travel"]),
    },
)
_lists = st.dictionaries(st.integers(1, 4), _record, max_size=4)
_pauses = st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(days=16), timedelta(days=40)])
_steps = st.lists(st.tuples(st.integers(1, 2), _pauses, st.none() | _lists), min_size=1, max_size=7)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One cache for all examples, with two sources; each example starts by emptying it."""
    store = _with_two_sources(tmp_path_factory.mktemp("past"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[datetime]]]:
    """A cache that has lived through four syncs, and the instants of the later ones; looking at it changes nothing."""
    store = _with_two_sources(tmp_path_factory.mktemp("grown"))
    rows = {number: {"network": "tiktok", "network_id": f"h{number}", "followers": number} for number in range(1, 8)}
    later = {number: row | {"status": "pending", "category": "food"} for number, row in rows.items() if number % 2}
    day = timedelta(days=1)
    held = lived(store, [(1, timedelta(0), rows), (1, 33 * day, rows | later), (2, day, rows), (1, day, later)])
    yield store, sorted(held)[1:]
    store.close()


def _with_two_sources(folder: Path) -> Store:
    store = migrated.store(folder / "cache.db")
    for name in ("one", "two"):
        seeds.source(store, name, vendor="zocial")
    return store


def lived(store: Store, steps: list[tuple[int, timedelta, dict[int, Any] | None]]) -> dict[datetime, Model]:
    """Let syncs pass, and give what the cache held after each; without a list, the source did not answer."""
    with store.bulk() as link:
        for table in ("connections", "metric_points", "changes", "health_reasons", "totals"):
            link.exec_driver_sql(f"DELETE FROM {table}")
    at, held = NOON, dict[datetime, Model]()
    for source, pause, listed in steps:
        at += pause
        if listed is None:
            _silent(store, source, at)
        else:
            take_whole(store, source, [{"id": number, **row} for number, row in listed.items()], at)
        held[at] = cached.connections(store)
    return held


def _silent(store: Store, source: int, at: datetime) -> None:
    with store.bulk() as link:
        absences.remember_seen(link, [])
        absences.worsen(link, Observation(1, source, at), "degraded", "No answer.", of=["healthy"])


def figures(held: dict[datetime, Model], identity: str, at: datetime) -> tuple[int | None, float | None]:
    """Give the figures that the cache held at the end of that day."""
    row = held[max(when for when in held if when.date() <= at.date())][identity]
    return (row["followers"], row["engagement_rate"])


@given(steps=_steps)
@QUIET
def test_as_of_any_instant_is_what_the_cache_held_then(shared: Store, steps: Any) -> None:
    held = lived(shared, steps)
    every = list(cached.connections(shared))
    with shared.reading() as session:
        assert past.values(session, every, min(held) - timedelta(seconds=1)) == {}
        for at, model in held.items():
            for moment in (at, at + timedelta(minutes=59)):
                found = past.values(session, every, moment)
                assert {key: _kept(was._asdict()) for key, was in found.items()} == {
                    key: _kept(row) for key, row in model.items()
                }
                for key, was in found.items():
                    assert (was.followers, was.engagement_rate) == figures(held, key, moment)
                    assert was.first_seen_at <= was.last_seen_at <= moment


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in KEPT}


_several = st.tuples(st.sampled_from(["accepted", "pending", "unknown"])) | st.just(())
_filters = st.builds(
    Filter,
    search=st.sampled_from(["", "", "an", "anna", "ERT", "cä", "Ä"]),
    statuses=_several,
    healths=st.sampled_from([(), ("healthy",), ("degraded", "unknown")]),
    platforms=st.sampled_from([(), ("tiktok",)]),
    sources=st.sampled_from([(), ("two",)]),
    categories=st.sampled_from([(), ("food",)]),
    verified=st.sampled_from([None, True, False]),
    followers_from=st.sampled_from([None, 10]),
    followers_to=st.sampled_from([None, 20]),
    listed=st.sampled_from(Listed),
    suspects=st.sampled_from([(), ("zero", "negative")]),
)


def _wanted(was: Was, asked: Filter) -> bool:
    """Tell whether a filter holds of a connection as it was."""
    alternatives = (
        (asked.statuses, was.status),
        (asked.healths, was.health),
        (asked.platforms, was.platform),
        (asked.sources, was.source),
        (asked.categories, was.category),
        (asked.suspects, (was.suspect or "").rpartition("_")[2]),
    )
    gone = {Listed.BOTH: (True, False), Listed.LISTED: (False,), Listed.VANISHED: (True,)}[asked.listed]
    low, high = asked.followers_from, asked.followers_to
    return (
        all(value in values for values, value in alternatives if values)
        and (asked.verified is None or was.verified is asked.verified)
        and (low is None or (was.followers is not None and was.followers >= low))
        and (high is None or (was.followers is not None and was.followers <= high))
        and (was.vanished_at is not None) in gone
        and (not asked.search or asked.search.casefold() in f"{was.name or ''}\n{was.handle or ''}".casefold())
    )


def _missing_last(field: str) -> Callable[[Was], tuple[Any, ...]]:
    return lambda was: (getattr(was, field) is None, getattr(was, field) or 0 if field != "category" else was.category)


KEYS: dict[Order, Callable[[Was], tuple[Any, ...]]] = {
    Order.WORST_HEALTH: lambda was: (was.health,),
    Order.NAME: lambda was: ((was.name or was.handle or "") == "", (was.name or was.handle or "").casefold()),
    Order.HANDLE: lambda was: (was.handle is None, (was.handle or "").casefold()),
    Order.FEWEST_FOLLOWERS: _missing_last("followers"),
    Order.LEAST_ENGAGED: _missing_last("engagement_rate"),
    Order.PLATFORM: lambda was: (was.platform, was.health),
    Order.STATUS: lambda was: (was.status, was.health),
    Order.CATEGORY: lambda was: (was.category is None, was.category or ""),
    Order.SOURCE: lambda was: (was.source, was.health),
    Order.KIND: lambda was: (was.kind, was.health),
    Order.VERIFIED: lambda was: ((True, False, None).index(was.verified), was.health),
    Order.SEEN_LONGEST_AGO: lambda was: (was.last_seen_at,),
}


def walked(store: Store, asked: Filter, at: datetime, order: Order) -> list[Page]:
    with store.reading() as session:
        pages = [past.page(session, asked, at=at, order=order, size=2)]
        while pages[-1].next:
            pages.append(past.page(session, asked, at=at, order=order, after=pages[-1].next, size=2))
    return pages


@given(steps=_steps, asked=_filters, order=st.sampled_from(sorted(KEYS)), back=st.integers(0, 6))
@settings(QUIET, max_examples=40)
def test_a_list_of_then_is_filtered_and_sorted_by_the_values_of_then(
    shared: Store, steps: Any, asked: Filter, order: Order, back: int
) -> None:
    held = lived(shared, steps)
    at = sorted(held)[-1 - back % len(held)]
    with shared.reading() as session:
        every = past.values(session, list(cached.connections(shared)), at).values()
        total, listed = past.listing(session, asked, at)
    expected = sorted((was for was in every if _wanted(was, asked)), key=lambda was: (*KEYS[order](was), was.number))

    pages = walked(shared, asked, at, order)

    assert [row.id for page in pages for row in page.rows] == [was.id for was in expected]
    assert {(page.total, page.total_is_exact, page.believed) for page in pages} == {(len(expected), True, True)}
    assert total == len(expected)
    assert {row["id"] for row in listed} == {was.id for was in expected}


@pytest.mark.parametrize("order", Order)
def test_walking_back_gives_the_same_pages_in_every_order(grown: tuple[Store, list[datetime]], order: Order) -> None:
    store, instants = grown
    for at in instants:
        pages = walked(store, Filter(), at, order)
        assert len({row.id for page in pages for row in page.rows}) == pages[0].total
        with store.reading() as session:
            for here, expected in zip(reversed(pages[1:]), reversed(pages[:-1]), strict=True):
                back = past.page(session, Filter(), at=at, order=order, before=here.previous, size=2)
                assert back.rows == expected.rows


def test_a_place_of_another_instant_begins_the_list_anew(shared: Store) -> None:
    rows = {number: {"network": "tiktok"} for number in range(1, 5)}
    lived(shared, [(1, timedelta(0), rows)])
    with shared.reading() as session:
        first = past.page(session, Filter(), at=NOON, size=2)
        other = past.page(session, Filter(), at=NOON + timedelta(days=1), after=first.next, size=2)
        nonsense = past.page(session, Filter(), at=NOON, after="nonsense", size=2)
    assert (other.first, other.believed) == (1, True)
    assert (nonsense.first, nonsense.believed) == (1, False)


def test_a_figure_is_missing_from_the_day_on_which_it_went_missing(shared: Store) -> None:
    told = [(0, 5), (2, None), (60, None), (61, 7)]
    lived(shared, [(1, timedelta(0), {2: {"network": "tiktok"}})])
    for day, figure in told:
        take(shared, 1, [{"id": 1, "followers": figure}, {"id": 2}], NOON + timedelta(days=day))
    with shared.reading() as session:
        known = [past.connection(session, "1-n-1", NOON + timedelta(days=day)) for day in (0, 1, 2, 40, 60, 61, 400)]

    assert [was and was.followers for was in known] == [5, 5, None, None, None, 7, 7]
    assert {day for key, day in cached.points(shared) if key == "1-n-2"} == set(), "what never told has no points"
    assert len(cached.points(shared)) == 3


def test_what_only_today_tells_is_missing_then(shared: Store) -> None:
    lived(shared, [(1, timedelta(0), {1: {"network": "tiktok", "followers": 5}}), (1, timedelta(days=40), {})])
    with shared.reading() as session:
        (row,) = past.page(session, Filter(), at=NOON).rows
        (gone,) = past.page(session, Filter(), at=NOON + timedelta(days=41)).rows
        total, listed = past.listing(session, Filter(), NOON, 0)
    assert (row.health_reason, row.vanished_at, row.followers) == (None, None, 5)
    assert (gone.vanished_at, gone.followers) == (NOON + timedelta(days=40), 5)
    assert (total, listed) == (1, [])


def test_a_reason_is_that_of_then_also_where_it_alone_changed(shared: Store) -> None:
    rows, hour = [{"id": 1, "network": "tiktok", "status": "accepted"}], timedelta(hours=1)
    lived(shared, [(1, timedelta(0), {1: rows[0]})])
    for number, (reason, of) in enumerate((("No answer.", "healthy"), ("Refused.", "degraded")), start=1):
        with shared.bulk() as link:
            absences.remember_seen(link, [])
            absences.worsen(link, Observation(1, 1, NOON + number * hour), "degraded", reason, of=[of])
    take(shared, 1, rows, NOON + 3 * hour)
    with shared.reading() as session:
        known = [past.connection(session, "1-n-1", NOON + number * hour) for number in range(4)]
    assert [was and (was.health, was.health_reason) for was in known] == [
        ("healthy", None),
        ("degraded", "No answer."),
        ("degraded", "Refused."),
        ("healthy", None),
    ]


def test_how_old_a_past_list_is_follows_from_the_complete_runs_before(store: Store) -> None:
    source = seeds.source(store, "late")
    seeds.connection(store, source, 1, first_seen_at=NOON, last_seen_at=NOON + timedelta(days=9))
    for days, state in ((1, "ok"), (2, "failed"), (8, "ok")):
        seeds.run(store, source, state, observed_at=NOON + timedelta(days=days))
    with store.reading() as session:
        page = past.page(session, Filter(), at=NOON + timedelta(days=3))
        before = past.page(session, Filter(), at=NOON)
        first = past.first(session)
    assert (page.as_of, page.rows[0].last_seen_at) == (NOON + timedelta(days=1), NOON + timedelta(days=1))
    assert (before.as_of, before.rows[0].last_seen_at) == (None, NOON)
    assert first == NOON + timedelta(days=1)


def test_what_had_vanished_was_last_seen_by_the_complete_answer_before(store: Store) -> None:
    source = seeds.source(store, "one", vendor="zocial")
    for day in range(8):
        at = NOON + timedelta(days=day)
        listed = [1, 2] if day not in (5, 6) else [2]
        take_whole(store, source, [{"id": number, "network": "tiktok"} for number in listed], at)
        seeds.run(store, source, "ok", observed_at=at)
    with store.reading() as session:
        seen = [past.connection(session, f"{source}-n-1", NOON + timedelta(days=day)) for day in (4, 5, 6, 7)]

    assert [was and (was.last_seen_at - NOON).days for was in seen] == [4, 4, 4, 7]


def test_totals_of_a_day_are_the_kept_ones_or_those_of_three_days_before(store: Store) -> None:
    source, day = seeds.source(store, "late"), NOON.date()
    seeds.connection(store, source, 1)
    seeds.count(store, day)
    seeds.connection(store, source, 2)
    seeds.count(store, day + timedelta(days=9))
    with store.reading() as session:
        counted = [
            sum(count.connections for count in past.totals_at(session, day + timedelta(days=after)))
            for after in (-1, 0, 3, 4, 9, 30)
        ]
    assert counted == [0, 1, 1, 0, 2, 0]
