"""The queue: each case in its tab, found by what is asked for, and every page of it without a gap."""

from datetime import timedelta

import pytest

from data.queries import cases as queue
from data.queries.cases import CaseFilter, CaseOrder, Tab
from data.store import Store, now
from tests import seeds


@pytest.fixture
def mixed(store: Store) -> Store:
    """Seven cases in all kinds of states."""
    late = seeds.source(store, "late")
    seeds.case(store, 1)
    seeds.case(store, 2, requested_by="ingrid", due_at=seeds.NOON - timedelta(days=1), followers=10)
    seeds.case(store, 3, "held", assignee="ingrid", platform="tiktok")
    seeds.case(store, 4, "submitted", decision="approved", source_id=late, connection_id="c4")
    seeds.case(store, 5, "rejected", decision="approved", vendor_word="rejected", followers=99)
    seeds.case(store, 6, "declined", decision="declined", vendor_word="accepted", account_key="instagram:shop.1")
    marked = dict.fromkeys(("flagged_at", "escalated_at", "decided_at"), seeds.NOON)
    seeds.case(store, 7, "approved", decision="approved", **marked)
    return store


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (CaseFilter(), [1, 2, 3, 4, 5, 6, 7]),
        (CaseFilter(tab=Tab.TO_DECIDE), [1, 2, 3]),
        (CaseFilter(tab=Tab.TO_DECIDE, persons=("ingrid",)), [1, 3]),
        (CaseFilter(tab=Tab.MINE, persons=("ingrid",)), [2, 3]),
        (CaseFilter(tab=Tab.WAITING), [4]),
        (CaseFilter(tab=Tab.DECIDED), [5, 6, 7]),
        (CaseFilter(states=("held", "declined")), [3, 6]),
        (CaseFilter(platforms=("tiktok",)), [3]),
        (CaseFilter(sources=("late",)), [4]),
        (CaseFilter(requested_by=("ingrid",), tab=Tab.ALL), [2]),
        (CaseFilter(assignees=("ingrid",)), [3]),
        (CaseFilter(search="SHOP.5"), [5]),
        (CaseFilter(search="100%_"), []),
        (CaseFilter(overdue=True), [2]),
        (CaseFilter(flagged=True), [7]),
        (CaseFilter(escalated=True), [7]),
        (CaseFilter(tab=Tab.DECIDED, overdue=True), []),
        (CaseFilter(tab=Tab.MINE, persons=("ingrid",), sources=("nobody",)), []),
        (CaseFilter(disagreeing=True), [5, 6]),
    ],
)
def test_what_is_asked_for_is_found_and_counted(mixed: Store, wanted: CaseFilter, numbers: list[int]) -> None:
    with mixed.reading() as session:
        assert queue.numbers(session, wanted) == numbers
        shown = queue.page(session, wanted, order=CaseOrder.OLDEST)
        assert (sorted(row.id for row in shown.rows), shown.total) == (numbers, len(numbers))
        assert queue.listing(session, wanted, 1)[0] == len(numbers)


def test_the_tabs_are_counted_for_a_person(mixed: Store) -> None:
    with mixed.reading() as session:
        counts = queue.counts(session, ("ingrid",))
    assert counts == {Tab.TO_DECIDE: 2, Tab.MINE: 2, Tab.WAITING: 1, Tab.DECIDED: 3, Tab.ALL: 7}


def test_more_than_are_counted_are_said_to_be_more(mixed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "COUNTED", 2)
    with mixed.reading() as session:
        shown = queue.page(session, CaseFilter(), size=3)
        assert (len(shown.rows), shown.total, shown.total_is_exact) == (3, 2, False)
        assert queue.counts(session, ())[Tab.ALL] == 3


def test_the_words_of_the_queue_are_those_that_occur(mixed: Store) -> None:
    with mixed.reading() as session:
        assert queue.words(session) == (
            ("instagram", "tiktok"),
            ("network",),
            ("late",),
            ("ingrid", "marek"),
            ("ingrid",),
        )


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("order", list(CaseOrder))
def test_every_order_shows_every_case_once_forth_and_back(
    mixed: Store, monkeypatch: pytest.MonkeyPatch, order: CaseOrder, few: int
) -> None:
    monkeypatch.setattr(queue, "FEW", few)  # walked along the indexes of the states, or collected and sorted
    with mixed.reading() as session:
        whole = queue.page(session, CaseFilter(), order=order)
        pages = [queue.page(session, CaseFilter(), order=order, size=3)]
        while (place := pages[-1].next) is not None:
            pages.append(queue.page(session, CaseFilter(), order=order, size=3, after=place))
        assert [row.id for page in pages for row in page.rows] == [row.id for row in whole.rows]
        assert [(page.first, page.last) for page in pages] == [(1, 3), (4, 6), (7, 7)]
        back = queue.page(session, CaseFilter(), order=order, size=3, before=pages[2].previous)
        assert (back.rows, back.first, back.last) == (pages[1].rows, 4, 6)
        first = queue.page(session, CaseFilter(), order=order, size=3, before=back.previous)
        assert (first.rows, first.previous) == (pages[0].rows, None)


def test_the_place_of_another_list_shows_the_first_page_and_nonsense_is_told(mixed: Store) -> None:
    with mixed.reading() as session:
        place = queue.page(session, CaseFilter(), order=CaseOrder.HANDLE, size=3).next
        for text, believed in ((place, True), ("nonsense", False), ("x" * 5_000, False)):
            shown = queue.page(session, CaseFilter(), order=CaseOrder.DUE, size=3, after=text)
            assert (shown.believed, shown.first) == (believed, 1)


def test_earlier_cases_of_an_account_are_found(mixed: Store) -> None:
    with mixed.reading() as session:
        assert [row.id for row in queue.earlier(session, 1)] == [6]
        assert queue.earlier(session, 99) == ()
        assert [row.id for row in queue.of_connections(session, ["c4"])] == [4]


def test_a_case_says_its_age_and_whether_the_vendor_disagrees(mixed: Store) -> None:
    with mixed.reading() as session:
        rows = queue.some(session, [1, 5])
    assert queue.document(rows[1], seeds.NOON + timedelta(minutes=2))["age_seconds"] == 60
    assert (rows[1].disagrees, rows[5].disagrees) == (False, True)
    assert queue.document(rows[1], now())["connection_id"] is None
