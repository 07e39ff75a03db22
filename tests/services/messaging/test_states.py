"""The machine of a message: forward alone, whatever comes and in whatever order, and nothing that came is lost."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.types import MessageState
from services.desk import Desk
from services.messaging import states
from services.messaging.states import FINAL, moves
from tests.services.messaging.receiving import message, sent, story

S = MessageState
ORDER = (S.RESERVED, S.POSTING, S.UNKNOWN, S.ACCEPTED, S.SUBMITTED, S.DELIVERED, S.READ)


def test_each_state_is_reached_from_the_earlier_ones_alone() -> None:
    for before, to in itertools.product(ORDER, ORDER):
        assert moves(before, to) is (ORDER.index(before) < ORDER.index(to)), (before, to)
    for state in S:
        assert moves(state, S.FAILED) is (state not in FINAL)
        assert not any(moves(final, state) for final in FINAL)
    assert not moves(S.ACCEPTED, S.REFUSED)
    assert not moves(S.REFUSED, S.ACCEPTED)
    assert moves(S.REFUSED, S.DELIVERED)  # a callback knows better than an answer


@given(st.lists(st.sampled_from(list(S)), max_size=20))
def test_no_order_of_steps_leads_back_or_round_in_circles(steps: list[MessageState]) -> None:
    state, seen = S.RESERVED, [S.RESERVED]
    for step in steps:
        if moves(state, step):
            state = step
            seen.append(step)
    assert len(set(seen)) == len(seen)
    assert all(state in FINAL for state in seen[:-1]) is (len(seen) == 1)


def _tell(desk: Desk, number: int, to: MessageState, inbox_id: int, words: str = "") -> bool:
    with desk.store.writing() as session:
        found = session.merge(message(desk, number))
        return states.move(session, found, to, by="callback", words=words, code="7010", inbox_id=inbox_id, raw="{}")


def test_what_moves_nothing_is_kept_and_what_was_noted_is_not_noted_twice(desk: Desk) -> None:
    number = sent(desk, "p1", S.POSTING, S.ACCEPTED, transid="t-1")
    assert _tell(desk, number, S.DELIVERED, 1)
    assert not _tell(desk, number, S.SUBMITTED, 2)
    assert not _tell(desk, number, S.DELIVERED, 1)
    told = [step for step in story(desk, number) if step[0] == "callback"]
    assert [(after, moved) for _, _, after, moved in told] == [("delivered", True), ("submitted", False)]
    found = message(desk, number)
    assert (found.state, found.submitted_at, found.transid) == ("delivered", None, "t-1")
    assert None not in (found.delivered_at, found.heard_at)


@pytest.mark.parametrize("end", [S.UNKNOWN, S.FAILED])
def test_a_reason_stands_with_the_states_that_need_one_and_goes_with_them(desk: Desk, end: MessageState) -> None:
    number = sent(desk, "p1", S.POSTING)
    _tell(desk, number, end, 1, "It broke.")
    assert (message(desk, number).reason, message(desk, number).code) == ("It broke.", "7010")
    moved = _tell(desk, number, S.DELIVERED, 2, "It was delivered.")
    assert moved is (end is S.UNKNOWN)
    assert message(desk, number).reason == (None if moved else "It broke.")
