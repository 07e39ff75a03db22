"""Attempts as such: who may begin what, what is resumed and what superseded, and how the clock ends them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data import trail
from data.types import AttemptState, Kind
from services import audit
from services.connecting import attempts, beginning, flows
from services.desk import Desk
from services.failures import Failure, Misuse
from services.sandbox import Sandbox
from tests import cached
from tests.services.connecting.connecting import (
    INGRID,
    OLGA,
    begun,
    change,
    consented,
    events,
    forgotten,
    heard,
    lapsed,
    now,
    opened,
    shared,
    statement,
)


@pytest.fixture(scope="module")
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    yield from shared()


@pytest.fixture(autouse=True)
def _fresh(vendors: Sandbox) -> None:
    forgotten(vendors)


def _over(desk: Desk, attempt: Any, **values: Any) -> None:
    change(desk, attempt, ends_at=datetime.now(UTC) - timedelta(seconds=1), **values)


def test_a_second_tab_resumes_what_is_open_and_another_person_begins_anew(office: Desk) -> None:
    first = beginning.begin(office, INGRID, "highlevel", "instagram")
    again = beginning.begin(office, INGRID, "highlevel", "instagram")
    other = beginning.begin(office, OLGA, "highlevel", "instagram")
    assert (first.resumed, again.resumed, other.resumed) == (False, True, False)
    assert (again.key == first.key, other.key == first.key, len(first.key) >= 43) == (True, False, True)
    assert [each.key for each in attempts.open_of(office, "ingrid")] == [first.key]


def test_another_aim_supersedes_and_the_late_answer_of_the_older_one_is_ignored(office: Desk, vendors: Sandbox) -> None:
    older, state = opened(office)
    number = cached.source(office.store, "highlevel")["id"]
    newer = begun(office, reconnects=f"{number}-n-{lapsed(office, vendors)[0]['id']}")
    found = heard(office, older, consented(vendors, state))
    assert (found.state, found.problem) == ("cancelled", "superseded")
    assert flows.check(office, INGRID, older.key).state == "cancelled"
    assert "ignored" in events(office, older)[-1].words
    assert now(office, newer).state == "started"


def test_an_end_that_is_told_twice_is_no_late_answer(office: Desk) -> None:
    attempt, _ = opened(office)
    for words in ("It said no.", "It said no.", "It said yes."):
        with office.store.writing() as session:
            found = attempts.in_work(session, attempt.id or 0)
            attempts.move(session, found, AttemptState.REFUSED, by="vendor", message=words)
    late = [each.words for each in events(office, attempt) if "too late" in each.words]
    assert late == ["Came too late and was ignored: It said yes."]


def test_the_trail_tells_each_step_by_number_and_never_a_key(office: Desk) -> None:
    attempt, _ = opened(office)
    attempts.cancel(office, INGRID, attempt.key)
    with office.store.reading() as session:
        rows = [row for row in trail.newest(session, 50) if row.action.startswith("attempt.")]
    assert [row.action for row in rows] == ["attempt.cancelled", "attempt.waiting", "attempt.begin"]
    assert {row.subject for row in rows} == {f"attempt {attempt.id}"}
    assert attempt.key not in "".join(f"{row.subject}{row.before}{row.after}{row.reason}" for row in rows)
    assert audit.verify(office) is None


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda desk: beginning.begin(desk, INGRID, "nobody", "instagram"), "no source"),
        (lambda desk: beginning.begin(desk, INGRID, "x" * 10_000, "instagram"), "no source"),
        (lambda desk: beginning.begin(desk, INGRID, "highlevel", "linkedin"), "connects no account"),
        (lambda desk: beginning.begin(desk, INGRID, "highlevel", "<b>"), "connects no account"),
        (lambda desk: beginning.begin(desk, INGRID, "imiconnect", "instagram"), "connects no account"),
        (lambda desk: beginning.begin(desk, INGRID, "highlevel", "instagram", kind=Kind.PAGE), "adds no page"),
        (lambda desk: begun(desk, reconnects="1' OR '1'='1"), "no connection"),
        (lambda desk: begun(desk, reconnects=_foreign(desk)), "no connection"),
        (lambda desk: begun(desk, reconnects=_elsewhere(desk)), "not on instagram"),
        (lambda desk: attempts.cancel(desk, INGRID, "x" * 43), "no such attempt"),
        (lambda desk: attempts.cancel(desk, INGRID, "'; DROP TABLE attempts; --"), "no such attempt"),
    ],
)
def test_what_can_not_be_connected_is_refused_in_words(office: Desk, ask: Callable[[Desk], Any], says: str) -> None:
    with pytest.raises(Misuse, match=says) as caught:
        ask(office)
    assert len(caught.value.message) < 200
    assert attempts.open_of(office, "ingrid") == []


def _foreign(desk: Desk) -> str:
    return f"{cached.source(desk.store, 'zocial')['id']}-n-1"


def _elsewhere(desk: Desk) -> str:
    return next(key for key, row in cached.of_vendor(desk.store, "highlevel").items() if row["platform"] != "instagram")


def test_a_source_that_is_off_connects_nothing_and_one_switched_off_meanwhile_says_so(office: Desk) -> None:
    attempt, _ = opened(office)
    statement(office, "UPDATE sources SET enabled = 0 WHERE name = 'highlevel'")
    with pytest.raises(Failure, match="is off"):
        begun(office, by=OLGA)
    found = flows.check(office, INGRID, attempt.key)
    assert (found.state, found.problem) == ("waiting", "source_off")


@pytest.mark.parametrize(
    ("values", "state", "says"),
    [
        ({}, "timed_out", "No answer"),
        ({"told": {"closed_at": "2026-01-01T00:00:00+00:00"}}, "cancelled", "was closed"),
        ({"returned_at": datetime(2026, 1, 1, tzinfo=UTC)}, "timed_out", "did not confirm"),
    ],
)
def test_the_clock_ends_what_nobody_finished(office: Desk, values: dict[str, Any], state: str, says: str) -> None:
    attempt, _ = opened(office)
    assert attempts.expire(office) == 0
    _over(office, attempt, **values)
    assert attempts.expire(office) == 1
    found = now(office, attempt)
    assert (found.state, events(office, attempt)[-1].by) == (state, "clock")
    assert says in found.message
    assert found.advice


def test_a_prepared_attempt_that_nobody_opens_ends_too(office: Desk) -> None:
    attempt = begun(office)
    _over(office, attempt)
    assert attempts.expire(office) == 1
    assert "Nobody went on" in now(office, attempt).message


def test_a_message_after_the_time_is_over_counts_for_nothing(office: Desk, vendors: Sandbox) -> None:
    attempt, state = opened(office)
    _over(office, attempt)
    found = heard(office, attempt, consented(vendors, state))
    assert (found.state, found.returned_at) == ("timed_out", None)


def test_what_is_over_is_not_resumed(office: Desk) -> None:
    attempt, _ = opened(office)
    _over(office, attempt)
    fresh = begun(office)
    assert fresh.key != attempt.key
    assert now(office, attempt).state in {"cancelled", "timed_out"}
