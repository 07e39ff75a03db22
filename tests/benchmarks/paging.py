"""Reruns of the Networks page as the server gives them, with many and with few connections, and the server's memory."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from data.queries import inventory
from data.queries.filters import Filter
from tests.benchmarks import serving
from tests.benchmarks.browser import Tab, blocks, elements
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import opened
from tests.benchmarks.serving import Server

MOST_TIMES, MOST_GROWTH, MOST_MEMORY, SESSIONS = 6.0, 1.3, 400.0, 20
VIEWS = {
    "by followers": {"sort": "Most followers"},
    "by name": {"sort": "Name, A to Z"},
    "status and platform": {"status": "Pending", "platform": "Instagram"},
    "search of 5 letters": {"q": "sunka"},
}
EMPTY = "floor: an empty page"


def figures(count: int, few: int, rounds: int) -> Iterator[Figure]:
    """Measure the page in turns on three servers: an empty page, few connections, many connections."""
    with serving.page("empty_page", few) as empty, serving.patchbay(few) as less, serving.patchbay(count) as more:
        cookies = more.cookies(SESSIONS)
        yield from _memory(more, cookies, count)
        with (
            contextlib.closing(Tab.open(empty.port)) as floor,
            contextlib.closing(tab(less, less.cookies()[0])) as small,
            contextlib.closing(tab(more, cookies[0])) as large,
        ):
            yield from rerun((floor, small, large), (f"{count:,} connections", f"{few:,} connections"), rounds)
            for name, query in views(more.folder).items():
                with contextlib.closing(tab(more, cookies[0], query)) as view:
                    yield from beside_empty(floor, view, f"rerun, {name}", rounds)
            yield from _parts(floor, large, rounds)
            yield from _charts(floor, more, cookies[0], rounds)


def rerun(tabs: tuple[Tab, Tab, Tab], sizes: tuple[str, str], rounds: int) -> Iterator[Figure]:
    """Run an empty page, a small list and a large one in turns; `sizes` names the large one, then the small one."""
    floor, less, more = in_turns([tab.timed for tab in tabs], rounds)
    many, few = sizes
    yield Figure(f"rerun, {many}", "ms", more, floor, MOST_TIMES, EMPTY)
    yield Figure(f"rerun, {many}, beside {few}", "ms", more, less, MOST_GROWTH, f"floor: {few}")


def beside_empty(floor: Tab, view: Tab, measure: str, rounds: int) -> Iterator[Figure]:
    """Run a page in turns with an empty one."""
    beside, ours = in_turns([floor.timed, view.timed], rounds)
    yield Figure(measure, "ms", ours, beside, MOST_TIMES, EMPTY)


def tab(server: Server, cookie: str, query: str = "", *, charts: bool = False) -> Tab:
    """Open a tab on the list; unless told, with its charts folded away. Raises ValueError when it shows none."""
    found = Tab.open(server.port, cookie=cookie, page="networks", query=query)
    _fold(found, opened=False)
    if charts:
        _fold(found, opened=True)  # by hand: here is no browser that could say that it rests
    kinds = [element.WhichOneof("type") for element in elements(found.again())]
    if "bidi_component" not in kinds or ("vega_lite_chart" in kinds) is not charts:
        raise ValueError(f"the page shows {sorted(set(kinds))}")
    return found


def _fold(found: Tab, *, opened: bool) -> None:
    """Fold the charts or unfold them; it has another id then."""
    fold = next(block.id for block in blocks(found.again()) if block.WhichOneof("type") == "expandable")
    found.pressed = {fold: opened}
    found.run()


def views(folder: Path) -> dict[str, str]:
    """Give the query string of each view that is measured."""
    with opened(folder) as desk, desk.store.reading() as session:
        following = inventory.page(session, Filter(), accounts=True).next or ""
    return {name: urlencode(query) for name, query in VIEWS.items()} | {"next": urlencode({"after": following})}


def _memory(server: Server, cookies: list[str], count: int) -> Iterator[Figure]:
    """Open a session for each cookie, on lists of their own, and keep them all open."""
    queries = [{"q": f"{number}7"} if number % 2 else {"min": str(number)} for number in range(len(cookies))]
    with contextlib.ExitStack() as held:
        for cookie, query in zip(cookies, queries, strict=True):
            held.enter_context(contextlib.closing(tab(server, cookie, urlencode(query), charts=True))).timed()
        measure = f"server memory, {count:,} and {len(cookies)} sessions"
        yield Figure(measure, "MB", server.memory(), None, MOST_MEMORY, "the most it has held")


def _parts(floor: Tab, shown: Tab, rounds: int) -> Iterator[Figure]:
    """Run what a step or a tick runs, and what a choice runs: fragments of the page."""
    for name, kind in (("a step or a tick", "bidi_component"), ("a choice", "text_input")):
        yield part(floor, shown, kind, f"rerun, what {name} runs, a fragment", rounds)


def part(floor: Tab, shown: Tab, kind: str, measure: str, rounds: int) -> Figure:
    """Run the fragment that draws a kind of element first, in turns with an empty page."""
    fragment = _fragments(shown, kind)[0]
    empty, ours = in_turns([floor.timed, partial(shown.timed, fragment)], rounds)
    return Figure(measure, "ms", ours, empty, MOST_TIMES, EMPTY)


def _charts(floor: Tab, server: Server, cookie: str, rounds: int) -> Iterator[Figure]:
    with contextlib.closing(tab(server, cookie, charts=True)) as shown:
        for number, fragment in enumerate(_fragments(shown, "vega_lite_chart"), start=1):
            empty, ours = in_turns([floor.timed, partial(shown.timed, fragment)], rounds)
            yield Figure(f"chart {number} of the page, a fragment", "ms", ours, empty, None, EMPTY)


def _fragments(shown: Tab, kind: str) -> list[str]:
    """Name the fragments that draw an element of a kind."""
    deltas = [found.delta for found in shown.again() if found.delta.fragment_id]
    return list(dict.fromkeys(delta.fragment_id for delta in deltas if delta.new_element.WhichOneof("type") == kind))


def in_turns(runs: list[Callable[[], float]], rounds: int) -> list[float]:
    """Give the median milliseconds of each, taken one after the other in every round."""
    for run in runs:
        run()
    taken = [[run() * 1000 for run in runs] for _ in range(rounds)]
    return [middle(column) for column in zip(*taken, strict=True)]
