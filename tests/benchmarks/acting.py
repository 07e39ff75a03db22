"""Filter, sort, next page and search: from the click or key until the first row that is another one is painted."""

from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlencode

from playwright.sync_api import Browser, Locator

from tests.benchmarks import serving
from tests.benchmarks.figures import Figure, middle, p95
from tests.benchmarks.opening import BUTTON, TEXT
from tests.benchmarks.painting import FIRST_ROW, Window, chromium
from tests.benchmarks.serving import Server

PAGES = 24
MOST_MS, MOST_TIMES, MOST_GROWTH = 150.0, 6.0, 1.3
SEARCH = "Search by name or handle"
ORDERS = (
    *("Name, A to Z", "Most followers", "Handle", "Newest", "Most engaged", "Category", "Fewest followers", "Source"),
    *("Name, Z to A", "Least engaged", "Oldest", "Best health first"),
)
PILLS = {
    "platform": ("Instagram", "Facebook", "YouTube", "TikTok", "LinkedIn", "Pinterest"),
    "status": ("Pending", "Rejected", "Suspended", "Disconnected"),
    "health": ("Healthy", "Expiring", "Degraded"),
}
TEXTS = (
    *(
        "sunka",
        "ro.7",
        "zenbay",
        "tel",
        "quiva",
        "miham",
        "42",
        "nor",
        "drape",
        "fisun",
        "lu.9",
        "osten",
        "bay",
        "kafi",
    ),
    *("vami", ".31", "hamzen", "peq", "ronor", "77", "dralu", "sunmi", "tenor", "zenqui", "ka"),
)
"""Parts of handles and names: many match some, few or none match others; three have two letters."""


class Person:
    """Someone at the Networks page, with the charts folded away."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.window = Window(browser, server.origin, FIRST_ROW, server.cookies()[0])
        self.page = self.window.page

    def start(self, **query: str) -> None:
        """Open the list anew, fold the charts and come to rest."""
        self.window.open(f"/networks?{urlencode(query)}")
        self.window.rest()
        charts = self.page.locator(".st-key-charts details[open] > summary")
        if charts.count():
            charts.click()
            self.page.locator("[data-testid=stVegaLiteChart]").first.wait_for(state="detached")
        self.window.rest()

    def first_row(self) -> set[str]:
        """Give what the first row says, from the table for assistance once it has followed."""
        handle = (self.window.first() or "").rpartition(" ")[2]
        row = self.page.locator(f"[role=grid] tbody tr:first-child:has-text('{handle}')")
        row.wait_for(state="attached")
        return set(row.locator("[role=gridcell]").all_text_contents())

    def value(self, key: str, word: str) -> Locator:
        """Give a value of a filter, whose choices are opened when they are not."""
        values = self.page.locator(f".st-key-{key}")
        if not values.is_visible():
            self.page.locator(f".st-key-{key}_filter button").first.click()
            values.wait_for()
            self.window.rest()
        return values.get_by_role("button", name=word, exact=True)

    def timed(self, do: Callable[[], None]) -> float:
        """Give the milliseconds of an action, and see that what was painted is what stays. Raises ValueError."""
        taken, row = self.window.row(do)
        self.window.rest()
        if row != self.window.first():
            raise ValueError(f"{row} was painted, then {self.window.first()}")
        return taken


def filtering(person: Person) -> Iterator[float]:
    """Choose one value after another, each lifted again unmeasured; a value that the first row has would not show."""
    for order in ("Worst health first", "Most followers"):
        person.start(sort=order)
        for key, words in PILLS.items():
            for word in words:
                pill = person.value(key, word)
                if word in person.first_row():
                    continue
                yield person.timed(pill.click)
                person.timed(person.value(key, word).click)
            person.page.keyboard.press("Escape")
            person.window.rest()


def sorting(person: Person) -> Iterator[float]:
    """Sort by one order after another, of everything and then of what is accepted."""
    box = person.page.locator(".st-key-sort input")
    for query in ({}, {"status": "Accepted"}):
        person.start(**query)
        for order in ORDERS:
            box.click()
            box.fill(order)
            person.page.get_by_role("option", name=order, exact=True).wait_for()
            yield person.timed(partial(person.page.keyboard.press, "Enter"))


def turning(person: Person) -> Iterator[float]:
    """Press for the next rows again and again."""
    person.start(sort="Most followers")
    for _ in range(PAGES):
        yield person.timed(person.page.locator(".st-key-go_after button").first.click)


def searching(person: Person) -> Iterator[float]:
    """Search for one text after another."""
    person.start()
    box = person.page.get_by_label(SEARCH)
    for text in TEXTS:
        if text in (person.window.first() or "").lower():
            continue  # it would stay the first row
        box.fill(text)
        yield person.timed(partial(box.press, "Enter"))


KINDS = {"filter": filtering, "sort": sorting, "next page": turning, "search": searching}


def figures(count: int, few: int, rounds: int) -> Iterator[Figure]:
    """Measure each kind in turns with a button on empty pages, with few connections, and with many."""
    with (
        chromium() as browser,
        serving.page("floor_page", few) as bare,
        serving.patchbay(few) as small,
        serving.patchbay(count) as large,
    ):
        floors = [Window(browser, bare.origin, BUTTON), Window(browser, small.origin, BUTTON, small.cookies()[0])]
        for floor, path in zip(floors, ("/", "/empty"), strict=True):
            floor.open(path)
            floor.rest()
        people = Person(browser, small), Person(browser, large)
        for name, act in KINDS.items():
            taken = [
                (*map(_pressed, floors), *both) for _ in range(rounds) for both in zip(*map(act, people), strict=False)
            ]
            yield from _told(f"{name}, {count:,}", few, [list(column) for column in zip(*taken, strict=True)])


def _pressed(floor: Window) -> float:
    return floor.text(floor.page.get_by_role("button", name="Again").click, TEXT)


def _told(measure: str, few: int, taken: list[list[float]]) -> Iterator[Figure]:
    *floors, ours = taken
    name, middles = f"{measure}, p95 of {len(ours)}", f"medians {middle(ours):.0f}"
    yield Figure(f"{name}", "ms", p95(ours), None, MOST_MS, f"{middles} ms")
    bounds = {
        "a button without Patchbay": MOST_TIMES,
        "a button of Patchbay": MOST_TIMES,
        f"{few:,} connections": MOST_GROWTH,
    }
    for (floor, bound), times in zip(bounds.items(), floors, strict=True):
        note = f"floor: {floor}; {middles} and {middle(times):.0f} ms"
        yield Figure(f"{name}, beside {floor}", "ms", p95(ours), p95(times), bound, note)
