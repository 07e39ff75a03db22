"""Growth: the change of followers in 30 days, as the trend of the same connection has it; without a base, none."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from data import growth
from data.queries import _undone, history, past
from data.queries.filters import Filter
from data.queries.orders import Order
from data.store import Store
from tests import cached, seeds
from tests.data.taking import NOON, take, take_whole

DAY = timedelta(days=1)
_figures = st.one_of(st.none(), st.integers(0, 3), st.integers(100, 200))
_days = st.lists(st.tuples(st.booleans(), _figures), min_size=36, max_size=40)


def _row(figure: Any) -> list[dict[str, Any]]:
    return [{"id": 1, "network": "instagram", "followers": figure}]


def _growth(store: Store) -> list[float | None]:
    return [row["growth"] for row in cached.connections(store).values()]


def test_the_change_is_against_the_day_30_days_ago(store: Store) -> None:
    source, grown = seeds.source(store, "one", vendor="zocial"), []
    for day in range(32):
        take_whole(store, source, _row(1_000 + day), NOON + day * DAY)
        grown += _growth(store)

    assert grown[:30] == [None] * 30
    assert grown[30:] == [3.0, 30 / 1_001 * 100]


def test_a_base_of_nothing_has_no_percentage(store: Store) -> None:
    source = seeds.source(store, "one", vendor="zocial")
    for day in range(31):
        take_whole(store, source, _row(day), NOON + day * DAY)

    assert _growth(store) == [None]


def test_a_second_sync_of_the_day_moves_the_growth_too(store: Store) -> None:
    source = seeds.source(store, "one", vendor="zocial")
    for day in (0, 30):
        take_whole(store, source, _row(1_000), NOON + day * DAY)
    take(store, source, _row(1_100), NOON + 30 * DAY + timedelta(hours=1))

    assert _growth(store) == [10.0]


def test_the_growth_is_gone_with_its_base_and_with_the_connection(store: Store) -> None:
    source = seeds.source(store, "one", vendor="zocial")
    for day in (0, 33):
        take_whole(store, source, [*_row(1_000 + day), {"id": 2, "followers": 500}], NOON + day * DAY)
    assert _growth(store) == [33 / 1_000 * 100, 0.0]

    take_whole(store, source, _row(1_033), NOON + 33 * DAY + timedelta(hours=1))
    assert _growth(store) == [33 / 1_000 * 100, None]
    take_whole(store, source, _row(1_033), NOON + 34 * DAY)
    assert _growth(store) == [None, None]


@pytest.mark.parametrize(("told", "expected"), [(None, None), (0, None), (-4, None), (200, None), (150, 50.0)])
def test_a_figure_that_is_missing_or_suspect_has_no_growth(store: Store, told: int | None, expected: float) -> None:
    source = seeds.source(store, "one", vendor="zocial")
    for day, figure in ((0, 100), (3, 100), (30, told), (31, told)):
        take_whole(store, source, _row(figure), NOON + day * DAY)
        if day == 30:
            assert _growth(store) == [expected]
    with store.reading() as session:
        at = NOON + 30 * DAY
        (row,) = past.page(session, Filter(), at=at, order=Order.FELL_MOST).rows
        then = _undone.connections_at(at, _undone.needed(Filter(), Order.FELL_MOST))
        sorted_by = session.connection().execute(select(then.c.growth)).scalar_one()

    assert (row.growth, row.trend.change, sorted_by) == (expected, expected, expected)


@given(days=_days)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_growth_and_trend_never_contradict_each_other(store: Store, days: list[tuple[bool, int | None]]) -> None:
    with store.bulk() as link:
        for table in ("connections", "metric_points", "totals", "changes"):
            link.exec_driver_sql(f"DELETE FROM {table}")
        link.exec_driver_sql("DELETE FROM sources")
    source = seeds.source(store, "one", vendor="zocial")
    for number, (answers, figure) in enumerate(days):
        at = NOON + number * DAY
        if not answers:
            continue
        take_whole(store, source, _row(figure), at)
        with store.reading() as session:
            (key,) = cached.connections(store)
            trend = history.trends(session, [key], today=at.date()).get(key, history.Trend())
        (row,) = cached.connections(store).values()
        real = row["followers"] is not None and row["suspect"] not in growth.DOUBTED
        assert row["growth"] == (trend.change if real else None)
        assert row["followers"] is not None or trend.change is None
