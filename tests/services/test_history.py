"""History: the newest 400 days stay whole, every older week keeps its last point, and nothing else goes."""

import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import thinning
from data.store import Store
from services import history
from services.desk import Desk
from tests import cached, seeds

TODAY = date(2026, 3, 10)
NEVER = threading.Event()
_ages = st.frozensets(st.one_of(st.integers(0, 60), st.integers(380, 460), st.integers(700, 760)), max_size=60)


@pytest.fixture
def crowd(desk: Desk) -> tuple[Desk, int]:
    """A desk with a source whose totals say that its history is old."""
    source = seeds.source(desk.store, "one")
    seeds.connection(desk.store, source, 1)
    seeds.count(desk.store, TODAY - timedelta(days=900))
    return (desk, source)


def _kept(store: Store, number: int) -> set[date]:
    return {date.fromisoformat(day) for key, day in cached.points(store) if key == f"c{number:05d}"}


def _expected(days: set[date]) -> set[date]:
    """Keep the newest 400 days and the last day of each week, one week after the other, as plainly as can be."""
    newest = {day for day in days if day >= TODAY - timedelta(days=400)}
    weeks: dict[tuple[int, int], set[date]] = {}
    for day in days:
        weeks.setdefault(day.isocalendar()[:2], set()).add(day)
    whole = {week: found for week, found in weeks.items() if date.fromisocalendar(*week, 7) < TODAY - timedelta(400)}
    rest = {day for week, found in weeks.items() if week not in whole for day in found}
    return newest | rest | {max(found) for found in whole.values()}


@given(ages=st.lists(_ages, min_size=1, max_size=3))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_old_weeks_thin_out_and_each_keeps_its_last_point(
    crowd: tuple[Desk, int], ages: list[frozenset[int]]
) -> None:
    desk, source = crowd
    with desk.store.bulk() as link:
        for table in ("connections", "metric_points"):
            link.exec_driver_sql(f"DELETE FROM {table}")
    written = {}
    for number, given_ages in enumerate(ages, start=1):
        key = seeds.connection(desk.store, source, number)
        written[number] = {TODAY - timedelta(days=age) for age in given_ages}
        if given_ages:
            seeds.points(desk.store, key, {day: day.toordinal() for day in written[number]})

    gone = history.thin(desk, TODAY, NEVER)

    kept = {number: _kept(desk.store, number) for number in written}
    assert kept == {number: _expected(days) for number, days in written.items()}
    assert gone == sum(map(len, written.values())) - sum(map(len, kept.values()))
    assert all(point[0] == date.fromisoformat(day).toordinal() for (_, day), point in cached.points(desk.store).items())
    assert history.thin(desk, TODAY, NEVER) == 0


def test_a_week_keeps_the_last_that_it_told_and_that_it_was_missing_then(crowd: tuple[Desk, int]) -> None:
    desk, _ = crowd
    monday = date.fromisocalendar(2024, 10, 1)
    told = dict(zip((monday + timedelta(days=day) for day in range(7)), (5, 6, None, 7, None, None, None), strict=True))
    seeds.points(desk.store, "c00001", told)

    assert history.thin(desk, TODAY, NEVER) == 5
    kept = {day: followers for (_, day), (followers, _) in cached.points(desk.store).items()}
    assert kept == {(monday + timedelta(days=3)).isoformat(): 7, (monday + timedelta(days=6)).isoformat(): None}
    assert history.thin(desk, TODAY, NEVER) == 0


def test_a_history_that_is_younger_is_not_even_looked_at(desk: Desk) -> None:
    seeds.connection(desk.store, seeds.source(desk.store, "one"), 1)
    seeds.count(desk.store, TODAY - timedelta(days=399))

    with desk.store.reading() as session:
        assert list(thinning.stretches(session.connection(), TODAY)) == []


def test_a_stop_leaves_the_rest_for_another_day(crowd: tuple[Desk, int]) -> None:
    desk, _ = crowd
    seeds.points(desk.store, "c00001", {TODAY - timedelta(days=age): age for age in range(800, 820)})
    stop = threading.Event()
    stop.set()

    assert history.thin(desk, TODAY, stop) == 0
    assert len(_kept(desk.store, 1)) == 20


@pytest.mark.parametrize("today", [TODAY + timedelta(days=number) for number in range(8)])
def test_the_border_is_a_monday_at_least_400_days_back(today: date) -> None:
    border = thinning.weekly_before(today)
    assert border.weekday() == 0
    assert timedelta(days=400) <= today - border <= timedelta(days=406)
