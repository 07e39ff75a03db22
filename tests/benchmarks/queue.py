"""The queue of approvals with many cases: its questions against raw `sqlite3`, and plans of many decisions."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial

from data.queries import cases
from data.queries.cases import CaseFilter, CaseOrder, Tab
from data.store import Session, Store
from data.types import Role
from services.access import Actor
from services.approvals import plans
from services.desk import Desk
from tests.benchmarks.casework import with_cases
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import opened

MOST_SECONDS, PLANNED = 2.0, 10_000
ADMIN = Actor("ingrid", Role.ADMIN)
PERSONS = (ADMIN.username,)
PAGE = "SELECT id, handle, state, followers, due_at, requested_by FROM cases WHERE id BETWEEN 500 AND 549"
FILTERS = {
    "to decide": CaseFilter(Tab.TO_DECIDE, PERSONS),
    "mine": CaseFilter(Tab.MINE, PERSONS),
    "waiting": CaseFilter(Tab.WAITING, PERSONS),
    "decided": CaseFilter(Tab.DECIDED, PERSONS),
    "all": CaseFilter(),
    "one platform": CaseFilter(platforms=("instagram",)),
    "one source": CaseFilter(sources=("late",)),
    "one kind": CaseFilter(kinds=("channel",)),
    "one state": CaseFilter(states=("rejected",)),
    "one requester": CaseFilter(requested_by=("mia",)),
    "one assignee": CaseFilter(assignees=("olga",)),
    "overdue": CaseFilter(Tab.TO_DECIDE, PERSONS, overdue=True),
    "flagged": CaseFilter(flagged=True),
    "disagreeing": CaseFilter(disagreeing=True),
    "platform and requester": CaseFilter(Tab.TO_DECIDE, PERSONS, platforms=("tiktok",), requested_by=("mia",)),
    "search, many match": CaseFilter(search="sunka"),
    "search, one matches": CaseFilter(search=".777"),
    "search of 2 letters": CaseFilter(search="zq"),
}
Question = Callable[[Session], object]


def figures(count: int, rounds: int) -> Iterator[Figure]:
    """Measure each question in turns with fifty rows by their numbers in raw `sqlite3`; then the plans."""
    with with_cases(count) as folder, opened(folder) as desk:
        raw = sqlite3.connect(f"file:{desk.store.path}?mode=ro", uri=True)
        with contextlib.closing(raw):
            for name, question in _questions(desk.store):
                taken = [(_raw(raw), _timed(desk.store, question)) for _ in range(rounds)]
                floor, ours = (middle(column) for column in zip(*taken, strict=True))
                note = "floor: 50 rows by number, raw sqlite3"
                yield Figure(f"queue of {count:,}, {name}", "ms", ours, floor, None, note)
        yield from _plans(desk)


def _questions(store: Store) -> Iterator[tuple[str, Question]]:
    undecided = FILTERS["to decide"]
    with store.reading() as session:
        following = cases.page(session, undecided).next
    yield "next page", lambda session: cases.page(session, undecided, after=following)
    for order in CaseOrder:
        for tab in (Tab.TO_DECIDE, Tab.DECIDED, Tab.ALL):
            wanted = CaseFilter(tab, PERSONS)
            yield f"{tab.value} by {order.value}", partial(cases.page, wanted=wanted, order=order)
    for name, wanted in FILTERS.items():
        yield f"page of {name}", partial(cases.page, wanted=wanted)
    yield "counts of the tabs", lambda session: cases.counts(session, PERSONS)
    yield "words of the filters", cases.words


def _plans(desk: Desk) -> Iterator[Figure]:
    with desk.store.reading() as session:
        numbers = cases.numbers(session, CaseFilter(Tab.TO_DECIDE, PERSONS, states=("requested",)), PLANNED)
    for action in ("approve", "hold"):
        started = time.perf_counter()
        plan = plans.plan_decisions(desk, ADMIN, action, numbers)
        taken = time.perf_counter() - started
        yield Figure(f"plan to {action} {len(plan.rows):,} cases", "s", taken, None, MOST_SECONDS)


def _raw(link: sqlite3.Connection) -> float:
    started = time.perf_counter()
    link.execute(PAGE).fetchall()
    return (time.perf_counter() - started) * 1000


def _timed(store: Store, question: Question) -> float:
    started = time.perf_counter()
    with store.reading() as session:
        question(session)
    return (time.perf_counter() - started) * 1000
