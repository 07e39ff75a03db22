"""Suspect figures: what doubled exactly, fell to nothing, was told negative or froze is marked, apart from a change."""

from datetime import timedelta
from typing import Any

import pytest

from data import refresh
from data.staging import Observation
from data.store import Store
from tests import cached, seeds
from tests.data.taking import NOON, take, take_whole

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MISSING = None


@pytest.fixture
def source(store: Store) -> int:
    """The number of a Zocial source."""
    return seeds.source(store, "one", vendor="zocial")


def _listed(field: str, figure: Any) -> list[dict[str, Any]]:
    return [{"id": 7, "network": "instagram", "status": "accepted", field: figure}]


def _suspect(store: Store) -> str | None:
    (row,) = cached.connections(store).values()
    return None if row["suspect"] is None else str(row["suspect"])


def _steps(store: Store) -> list[tuple[str | None, str | None]]:
    return [(row["before"], row["after"]) for row in cached.changes(store) if row["field"] == "suspect"]


@pytest.mark.parametrize(
    ("field", "told", "expected"),
    [
        ("followers", [100, 200], "followers_doubled"),
        ("followers", [10, 20], "followers_doubled"),
        ("followers", [9, 18], None),
        ("followers", [100, 201], None),
        ("followers", [100, 0], "followers_zero"),
        ("followers", [0, 0], None),
        ("followers", [-5], "followers_negative"),
        ("followers", [100, "-5"], "followers_negative"),
        ("followers", [100, -5, -5], "followers_negative"),
        ("followers", [100, "5K"], None),
        ("followers", [MISSING, 0], None),
        ("followers", [100, MISSING, 200], "followers_doubled"),
        ("followers", [100, MISSING, 0], "followers_zero"),
        ("followers", [100, MISSING, "5,000", 200], "followers_doubled"),
        ("followers", [100, MISSING, 201], None),
        ("followers", [100, -5, 200], "followers_doubled"),
        ("followers", [100, 0, MISSING, 0], "followers_zero"),
        ("followers", [100, 0, MISSING, 100], None),
        ("followers", [100, 200, 200], "followers_doubled"),
        ("followers", [100, 200, 250], None),
        ("followers", [100, 200, 100], None),
        ("followers", [100, 200, 400], "followers_doubled"),
        ("followers", [100, 200, MISSING], "followers_doubled"),
        ("followers", [100, 200, MISSING, 200], "followers_doubled"),
        ("followers", [100, 200, MISSING, 250], None),
        ("followers", [100, 0, 0, 100], None),
        ("followers", [100, -5, 100], None),
        ("followers", [100, -5, MISSING], "followers_negative"),
        ("engagement_rate", [2.15, 4.3], "engagement_doubled"),
        ("engagement_rate", [0.2, 0.4], None),
        ("engagement_rate", [2.5, 0], "engagement_zero"),
        ("engagement_rate", [2.5, -1.5], "engagement_negative"),
        ("engagement_rate", [2.5, 0, 2.6], None),
        ("engagement_rate", [2.5, -1.5, 2.5], None),
        ("engagement_rate", [2.5, MISSING, 5.0], "engagement_doubled"),
        ("engagement_rate", [2.5, MISSING, 0], "engagement_zero"),
    ],
)
def test_what_a_figure_did_from_one_sync_to_the_next(
    store: Store, source: int, field: str, told: list[Any], expected: str | None
) -> None:
    for step, figure in enumerate(told):
        take(store, source, _listed(field, figure), NOON + step * HOUR)

    assert _suspect(store) == expected
    steps = _steps(store)
    assert all(before != after for before, after in steps)
    assert [before for before, _ in steps[1:]] == [after for _, after in steps[:-1]]
    assert (steps[-1][1] if steps else None) == expected


def test_each_suspicion_and_its_lifting_has_its_time_apart_from_real_changes(store: Store, source: int) -> None:
    for step, figure in enumerate([100, 200, 200, 250]):
        take(store, source, _listed("followers", figure), NOON + step * DAY)

    told = [(row["at"], row["field"], row["before"], row["after"]) for row in cached.changes(store)]
    assert told == [
        (NOON + DAY, "suspect", None, "followers_doubled"),
        (NOON + 3 * DAY, "suspect", "followers_doubled", None),
    ]


def test_a_suspicion_of_the_followers_is_kept_over_one_of_the_engagement(store: Store, source: int) -> None:
    for step, (followers, rate) in enumerate([(100, 2.0), (200, 2.0), (200, 4.0), (300, 4.0), (301, 8.0)]):
        rows = [{"id": 7, "followers": followers, "engagement_rate": rate}]
        take(store, source, rows, NOON + step * HOUR)

    assert [after for _, after in _steps(store)] == ["followers_doubled", None, "engagement_doubled"]


def test_followers_that_do_not_move_for_two_weeks_are_frozen_until_they_move(store: Store, source: int) -> None:
    def day(number: int, figures: list[int]) -> None:
        rows = [{"id": place, "followers": figure} for place, figure in enumerate(figures, start=1)]
        take_whole(store, source, rows, NOON + number * DAY)

    suspects = []
    for number in range(17):
        day(number, [5_000, 999, 5_000 + number])
        suspects.append([row["suspect"] for row in cached.connections(store).values()])
    assert suspects[13] == [None, None, None]
    assert suspects[14] == suspects[16] == ["followers_frozen", None, None]

    day(17, [5_001, 999, 5_017])

    assert [row["suspect"] for row in cached.connections(store).values()] == [None, None, None]
    assert [row["at"] for row in cached.changes(store)] == [NOON + 14 * DAY, NOON + 17 * DAY]


def test_what_vanished_does_not_freeze(store: Store, source: int) -> None:
    take_whole(store, source, [{"id": 1, "followers": 5_000}, {"id": 2, "followers": 10}], NOON)
    for number in range(1, 20):
        take_whole(store, source, [{"id": 2, "followers": 10}], NOON + number * DAY)

    assert {row["suspect"] for row in cached.connections(store).values()} == {None}


def test_followers_stand_since_they_were_told_first(store: Store, source: int) -> None:
    since = []
    for step, figure in enumerate([100, 100, 120, MISSING, MISSING, 120, MISSING, 121]):
        take(store, source, _listed("followers", figure), NOON + step * HOUR)
        (row,) = cached.connections(store).values()
        since.append(row["followers_since"])

    assert since == [NOON, NOON, *[NOON + 2 * HOUR] * 5, NOON + 7 * HOUR]


def test_followers_that_never_move_freeze_also_through_days_without_any(store: Store, source: int) -> None:
    suspects = []
    for number in range(20):
        take_whole(store, source, _listed("followers", MISSING if number % 2 else 5_000), NOON + number * DAY)
        suspects.append(_suspect(store))

    assert suspects == [None] * 14 + ["followers_frozen"] * 6


@pytest.mark.parametrize(
    ("told", "negative", "expected"),
    [
        ([2.0, 4.0], False, "engagement_doubled"),
        ([2.0, 0.0], False, "engagement_zero"),
        ([2.0, None, 4.0], False, "engagement_doubled"),
        ([2.0, None], True, "engagement_negative"),
    ],
)
def test_an_engagement_that_the_status_endpoint_tells_is_judged_alike(
    store: Store, source: int, told: list[float | None], expected: str, *, negative: bool
) -> None:
    take(store, source, _listed("followers", 100))
    for step, rate in enumerate(told):
        with store.bulk() as link:
            at, below = Observation(0, source, NOON + step * HOUR), negative and rate is None
            refresh.apply_details(link, at, f"{source}-n-7", {"engagement_rate": rate}, negative=below)

    assert _suspect(store) == expected
    assert _steps(store) == [(None, expected)]
