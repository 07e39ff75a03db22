"""Which sources are due: by the time of their last run, unless their breaker lets them rest."""

from datetime import timedelta

import pytest

from data import leases, schedule
from data.store import Store, now
from tests import seeds

MINUTES = timedelta(minutes=15)


def _due(store: Store) -> list[str]:
    with store.reading() as session:
        return schedule.due(session.connection(), since=now() - MINUTES, at=now())


def test_a_source_that_never_ran_is_due(store: Store) -> None:
    seeds.source(store, "one")
    assert _due(store) == ["one"]


@pytest.mark.parametrize(("minutes", "due"), [(1, False), (14, False), (16, True)])
def test_a_source_is_due_when_its_last_run_began_long_enough_ago(store: Store, minutes: int, due: bool) -> None:  # noqa: FBT001 (a column of the table above)
    number = seeds.source(store, "one")
    seeds.run(store, number, "ok", started_at=now() - timedelta(days=1))
    seeds.run(store, number, "failed", started_at=now() - timedelta(minutes=minutes))
    assert (_due(store) == ["one"]) is due


def test_a_replay_does_not_count_as_a_run(store: Store) -> None:
    number = seeds.source(store, "one")
    seeds.run(store, number, "ok", trigger="replay")
    assert _due(store) == ["one"]


@pytest.mark.parametrize(
    "values",
    [{"enabled": False}, {"removed_at": now()}, {"next_try_at": now() + timedelta(days=1)}],
    ids=["off", "removed", "resting"],
)
def test_a_source_that_is_off_removed_or_resting_is_not_due(store: Store, values: dict[str, object]) -> None:
    seeds.source(store, "one", **values)
    assert _due(store) == []


def test_a_breaker_that_has_closed_again_lets_its_source_be_asked(store: Store) -> None:
    seeds.source(store, "one", next_try_at=now() - timedelta(seconds=1))
    assert _due(store) == ["one"]


def test_a_lease_is_given_once_until_it_is_finished(store: Store) -> None:
    number, at = seeds.source(store, "one"), now()
    with store.bulk() as link:
        first = leases.begin(link, number, trigger="hand", observed_at=at)
    assert first is not None
    with store.bulk() as link:
        assert leases.begin(link, number, trigger="hand", observed_at=at) is None
        leases.finish(link, first, state="ok")
        second = leases.begin(link, number, trigger="hand", observed_at=at)
    assert second is not None
    assert second > first


def test_a_tick_that_somebody_ran_already_gives_no_lease(store: Store) -> None:
    number = seeds.source(store, "one")
    seeds.run(store, number, "ok")
    with store.bulk() as link:
        begun = leases.begin(link, number, trigger="schedule", observed_at=now(), unless_since=now() - MINUTES)
    assert begun is None
