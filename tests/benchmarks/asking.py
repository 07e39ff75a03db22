"""The questions of the Networks page, asked of the cache alone, against the cheapest question there is."""

import time
from collections.abc import Callable, Iterator

from data.queries import inventory, totals
from data.queries.filters import Filter, Listed
from data.queries.orders import Order
from data.store import Session, Store
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import opened, populated

FILTERS = {
    "all": Filter(),
    "one platform": Filter(platforms=("instagram",)),
    "one status": Filter(statuses=("pending",)),
    "one health": Filter(healths=("broken",)),
    "one source": Filter(sources=("late",)),
    "one kind": Filter(kinds=("channel",)),
    "one category": Filter(categories=("travel",)),
    "verified": Filter(verified=True),
    "followers from 1,000,000": Filter(followers_from=1_000_000),
    "vanished": Filter(listed=Listed.VANISHED),
    "status and platform": Filter(platforms=("instagram",), statuses=("pending",)),
    "search, many match": Filter(search="sunka"),
    "search, one matches": Filter(search=".777"),
    "search of 2 letters": Filter(search="zq"),
}

Question = Callable[[Session], object]


def figures(count: int, rounds: int) -> Iterator[Figure]:
    """Measure each question in turns with looking one row up by its number."""
    with opened(populated(count)) as desk:
        for name, question in _questions(desk.store):
            floors, ours = [], []
            for _ in range(rounds):
                floors.append(_timed(desk.store, _one_row))
                ours.append(_timed(desk.store, question))
            yield Figure(f"cache, {name}", "ms", middle(ours), middle(floors), None, "floor: one row by its number")


def _questions(store: Store) -> Iterator[tuple[str, Question]]:
    with store.reading() as session:
        following = inventory.page(session, Filter()).next
    yield "next page", lambda session: inventory.page(session, Filter(), after=following)
    for order in Order:
        yield f"sorted by {order.value}", lambda session, order=order: inventory.page(session, Filter(), order=order)
    for name, wanted in FILTERS.items():
        yield f"page of {name}", lambda session, wanted=wanted: inventory.page(session, wanted)
    yield "totals by platform and status", totals.by_platform_and_status
    yield "words of the filters", totals.words
    yield "categories", inventory.categories


def _one_row(session: Session) -> object:
    return session.connection().exec_driver_sql("SELECT name FROM connections WHERE number = 500").first()


def _timed(store: Store, question: Question) -> float:
    started = time.perf_counter()
    with store.reading() as session:
        question(session)
    return (time.perf_counter() - started) * 1000
