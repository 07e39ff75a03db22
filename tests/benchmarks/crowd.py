"""Many people at once at the Networks page, each in a session of their own, against one person alone."""

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from tests.benchmarks import serving
from tests.benchmarks.acting import TEXTS
from tests.benchmarks.browser import Tab, elements
from tests.benchmarks.figures import Figure, middle, p95
from tests.benchmarks.paging import tab

MOST_TIMES, PEOPLE, EVERY = 3.0, 50, 5.0
PLATFORMS = ("Instagram", "Facebook", "YouTube", "TikTok", "LinkedIn", "Pinterest", "Twitter")
STATUSES = ("Accepted", "Pending", "Rejected", "Suspended", "Disconnected")


def figures(count: int, actions: int) -> Iterator[Figure]:
    """Let one person act as often as all of the others together will, then let everyone act every five seconds."""
    with serving.patchbay(count) as server, contextlib.ExitStack() as held:
        tabs = []
        for number, cookie in enumerate(server.cookies(PEOPLE)):
            query = {"platform": PLATFORMS[number % 7], "status": STATUSES[number % 5], "sort": "Most followers"}
            tabs.append(held.enter_context(contextlib.closing(tab(server, cookie, urlencode(query)))))
        alone = _person(tabs[0], 0, actions * 5, 0.1)
        with ThreadPoolExecutor(PEOPLE) as pool:
            each = [pool.submit(_person, found, number, actions, EVERY) for number, found in enumerate(tabs)]
            crowd = [taken for one in each for taken in one.result()]
        note = f"floor: one person; medians {middle(crowd):.0f} and {middle(alone):.0f} ms"
        measure = f"{PEOPLE} people, an action every {EVERY:g} s, p95 of {len(crowd)}"
        yield Figure(measure, "ms", p95(crowd), p95(alone), MOST_TIMES, note)
        yield Figure(f"server memory, {count:,} and {PEOPLE} people", "MB", server.memory(), None, None, "the most")


def _person(found: Tab, number: int, actions: int, every: float) -> list[float]:
    """Search for one text after another, at the times that fall to this person; gives the milliseconds of each."""
    search = next(item.text_input.id for item in elements(found.again()) if item.WhichOneof("type") == "text_input")
    begin, pause, taken = time.monotonic() + every * number / PEOPLE, threading.Event(), []
    for turn in range(actions):
        pause.wait(max(begin + turn * every - time.monotonic(), 0))
        found.texts[search] = f"{TEXTS[(number + turn) % len(TEXTS)]}{number % 10 if turn % 2 else ''}"
        taken.append(found.timed() * 1000)
    return taken
