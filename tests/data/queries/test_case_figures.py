"""Cases as Today tells them: what was open on each day, what needs someone, and what became of one's requests."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from data.queries import case_figures
from data.queries.case_figures import Trouble
from data.store import Store, now
from tests import seeds
from tests.seeds import case

TODAY = now().date()


def step(store: Store, number: int, ago: int, action: str, states: tuple[str | None, str], **values: Any) -> None:
    """Write a step of a case, so many days ago."""
    at = datetime.combine(TODAY - timedelta(days=ago), time(0, 1), UTC)
    seeds.step(store, number, action, states, at=at, **values)


@pytest.fixture
def told(store: Store) -> Store:
    """One case that was declined and asked for again, one that Zocial accepted, one that waits: flags move nothing."""
    for number, state in ((1, "requested"), (2, "accepted"), (3, "submitted")):
        case(store, number, state)
    for number, ago in ((1, 5), (2, 4), (3, 4)):
        step(store, number, ago, "case.request", (None, "requested"))
    step(store, 1, 4, "case.flag", (None, "requested"))
    step(store, 1, 3, "case.decline", ("requested", "declined"), reason="Wrong page.")
    step(store, 1, 1, "case.resubmit", ("declined", "requested"), actor="marek")
    for before, after in pairwise(("requested", "approved", "submitting", "submitted")):
        step(store, 2, 2, "case.send", (before, after))
        step(store, 3, 2, "case.send", (before, after))
    step(store, 2, 0, "case.vendor", ("submitted", "accepted"), actor="system")
    return store


def test_each_day_tells_what_was_open_at_its_end(told: Store) -> None:
    with told.reading() as session:
        week = case_figures.open_by_day(session, since=TODAY - timedelta(days=7), until=TODAY)
        then = case_figures.open_by_day(session, since=TODAY - timedelta(days=4), until=TODAY - timedelta(days=2))
    assert week == [None, None, 1, 3, 2, 2, 3, 2]
    assert then == [3, 2, 2]


def test_without_any_case_none_is_open_and_the_past_is_not_known(store: Store) -> None:
    with store.reading() as session:
        assert case_figures.open_by_day(session, since=TODAY - timedelta(days=2), until=TODAY) == [None, None, 0]


def test_a_case_that_needs_someone_is_told_once_and_the_worst_comes_first(store: Store) -> None:
    late = now() - timedelta(hours=4)
    for number in range(1, 7):
        case(store, number, due_at=late - timedelta(hours=number))
    case(store, 7, difference={"followers": [9, 4]}, due_at=late)
    case(store, 8, "unknown", sent_at=late)
    case(store, 9, "refused", changed_at=late)
    case(store, 10, "refused", changed_at=now() - timedelta(days=31))
    case(store, 11, "refused", changed_at=late, connection_id="c11")
    case(store, 12, due_at=now() + timedelta(hours=1), connection_id="c11")
    case(store, 13, "declined", due_at=late)
    with store.reading() as session:
        found = case_figures.wanting(session)
    assert [(item.trouble, item.id, item.further) for item in found] == [
        (Trouble.UNKNOWN, 8, 0),
        (Trouble.REFUSED, 9, 0),
        (Trouble.CAME_BACK, 7, 0),
        (Trouble.OVER_TIME, 6, 0),
        (Trouble.OVER_TIME, 5, 0),
        (Trouble.OVER_TIME, 4, 3),
    ]


def test_a_person_is_told_what_others_did_with_their_requests(told: Store) -> None:
    step(told, 1, 0, "case.vendor", (None, "declined"), actor="system")
    case(told, 4, "declined", requested_by="ana")
    step(told, 4, 1, "case.decline", ("requested", "declined"))
    since = now() - timedelta(days=4)
    with told.reading() as session:
        found = case_figures.answers(session, "marek", since)
        assert case_figures.answers(session, "olga", since) == []
    assert [(each.case, each.actor, each.state, each.reason) for each in found] == [
        (2, "system", "accepted", None),
        (3, "ingrid", "submitted", None),
        (1, "ingrid", "declined", "Wrong page."),
    ]
