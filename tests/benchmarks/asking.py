"""The questions of the pages, asked of the cache alone, against the cheapest question there is."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from data.queries import inventory, past, totals
from data.queries.filters import Filter, Listed
from data.queries.orders import Order
from data.store import Session, Store, now
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import opened, populated

MOST_MS = 5.0
RAW = "SELECT platform, status, count(*) FROM connections WHERE vanished_at IS NULL GROUP BY platform, status"
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

PAST = (1, 7, 30, 89)
"""Days back."""

Question = Callable[[Session], object]


def figures(count: int, rounds: int) -> Iterator[Figure]:
    """Measure each question in turns with looking one row up by its number; the totals with counting them anew."""
    with opened(populated(count)) as desk:
        store = desk.store
        ours = middle([_timed(store, totals.by_platform_and_status) for _ in range(rounds)])
        raw = middle([_raw_totals(populated(count) / "patchbay.db") for _ in range(rounds)])
        measure = f"cache, totals by status and platform, {count:,}"
        yield Figure(measure, "ms", ours, None, MOST_MS)
        yield Figure(f"{measure}, beside counting", "ms", ours, raw, None, "floor: raw sqlite3 with GROUP BY")
        for name, question in _questions(store):
            floor, ours = _in_turns(store, _one_row, question, rounds)
            yield Figure(f"cache, {name}", "ms", ours, floor, None, "floor: one row by its number")


def _in_turns(store: Store, floor: Question, ours: Question, rounds: int) -> tuple[float, float]:
    taken = [(_timed(store, floor), _timed(store, ours)) for _ in range(rounds)]
    floors, times = zip(*taken, strict=True)
    return middle(floors), middle(times)


def _questions(store: Store) -> Iterator[tuple[str, Question]]:
    page = partial(inventory.page, accounts=True)
    with store.reading() as session:
        following = page(session, Filter()).next
    yield "next page", lambda session: page(session, Filter(), after=following)
    for order in Order:
        yield f"sorted by {order.value}", lambda session, order=order: page(session, Filter(), order=order)
    for name, wanted in FILTERS.items():
        yield f"page of {name}", lambda session, wanted=wanted: page(session, wanted)
    yield "words of the filters", totals.words
    yield "categories", inventory.categories
    for back in PAST:
        at = now() - timedelta(days=back)
        yield f"page of {back} days ago", lambda session, at=at: past.page(session, Filter(), at=at)
    yield (
        f"page of {PAST[-1]} days ago, by followers",
        lambda session: past.page(session, Filter(), at=at, order=Order.MOST_FOLLOWERS),
    )


def _one_row(session: Session) -> object:
    return session.connection().exec_driver_sql("SELECT name FROM connections WHERE number = 500").first()


def _raw_totals(database: Path) -> float:
    """Give the milliseconds of counting anew, on a connection of its own."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as link:
        started = time.perf_counter()
        link.execute(RAW).fetchall()
        return (time.perf_counter() - started) * 1000


def _timed(store: Store, question: Question) -> float:
    started = time.perf_counter()
    with store.reading() as session:
        question(session)
    return (time.perf_counter() - started) * 1000
