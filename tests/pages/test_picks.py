"""What is chosen in the list: it stays chosen whatever the list shows, and an account is chosen as a whole."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.queries.history import Trend
from data.queries.inventory import Row
from pages.ui.picks import Line, Picks, choose_all, clear, ticking, unfold

AT = datetime(2026, 11, 1, tzinfo=UTC)


def line(number: int, account: int | None = None, *, beneath: bool = False) -> Line:
    told = ("network", "instagram", None, None, "accepted", None, None, "healthy", None, None, None, None, None, None)
    return Line(Row(f"c{number}", "late", *told, AT, Trend(), number, account), beneath)


def drawn(picks: Picks, lines: Sequence[Line]) -> set[int]:
    return set(picks.draw(lines))


FIRST, SECOND = [line(1), line(2, 2), line(3)], [line(4), line(5)]


def test_what_is_ticked_on_two_pages_is_chosen_and_ticked_again_when_one_comes_back() -> None:
    picks = Picks()
    assert drawn(picks, FIRST) == set()
    picks.tick(frozenset({0, 2}))
    assert drawn(picks, SECOND) == set()
    picks.tick(frozenset({1}))
    assert picks.number() == 3
    assert drawn(picks, [line(3), line(9), line(1)]) == {0, 2}
    picks.tick(frozenset({2}))
    assert picks.number() == 2
    assert set(picks.chosen) == {"c1", "c5"}


def test_other_rows_are_another_table_and_the_same_rows_are_the_same_one() -> None:
    picks = Picks()
    picks.draw(FIRST)
    before = picks.turn
    picks.tick(frozenset({1}))
    picks.draw(FIRST)
    assert picks.turn == before
    picks.draw(SECOND)
    assert picks.turn == before + 1
    clear(picks)
    picks.draw(SECOND)
    assert picks.turn == before + 1
    picks.draw(FIRST)
    assert picks.ticked == frozenset()


def test_what_the_browser_still_says_of_a_table_that_was_replaced_is_not_heard() -> None:
    picks = Picks(question="q")
    picks.draw(FIRST)
    before = picks.turn
    choose_all(picks)
    assert drawn(picks, FIRST) == {0, 1, 2}
    ticking(picks, before, frozenset())
    assert picks.every == "q"
    ticking(picks, picks.turn, frozenset())
    assert picks.every is None


def test_an_unfolded_account_is_chosen_and_unchosen_as_a_whole() -> None:
    picks = Picks()
    folded = [line(2, 2), line(3)]
    picks.draw(folded)
    picks.tick(frozenset({0}))
    unfold(picks)
    assert picks.unfolded == {2}
    whole = [line(2, 2), line(7, 2, beneath=True), line(3)]
    assert drawn(picks, whole) == {0, 1}
    assert picks.number() == 1
    assert picks.alone() == "c2"
    picks.tick(frozenset({0}))
    assert drawn(picks, whole) == set()
    unfold(picks)
    assert picks.unfolded == {2}


def test_connections_of_one_account_are_chosen_one_by_one_where_each_is_a_row() -> None:
    picks = Picks(accounts=False)
    lines = [line(2, 2), line(7, 2)]
    picks.draw(lines)
    picks.tick(frozenset({0}))
    assert drawn(picks, lines) == {0}
    picks.tick(frozenset({0, 1}))
    assert picks.number() == 2
    assert picks.alone() is None


def test_all_that_match_but_one_is_what_is_still_ticked() -> None:
    picks = Picks(question="status Accepted")
    choose_all(picks)
    assert drawn(picks, FIRST) == {0, 1, 2}
    assert picks.every == "status Accepted"
    assert picks.alone() is None
    picks.tick(frozenset({0, 1}))
    assert picks.every is None
    assert set(picks.chosen) == {"c1", "c2"}


@pytest.mark.parametrize("accounts", [True, False])
@given(turns=st.lists(st.tuples(st.permutations(range(6)), st.frozensets(st.integers(0, 3), max_size=4)), max_size=8))
def test_after_any_ticks_on_any_pages_what_is_ticked_is_what_a_person_saw(
    accounts: bool,  # noqa: FBT001 (a parameter of the test)
    turns: list[tuple[list[int], frozenset[int]]],
) -> None:
    picks, seen = Picks(accounts=accounts), set[int]()
    for numbers, ticks in turns:
        shown = numbers[:4]
        assert drawn(picks, [line(number) for number in shown]) == {
            place for place, number in enumerate(shown) if number in seen
        }
        picks.tick(ticks)
        seen = (seen - set(shown)) | {shown[place] for place in ticks}
    assert set(picks.chosen) == {f"c{number}" for number in seen}
