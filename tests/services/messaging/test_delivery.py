"""What callbacks do to messages: the right one moves, forward only, in any order, once for each thing told."""

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.queries import sources
from data.types import MessageState
from services import credentials
from services.desk import Desk
from services.messaging import delivery, standing, states
from services.vendors.errors import RateLimited, Unauthorised
from services.webhooks import NotBelieved, NotYet
from tests.services.messaging.receiving import heard, message, notification, raws, sent, source_id, story

S = MessageState
ACCEPTED = (S.POSTING, S.ACCEPTED)


def tell(desk: Desk, press: str, code: str | None, number: int | None = None, **ids: Any) -> str:
    """Have one callback worked off."""
    return delivery.follow(desk, heard(desk, press, notification(code, **ids), number))


def test_the_callbacks_of_a_message_move_it_and_are_kept_as_they_came(desk: Desk) -> None:
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    said = [tell(desk, "p1", code, transid="t1", correlation_id="p1") for code in ("7501", "7500", "7502")]
    assert said[-1] == f"Message {number} is read."
    found = message(desk, number)
    assert (found.state, found.code, found.reason) == ("read", "7502", None)
    assert None not in (found.submitted_at, found.delivered_at, found.read_at, found.heard_at)
    assert [step[1:] for step in story(desk, number)][-3:] == [
        ("7501", "submitted", True),
        ("7500", "delivered", True),
        ("7502", "read", True),
    ]
    assert raws(desk, number)[0] == notification("7501", transid="t1", correlation_id="p1")


def test_a_failure_says_why_and_what_to_do(desk: Desk) -> None:
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    tell(desk, "p1", "7313", transid="t1")
    found = message(desk, number)
    assert (found.state, found.code) == ("failed", "7313")
    assert found.reason == "The person has not written within 24 hours."
    assert found.advice == "Wait for their next message."


@pytest.mark.parametrize("before", [(S.POSTING,), (S.POSTING, S.UNKNOWN)])
@pytest.mark.parametrize("correlation_id", ["p1", None])
def test_a_callback_before_our_own_outcome_moves_the_message_and_tells_its_id(
    desk: Desk, before: tuple[MessageState, ...], correlation_id: str | None
) -> None:
    number = sent(desk, "p1", *before)
    tell(desk, "p1", "7500", transid="t1", correlation_id=correlation_id)
    with desk.store.writing() as session:
        found = session.get(type(message(desk, number)), number)
        assert found is not None
        assert not states.move(session, found, S.ACCEPTED, by="vendor", words="Taken.", transid="t1")
    after = message(desk, number)
    assert (after.state, after.transid) == ("delivered", "t1")
    assert after.answered_at is not None


def test_an_earlier_state_after_a_later_one_is_kept_and_moves_nothing(desk: Desk) -> None:
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    tell(desk, "p1", "7502", transid="t1")
    assert tell(desk, "p1", "7500", transid="t1") == f"Message {number} stays read: delivered was told out of turn."
    assert tell(desk, "p1", "7502", transid="t1") == f"Message {number} stays read: read was told again."
    assert message(desk, number).state == "read"
    assert [step[3] for step in story(desk, number)][-3:] == [True, False, False]


def test_the_same_callback_worked_off_twice_is_one_event(desk: Desk) -> None:
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    for _ in range(2):
        tell(desk, "p1", "7501", number=77, transid="t1")
    assert [step[1] for step in story(desk, number)].count("7501") == 1


def test_the_ids_of_another_message_are_not_believed_and_move_neither(desk: Desk) -> None:
    first = sent(desk, "p1", *ACCEPTED, transid="t1")
    second = sent(desk, "p2", *ACCEPTED, transid="t2")
    third = sent(desk, "p3", S.POSTING, S.UNKNOWN)
    foreign: list[tuple[str, dict[str, Any]]] = [
        ("p1", {"transid": "t2", "correlation_id": "p1"}),
        ("p1", {"transid": "t2", "correlation_id": "p2"}),
        ("p1", {"correlation_id": "p2"}),
        ("p3", {"transid": "t2"}),
        ("p3", {"transid": "t2", "correlation_id": "p3"}),
        ("p3", {"transid": "t9", "correlation_id": "p1"}),
    ]
    for press, ids in foreign:
        with pytest.raises(NotBelieved, match="neither was moved"):
            tell(desk, press, "7502", **ids)
    assert [message(desk, each).state for each in (first, second, third)] == ["accepted", "accepted", "unknown"]
    assert message(desk, third).transid is None
    assert raws(desk, first) == raws(desk, second) == raws(desk, third) == []


@pytest.mark.parametrize(
    ("press", "ids"),
    [
        ("nobody", {"transid": "t1"}),
        ("p1", {"transid": "t9"}),
        ("p1", {"correlation_id": "c9"}),
        ("p2", {"transid": "t9", "correlation_id": "c9"}),
    ],
)
def test_ids_that_nobody_knows_wait(desk: Desk, press: str, ids: dict[str, Any]) -> None:
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    sent(desk, "p2", S.POSTING, S.UNKNOWN)
    with pytest.raises(NotYet):
        tell(desk, press, "7500", **ids)
    assert (message(desk, number).state, raws(desk, number)) == ("accepted", [])


def test_an_id_that_nobody_knows_is_told_beside_the_correlation_id(desk: Desk) -> None:
    """contracts/README.md 4.3: the transid first, then the correlation id; an answer may have named a messageId."""
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    tell(desk, "p1", "7500", transid="t9", correlation_id="p1")
    assert (message(desk, number).state, message(desk, number).transid) == ("delivered", "t1")


def test_a_callback_of_another_source_is_not_this_message(desk: Desk) -> None:
    sent(desk, "p1", *ACCEPTED, transid="t1")
    told = heard(desk, "p1", notification("7500", transid="t1"))
    with pytest.raises(NotYet):
        delivery.follow(desk, type(told)(**{**vars(told), "source_id": source_id(desk) + 1}))


@pytest.mark.parametrize(
    ("code", "status", "state"),
    [
        ("9999", "Surprise", "accepted"),
        ("9999", "Delivered", "delivered"),
        (None, "Seen", "read"),
        ("7200", "Unknown", "accepted"),
        ("7303", "Expired notification", "accepted"),
        ("7306", "Duplicate", "accepted"),
    ],
)
def test_a_code_that_does_not_tell_is_kept_and_moves_only_by_its_word(
    desk: Desk, code: str | None, status: str, state: str
) -> None:
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    said = tell(desk, "p1", code, transid="t1", status=status)
    assert message(desk, number).state == state
    assert len(raws(desk, number)) == 1
    assert said.startswith("It moves nothing") == (state == "accepted")


@pytest.mark.parametrize("body", [{}, {"deliveryInfoNotification": {"deliveryInfo": []}}])
def test_what_says_nothing_of_a_message_is_not_believed(desk: Desk, body: dict[str, Any]) -> None:
    sent(desk, "p1", *ACCEPTED, transid="t1")
    with pytest.raises(NotBelieved):
        delivery.follow(desk, heard(desk, "p1", body))


# ----------------------------------------------------------------------------------------- order and number

CODES = {"7501": S.SUBMITTED, "7500": S.DELIVERED, "7502": S.READ, "7010": S.FAILED}
ANSWERS = {"accepted": S.ACCEPTED, "refused": S.REFUSED, "unknown": S.UNKNOWN}
RANK = [S.UNKNOWN, S.ACCEPTED, S.SUBMITTED, S.DELIVERED, S.READ]
presses = itertools.count(1000)


@given(st.sampled_from(sorted(ANSWERS)), st.lists(st.sampled_from(["answer", *CODES]), max_size=9), st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_number_of_callbacks_and_the_answer_ends_alike(
    desk: Desk, answer: str, told: list[str], data: st.DataObject
) -> None:
    steps = [step for step in told if step != "answer"] + ["answer"]
    ends = {_end(desk, answer, data.draw(st.permutations(steps))) for _ in range(2)}
    codes = {CODES[step] for step in steps if step != "answer"}
    if {S.READ, S.FAILED} <= codes:
        assert ends <= {S.READ, S.FAILED}  # both are final: the first one told stays
        return
    assert len(ends) == 1
    highest = max(codes - {S.FAILED} | {ANSWERS[answer] if answer != "refused" else S.ACCEPTED}, key=RANK.index)
    expected = S.FAILED if S.FAILED in codes else S.REFUSED if not codes and answer == "refused" else highest
    assert ends == {expected}


def _end(desk: Desk, answer: str, steps: list[str]) -> MessageState:
    press = f"p{next(presses)}"
    number = sent(desk, press, S.POSTING)
    for step in steps:
        if step != "answer":
            tell(desk, press, step, transid=f"t{press}", correlation_id=press)
            continue
        with desk.store.writing() as session:
            found = session.get(type(message(desk, number)), number)
            assert found is not None
            transid = f"t{press}" if answer == "accepted" else None
            states.move(session, found, ANSWERS[answer], by="vendor", words=answer, transid=transid)
    return MessageState(message(desk, number).state)


def test_callbacks_of_one_message_at_once_end_at_the_highest_and_are_all_kept(desk: Desk) -> None:
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    told = [heard(desk, "p1", notification(code, transid="t1")) for code in ("7500", "7501", "7502", "7501")]
    threads = [threading.Thread(target=delivery.follow, args=(desk, each)) for each in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert message(desk, number).state == "read"
    assert len(raws(desk, number)) == 4


# ----------------------------------------------------------------------------------------- 7306


def settle(desk: Desk, number: int) -> bool:
    """Settle the first attempt by the answer to another."""
    with desk.store.writing() as session:
        found = session.get(type(message(desk, number)), number)
        assert found is not None
        return delivery.settle_first(session, found)


def test_a_duplicate_settles_the_attempt_of_which_nobody_knew(desk: Desk) -> None:
    first = sent(desk, "p1", S.POSTING, S.UNKNOWN, correlation_id="c1")
    second = sent(desk, "p2", S.POSTING, S.REFUSED, correlation_id="c1", attempt_of=first)
    assert settle(desk, second)
    assert message(desk, first).state == "accepted"
    assert story(desk, first)[-1] == ("vendor", "7306", "accepted", True)
    assert not settle(desk, second)


def test_a_duplicate_settles_nothing_where_it_could_mean_another_attempt(desk: Desk) -> None:
    numbers = [sent(desk, f"p{each}", S.POSTING, S.UNKNOWN, correlation_id="c1") for each in (1, 2)]
    last = sent(desk, "p3", S.POSTING, S.REFUSED, correlation_id="c1", attempt_of=numbers[1])
    assert not settle(desk, last)
    taken = sent(desk, "p4", *ACCEPTED, transid="t4", correlation_id="c4")
    unclear = sent(desk, "p5", S.POSTING, S.UNKNOWN, correlation_id="c4", attempt_of=taken)
    assert not settle(desk, sent(desk, "p6", S.POSTING, S.REFUSED, correlation_id="c4", attempt_of=unclear))
    assert [message(desk, each).state for each in (*numbers, unclear)] == ["unknown"] * 3


# ----------------------------------------------------------------------------------------- the source


def incidents(desk: Desk) -> list[tuple[str, bool]]:
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT message, ended_at FROM incidents ORDER BY id").all()
    return [(row[0], row[1] is not None) for row in rows]


def card(desk: Desk) -> tuple[str, bool]:
    """How the source stands on its card, and whether a problem is told there."""
    with desk.store.reading() as session:
        found = sources.cards(session, stale_after=timedelta(days=1))
    return next((each.state, each.problem is not None) for each in found if each.name == "imiconnect")


def note(desk: Desk, how: Callable[..., None], *more: Any) -> None:
    """Note of the source what a message met."""
    with desk.store.writing() as session:
        how(session, source_id(desk), *more)


def kind(desk: Desk) -> str | None:
    """The kind of the source's problem."""
    with desk.store.reading() as session:
        return credentials.named(session, "imiconnect").problem_kind


def test_credentials_that_an_answer_refused_are_told_of_the_source_until_it_takes_a_message(desk: Desk) -> None:
    for reason in ("Authentication failed", "Authentication failed again"):
        note(desk, standing.refused, Unauthorised("imiconnect", "send the message", reason, code="7001"))
    note(desk, standing.refused, RateLimited("imiconnect", "send the message", "wait"))
    assert [(told[-20:], over) for told, over in incidents(desk)] == [("entication failed again"[-20:], False)]
    assert (kind(desk), card(desk)) == ("unauthorised", ("refusing", True))
    note(desk, standing.arrived)
    assert card(desk) == ("refusing", True)
    note(desk, standing.accepted)
    assert (kind(desk), card(desk)) == (None, ("nothing", False))
    assert [over for _, over in incidents(desk)] == [True]


def test_credentials_that_a_callback_called_refused_are_told_until_a_message_gets_through(desk: Desk) -> None:
    number = sent(desk, "p1", *ACCEPTED, transid="t1")
    tell(desk, "p1", "7304", transid="t1")
    assert message(desk, number).state == "failed"
    assert (kind(desk), card(desk)) == ("permission_denied", ("refusing", True))
    sent(desk, "p2", *ACCEPTED, transid="t2")
    note(desk, standing.accepted)  # such a vendor takes every message first
    assert [over for _, over in incidents(desk)] == [False]
    tell(desk, "p2", "7501", transid="t2")
    assert [over for _, over in incidents(desk)] == [False]
    tell(desk, "p2", "7500", transid="t2")
    assert (kind(desk), card(desk)) == (None, ("nothing", False))
    assert [over for _, over in incidents(desk)] == [True]


def test_other_failures_say_nothing_of_the_source(desk: Desk) -> None:
    sent(desk, "p1", *ACCEPTED, transid="t1")
    tell(desk, "p1", "7313", transid="t1")
    with desk.store.writing() as session:
        standing.accepted(session, source_id(desk))
    assert incidents(desk) == []
