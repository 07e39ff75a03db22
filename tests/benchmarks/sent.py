"""Sent messages: the questions of their page against raw `sqlite3`, and the page run anew beside an empty one."""

import contextlib
import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from data.queries import message_figures, messages
from data.queries.messages import Filter
from data.store import Session, now
from tests import messages_seed
from tests.benchmarks import paging, serving
from tests.benchmarks.browser import Tab, blocks, elements
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import opened, populated
from tests.benchmarks.queue import _raw, _timed
from tests.benchmarks.serving import Server
from tests.pages import sheets

CONNECTIONS, SPAN = 10_000, timedelta(days=90)
STATES = tuple(
    state
    for state, share in (
        ("read", 55),
        ("delivered", 30),
        ("failed", 5),
        ("refused", 5),
        ("submitted", 4),
        ("unknown", 1),
    )
    for _ in range(share)
)
"""How a hundred messages stand."""
FILTERS = {
    "all": Filter(),
    "one state": Filter(states=("failed",)),
    "one kind": Filter(families=("STICKER",)),
    "one recipient": Filter(recipients=("Test phone",)),
    "silent": Filter(silent=True),
    "search, many match": Filter(search="hello"),
    "search, one matches": Filter(search="correlation-4321"),
}
VIEWS = {
    "all": {},
    "state and kind": {"state": "Read", "family": "Text"},
    "search": {"q": "correlation-43"},
    "one message": {"message": "777"},
    "one message, state and kind": {"state": "Read", "family": "Text", "message": "777"},
    "one message, search": {"q": "correlation-43", "message": "777"},
}
MANY = 100
"""Different rows, pages or searches asked for in turns."""


def figures(count: int, few: int, rounds: int) -> Iterator[Figure]:
    """Measure with many messages, and the page beside one with few."""
    with _with_messages(few) as less, _with_messages(count) as more:
        yield from _asked(more, count, rounds)
        with (
            serving.page("empty_page", CONNECTIONS) as empty,
            serving.served(less) as small,
            serving.served(more) as large,
            contextlib.closing(Tab.open(empty.port)) as floor,
            contextlib.closing(_tab(small, {})) as first,
            contextlib.closing(_tab(large, {})) as second,
        ):
            yield from paging.rerun((floor, first, second), (f"{count:,} messages", f"{few:,} messages"), rounds * 5)
            for name, query in VIEWS.items():
                with contextlib.closing(_tab(large, query)) as view:
                    yield from paging.beside_empty(floor, view, f"rerun, messages, {name}", rounds * 5)
            with contextlib.closing(_tab(large, {"message": "777"})) as view:
                yield from _clicks(floor, view, count, rounds * 5)


@contextlib.contextmanager
def _with_messages(count: int) -> Iterator[Path]:
    """Give the folder of a populated database with so many messages, each with its story."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "sent"
        shutil.copytree(populated(CONNECTIONS), folder)
        with opened(folder) as desk:
            whose = [(messages_seed.source(desk.store), messages_seed.recipient(desk.store))]
            messages_seed.many(desk.store, whose, count, STATES, SPAN)
        yield folder


def _asked(folder: Path, count: int, rounds: int) -> Iterator[Figure]:
    """Measure each question in turns with fifty rows by their numbers in raw `sqlite3`."""
    with opened(folder) as desk:
        raw = sqlite3.connect(f"file:{desk.store.path}?mode=ro", uri=True)
        with contextlib.closing(raw):
            for name, question in _questions():
                taken = [(_raw(raw), _timed(desk.store, question)) for _ in range(rounds)]
                floor, ours = (middle(column) for column in zip(*taken, strict=True))
                yield Figure(f"sent of {count:,}, {name}", "ms", ours, floor, None, "floor: 50 rows, raw sqlite3")


def _questions() -> Iterator[tuple[str, Callable[[Session], object]]]:
    for name, wanted in FILTERS.items():
        yield f"page of {name}", partial(messages.page, wanted=wanted)
    yield "oldest first", partial(messages.page, wanted=Filter(), oldest_first=True)
    yield "one story", partial(messages.events, number=777)
    yield "words of the filters", messages.words
    days = {"since": now().date() - timedelta(days=29), "until": now().date()}
    yield "counts by day", partial(message_figures.counts_by_day, wanted=Filter(), **days)
    yield "times to delivery", partial(message_figures.times, wanted=Filter(), **days)
    yield "days of Today", partial(message_figures.days, **days)
    yield "needs attention", message_figures.wanting


def _clicks(floor: Tab, view: Tab, count: int, rounds: int) -> Iterator[Figure]:
    """Do with a message open what a person does, something new each time: what runs is what the browser asks for.

    A row and a page are chosen within the fragment of the list, all else is a run of the page.
    """
    fragment = next(found.delta.fragment_id for found in view.again() if _is_list(found.delta.new_element))
    clicks: dict[str, tuple[str, Callable[[int], dict[str, str]]]] = {
        "another row": (fragment, lambda turn: {"message": str(count - turn)}),
        "another page": (fragment, lambda turn: {"after": str(count - turn * 50), "message": "777"}),
        "another search": ("", lambda turn: {"q": f"correlation-{turn + 10}", "message": "777"}),
        "another state": ("", lambda turn: {"state": STATES[turn].capitalize(), "message": "777"}),
    }
    for name, (runs, query) in clicks.items():
        turns = itertools.cycle(range(MANY))

        def click(
            runs: str = runs, query: Callable[[int], dict[str, str]] = query, turns: Iterator[int] = turns
        ) -> float:
            view.query = urlencode(query(next(turns)))
            return view.timed(runs)

        beside, ours = paging.in_turns([floor.timed, click], rounds)
        yield Figure(f"messages, one open: {name}", "ms", ours, beside, paging.MOST_TIMES, paging.EMPTY)


def _tab(server: Server, query: dict[str, str]) -> Tab:
    """Open a tab on the list, its charts folded away. Raises ValueError when it shows none."""
    found = Tab.open(server.port, cookie=server.cookies()[0], page="sent", query=urlencode(query))
    fold = next((block.id for block in blocks(found.again()) if block.WhichOneof("type") == "expandable"), None)
    if fold is not None and "message" not in query:
        found.pressed = {fold: False}
        found.run()
    shown = elements(found.again())
    if not any(_is_list(element) for element in shown):
        raise ValueError(f"the page shows {sorted({str(element.WhichOneof('type')) for element in shown})}")
    return found


def _is_list(element: Any) -> bool:
    return bool(element.bidi_component.component_name == sheets.NAME)
