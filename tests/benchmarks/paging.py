"""Reruns of the Networks page with many and with few connections, against an empty page's, and the server's memory."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import psutil

from data.queries import inventory
from data.queries.filters import Filter
from services import front, sessions
from tests.benchmarks.browser import Tab, blocks, elements
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import PERSON, opened, populated, settings
from tests.benchmarks.processes import answers, environment, free_port, running

MOST_TIMES, MOST_GROWTH, MOST_MEMORY, SESSIONS = 6.0, 1.3, 512.0, 5
VIEWS = {
    "by followers": {"sort": "Most followers"},
    "by name": {"sort": "Name, A to Z"},
    "status and platform": {"status": "Pending", "platform": "Instagram"},
    "search of 5 letters": {"q": "sunka"},
}


def figures(count: int, few: int, rounds: int) -> Iterator[Figure]:
    """Measure the page in turns on three servers: an empty page, few connections, many connections."""
    with _empty() as floor, _patchbay(few) as small, _patchbay(count) as large:
        times = _in_turns([floor.timed, small.default.timed, large.default.timed], rounds)
        yield Figure(
            f"Networks page, {count:,} connections", "ms", times[2], times[0], MOST_TIMES, "floor: an empty page"
        )
        yield Figure(
            f"Networks page, {count:,} beside {few:,}",
            "ms",
            times[2],
            times[1],
            MOST_GROWTH,
            f"floor: {few:,} connections",
        )
        for name, query in large.views().items():
            tab = large.tab(query)
            empty, ours = _in_turns([floor.timed, tab.timed], rounds)
            tab.close()
            yield Figure(f"Networks page, {name}", "ms", ours, empty, MOST_TIMES, "floor: an empty page")
        yield from _charts(floor, large, rounds)
        tabs = [large.tab("") for _ in range(SESSIONS - 1)]
        for tab in tabs:
            tab.timed()
        yield Figure(f"server memory, {count:,} and {SESSIONS} sessions", "MiB", large.memory(), None, MOST_MEMORY)


class Served:
    """A Patchbay that serves a populated cache, with a signed-in tab on its Networks page."""

    def __init__(self, folder: Path, port: int, process: int) -> None:
        self.folder, self.port, self.process = folder, port, process
        self.cookie = _cookie(folder)
        self.default = self.tab("")

    def tab(self, query: str, *, charts: bool = False) -> Tab:
        """Open a tab on the page with its table; unless told, with its charts folded away."""
        tab = Tab.open(self.port, cookie=self.cookie, page="networks", query=query)
        fold = next(block.id for block in blocks(tab.run()) if block.WhichOneof("type") == "expandable")
        tab.widgets[fold] = charts
        tab.cached.clear()
        kinds = [element.WhichOneof("type") for element in elements(tab.run())]
        if "dataframe" not in kinds or ("vega_lite_chart" in kinds) is not charts:
            raise ValueError(f"the page shows {sorted(set(kinds))}")
        return tab

    def views(self) -> dict[str, str]:
        """Give the query string of each view that is measured."""
        with opened(self.folder) as desk, desk.store.reading() as session:
            following = inventory.page(session, Filter()).next or ""
        return {name: urlencode(query) for name, query in VIEWS.items()} | {"next": urlencode({"after": following})}

    def memory(self) -> float:
        """Give the most that the server has held in memory, in MiB."""
        told = Path(f"/proc/{self.process}/status")
        if not told.exists():
            return float(psutil.Process(self.process).memory_info().rss / 2**20)
        peak = next(line for line in told.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024


def _charts(floor: Tab, large: Served, rounds: int) -> Iterator[Figure]:
    tab = large.tab("", charts=True)
    found = dict.fromkeys(_fragments(tab))
    for number, fragment in enumerate(found, start=1):
        empty, ours = _in_turns([floor.timed, lambda fragment=fragment: tab.timed(fragment)], rounds)
        yield Figure(f"chart {number} of the page, a fragment", "ms", ours, empty, None, "floor: an empty page")
    tab.close()


def _fragments(tab: Tab) -> list[str]:
    """Name the fragments that draw a chart."""
    tab.cached.clear()
    deltas = [found.delta for found in tab.run() if found.delta.fragment_id]
    return [delta.fragment_id for delta in deltas if delta.new_element.WhichOneof("type") == "vega_lite_chart"]


def _in_turns(runs: list[Callable[[], float]], rounds: int) -> list[float]:
    """Give the median milliseconds of each, taken one after the other in every round."""
    for run in runs:
        run()
    taken = [[run() * 1000 for run in runs] for _ in range(rounds)]
    return [middle(column) for column in zip(*taken, strict=True)]


def _cookie(folder: Path) -> str:
    with opened(folder) as desk:
        ticket = sessions.sign_in(desk, PERSON, "", address="bench", agent="bench", verify=lambda *_: True)
        return f"{front.COOKIE}={sessions.redeem(desk, ticket)}"


@contextlib.contextmanager
def _patchbay(count: int) -> Iterator[Served]:
    folder, port = populated(count), free_port()
    with running("-m", "tests.benchmarks.serve", "patchbay", str(port), env=settings(folder)) as process:
        answers(port)
        served = Served(folder, port, process.pid)
        yield served
        served.default.close()


@contextlib.contextmanager
def _empty() -> Iterator[Tab]:
    port = free_port()
    env = environment(Path("unused.db"))
    with running("-m", "tests.benchmarks.serve", "empty", str(port), env=env):
        answers(port)
        tab = Tab.open(port)
        yield tab
        tab.close()
