"""The first useful page in a warm browser: from navigation until the table's cells are painted."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import Browser

from tests.benchmarks import serving
from tests.benchmarks.figures import Figure, middle, p95
from tests.benchmarks.painting import FIRST_ROW, Window, chromium
from tests.benchmarks.serving import Server

MOST_TIMES, MOST_OF_A_PEER = 1.4, 1.0
TEXT = "[data-testid=stText]"
CHARTS = "[data-testid=stVegaLiteChart]"
BUTTON = f"() => document.querySelector('{TEXT}')?.textContent === 'Pressed 0'"
DATASETTE = "() => document.querySelectorAll('table.rows-and-columns tbody tr').length >= 50"
SQLITE_WEB = "() => document.querySelectorAll('table tbody tr').length >= 50"


@dataclass(frozen=True)
class Peer:
    """Another way to look at the same table: how it is served, where its page is, and when it is painted."""

    name: str
    serve: Callable[[int], AbstractContextManager[Server]]
    path: str
    shows: str
    bound: float | None = None


PEERS = (
    Peer("Datasette's table", serving.datasette, "/patchbay/connections", DATASETTE, MOST_OF_A_PEER),
    Peer("sqlite-web's table", serving.sqlite_web, "/connections/content/", SQLITE_WEB),
    Peer("the naive page", partial(serving.page, "naive_page"), "/", FIRST_ROW, MOST_OF_A_PEER),
    Peer("the naive page, keeping what it read", partial(serving.page, "naive_kept_page"), "/", FIRST_ROW),
)


@dataclass(frozen=True)
class Tab:
    """A window and the page that it opens again and again."""

    window: Window
    path: str
    last: str = ""
    """What the page draws last, after what was waited for: else it would be drawn while the next page is measured."""

    def opened(self) -> float:
        """Give the milliseconds until its page is painted, then let it come to rest."""
        taken = self.window.open(self.path)
        if self.last:
            self.window.page.locator(self.last).first.wait_for()
        self.window.rest()
        return taken


def figures(count: int, rounds: int, slow_rounds: int) -> Iterator[Figure]:
    """Open each page in turns, every server with a warm context of its own; the peers, which are slower, less often."""
    with chromium() as browser, serving.page("floor_page", count) as floor, serving.patchbay(count) as ours:
        networks = Tab(Window(browser, ours.origin, FIRST_ROW, ours.cookies()[0]), "/networks", CHARTS)
        yield from beside_empty(browser, (floor, ours), networks, f"first page, {count:,}", rounds=rounds)
        for peer in PEERS:
            with peer.serve(count) as server:
                yield _beside(browser, networks, peer, server, slow_rounds)


def beside_empty(
    browser: Browser, servers: tuple[Server, Server], page: Tab, measure: str, *, rounds: int
) -> Iterator[Figure]:
    """Open a page of ours in turns with an empty one, without Patchbay and of Patchbay."""
    floor, ours = servers
    bare = Tab(Window(browser, floor.origin, BUTTON), "/")
    empty = Tab(Window(browser, ours.origin, BUTTON, ours.cookies()[0]), "/empty")
    *floors, opened = _in_turns([bare, empty, page], rounds)
    for name, floored in zip(("an empty page without Patchbay", "an empty page of Patchbay"), floors, strict=True):
        note = f"floor: {name}; p95 {p95(opened):.0f} beside {p95(floored):.0f} ms"
        yield Figure(f"{measure}, beside {name}", "ms", middle(opened), middle(floored), MOST_TIMES, note)


def _beside(browser: Browser, networks: Tab, peer: Peer, server: Server, rounds: int) -> Figure:
    measure = f"first page, beside {peer.name}"
    theirs = Tab(Window(browser, server.origin, peer.shows), peer.path)
    with contextlib.closing(theirs.window):
        try:
            floors, opened = _in_turns([theirs, networks], rounds)
        except TimeoutError as late:
            return Figure(measure, "ms", None, None, peer.bound, f"{peer.name}: {late}")
    note = f"floor: {peer.name}, its server {server.memory():,.0f} MB"
    return Figure(measure, "ms", middle(opened), middle(floors), peer.bound, note)


def _in_turns(tabs: list[Tab], rounds: int) -> list[list[float]]:
    """Give the milliseconds of each, one after the other in every round, after two that warm their caches."""
    taken = [[tab.opened() for tab in tabs] for _ in range(rounds + 2)][2:]
    return [list(column) for column in zip(*taken, strict=True)]
