"""Incidents: one open for each cause, whoever notices it, and no flapping."""

from datetime import timedelta
from typing import Any

from data import incidents
from data.store import Store
from data.types import Cause, Told
from tests import cached, processes, seeds
from tests.seeds import NOON

BEGIN = """
import sys
from datetime import UTC, datetime
from data import incidents
from data.store import Store
store = Store.at(sys.argv[1])
sys.stdin.readline()
for turn in range(20):
    with store.bulk() as link:
        incidents.begin(link, cause=f"c{turn}", message="m", advice="a", at=datetime(2026, 3, 10, tzinfo=UTC))
"""


def _begin(store: Store, minutes: float = 0, **values: Any) -> int:
    words = {"cause": Cause.ZOMBIE, "message": "It lives on.", "advice": "Look."} | values
    with store.bulk() as link:
        return incidents.begin(link, at=NOON + timedelta(minutes=minutes), **words)


def _end(store: Store, minutes: float = 0, **values: Any) -> bool:
    with store.bulk() as link:
        at, words = NOON + timedelta(minutes=minutes), {"cause": Cause.ZOMBIE, "why": "It is gone."} | values
        return incidents.end(link, at=at, **words)


def test_an_incident_begins_once_per_cause_source_and_connection(store: Store) -> None:
    source = seeds.source(store, "one")
    about: list[dict[str, Any]] = [{}, {"source_id": source}, {"source_id": source, "connection_id": "c"}]

    first = [_begin(store, **each) for each in about]
    again = [_begin(store, 5, message="Still.", **each) for each in about]
    other = _begin(store, cause=Cause.AUDIT)

    assert again == first
    assert len({*first, other}) == 4
    rows = cached.incidents(store)
    assert {(row["message"], row["began_at"], row["noted_at"]) for row in rows[:3]} == {("Still.", NOON, NOON)}


def test_what_began_before_it_was_noticed_tells_both(store: Store) -> None:
    _begin(store, since=NOON - timedelta(hours=2))

    (row,) = cached.incidents(store)
    assert (row["began_at"], row["noted_at"]) == (NOON - timedelta(hours=2), NOON)


def test_an_incident_ends_once_with_its_reason_and_the_next_is_another(store: Store) -> None:
    first = _begin(store)

    assert not _end(store, 1, connection_id="other")
    assert _end(store, 2)
    assert not _end(store, 3)
    assert _begin(store, 4) != first

    rows = cached.incidents(store)
    assert [(row["ended_at"], row["ended_why"]) for row in rows] == [
        (NOON + timedelta(minutes=2), "It is gone."),
        (None, None),
    ]


def test_what_breaks_a_third_time_within_hours_is_one_incident_until_it_stayed_well(store: Store) -> None:
    for turn in (0, 10, 20):
        last = _begin(store, turn)
        _end(store, turn + 5)

    assert _begin(store, 80) == last
    _end(store, 90)
    assert len(cached.incidents(store)) == 3
    assert _begin(store, 90 + 61) != last


def test_what_was_told_as_recovered_is_never_open_again(store: Store) -> None:
    for turn in (0, 10, 20):
        last = _begin(store, turn)
        _end(store, turn + 5)
    seeds.notice(store, last, Told.RECOVERED)

    assert _begin(store, 30) != last


def test_with_its_source_goes_all_that_is_open_of_it(store: Store) -> None:
    source = seeds.source(store, "one")
    for about in ({"source_id": source}, {"source_id": source, "connection_id": "c"}, {}):
        _begin(store, **about)

    with store.bulk() as link:
        incidents.end_of_source(link, source, NOON, "The source was removed.")

    assert [row["ended_why"] for row in cached.incidents(store)] == [*2 * ["The source was removed."], None]


def test_two_processes_that_notice_the_same_begin_one(store: Store) -> None:
    running = [processes.start(BEGIN, store.url) for _ in range(2)]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        processes.ended(process)

    assert sorted(row["cause"] for row in cached.incidents(store)) == sorted(f"c{turn}" for turn in range(20))
