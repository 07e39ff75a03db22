"""Filter, sort, next page and search: from the click or key until the first row that is another one is painted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
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
Query = Mapping[str, str]
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


@dataclass(frozen=True)
class Listing:
    """A page with a list, and what people do there: every value and order is one that shows another first row."""

    path: str
    values: Mapping[str, tuple[str, ...]]
    """The words that are chosen of each filter."""
    filtered: tuple[Query, ...]
    """The addresses from which that is done."""
    orders: tuple[str, ...]
    sorted: tuple[Query, ...]
    walked: Query
    handle: int
    """Which word of a row is the account's own, as it is drawn."""
    follows: str = ""
    """What stands on the page while a part of it is still to follow the rows: nobody acts as fast as that."""


NETWORKS = Listing(
    "/networks",
    {
        "platform": ("Instagram", "Facebook", "YouTube", "TikTok", "LinkedIn", "Pinterest"),
        "status": ("Pending", "Rejected", "Suspended", "Disconnected"),
        "health": ("Healthy", "Expiring", "Degraded"),
    },
    ({"sort": "Worst health first"}, {"sort": "Most followers"}),
    (
        *("Name, A to Z", "Most followers", "Handle", "Newest", "Most engaged", "Category", "Fewest followers"),
        *("Source", "Name, Z to A", "Least engaged", "Oldest", "Best health first"),
    ),
    ({}, {"status": "Accepted"}),
    {"sort": "Most followers"},
    handle=-1,
)


class Person:
    """Someone at a list, with the charts folded away where it has some."""

    def __init__(self, browser: Browser, server: Server, listing: Listing = NETWORKS) -> None:
        self.listing = listing
        self.window = Window(browser, server.origin, FIRST_ROW, server.cookies()[0])
        self.page = self.window.page

    def start(self, query: Query) -> None:
        """Open the list anew, fold the charts and come to rest."""
        self.window.open(f"{self.listing.path}?{urlencode(query)}")
        self.rest()
        charts = self.page.locator(".st-key-charts details[open] > summary")
        if charts.count():
            charts.click()
            self.page.locator("[data-testid=stVegaLiteChart]").first.wait_for(state="detached")
        self.rest()

    def rest(self) -> None:
        """Wait until all of the page is there and rests."""
        self.window.rest()
        if self.listing.follows:
            self.page.locator(self.listing.follows).first.wait_for(state="detached")
            self.window.rest()

    def first_row(self) -> set[str]:
        """Give the words that the first row says, from the table for assistance once it has followed."""
        handle = self._account(self.window.first())
        row = self.page.locator(f":is([role=grid], .sheet) tbody tr:first-child:has-text('{handle}')")
        row.wait_for(state="attached")
        cells = row.locator(":is([role=gridcell], [role=cell])").all_text_contents()
        return {word.strip() for cell in cells for word in cell.split(",")}

    def _account(self, row: str | None) -> str:
        """Give the word of a drawn row that names its account: the others may follow a frame later."""
        return (row or "").split(" ")[self.listing.handle]

    def value(self, key: str, word: str) -> Locator:
        """Give a value of a filter, whose choices are opened when they are not."""
        values = self.page.locator(f".st-key-{key}")
        if not values.is_visible():
            self.page.locator(f".st-key-{key}_filter button").first.click()
            values.wait_for()
            self.rest()
        return values.get_by_role("button", name=word, exact=True)

    def timed(self, do: Callable[[], None]) -> float:
        """Give the milliseconds of an action, and see that what was painted is what stays. Raises ValueError."""
        taken, row = self.window.row(do)
        self.rest()
        if self._account(row) != self._account(self.window.first()):
            raise ValueError(f"{row} was painted, then {self.window.first()}")
        return taken


def filtering(person: Person) -> Iterator[float]:
    """Choose one value after another, each lifted again unmeasured; a value that the first row has would not show."""
    for query in person.listing.filtered:
        person.start(query)
        for key, words in person.listing.values.items():
            for word in words:
                pill = person.value(key, word)
                if word in person.first_row():
                    continue
                yield person.timed(pill.click)
                person.timed(person.value(key, word).click)
            person.page.keyboard.press("Escape")
            person.rest()


def sorting(person: Person) -> Iterator[float]:
    """Sort by one order after another."""
    box = person.page.locator("[class*=st-key-sort] input")
    for query in person.listing.sorted:
        person.start(query)
        for order in person.listing.orders:
            box.click()
            box.fill(order)
            person.page.get_by_role("option", name=order, exact=True).wait_for()
            yield person.timed(partial(person.page.keyboard.press, "Enter"))


def turning(person: Person) -> Iterator[float]:
    """Press for the next rows again and again, while there are more."""
    person.start(person.listing.walked)
    following = person.page.locator(".st-key-go_after button").first
    for _ in range(PAGES):
        if following.is_enabled():
            yield person.timed(following.click)


def searching(person: Person) -> Iterator[float]:
    """Search for one text after another."""
    person.start({})
    box = person.page.get_by_label(SEARCH)
    for text in TEXTS:
        if text in (person.window.first() or "").lower():
            continue  # it would stay the first row
        box.fill(text)
        yield person.timed(partial(box.press, "Enter"))


KINDS = {"filter": filtering, "sort": sorting, "next page": turning, "search": searching}


def figures(count: int, few: int, rounds: int) -> Iterator[Figure]:
    """Measure each kind on Networks in turns with a button on empty pages, with few connections, and with many."""
    with (
        chromium() as browser,
        serving.page("floor_page", few) as bare,
        serving.patchbay(few) as small,
        serving.patchbay(count) as large,
    ):
        sizes = Sizes(f"{count:,}", f"{few:,} connections")
        yield from acted(browser, (bare, small, large), NETWORKS, sizes, rounds=rounds)


class Sizes(NamedTuple):
    """How the larger list and the smaller one are called."""

    many: str
    few: str


def acted(
    browser: Browser, servers: tuple[Server, Server, Server], listing: Listing, sizes: Sizes, *, rounds: int
) -> Iterator[Figure]:
    """Measure each kind on a small list and on a large one, in turns with a button on empty pages.

    The first server has nothing but the empty page.
    """
    bare, small, large = servers
    floors = [Window(browser, bare.origin, BUTTON), Window(browser, small.origin, BUTTON, small.cookies()[0])]
    for floor, path in zip(floors, ("/", "/empty"), strict=True):
        floor.open(path)
        floor.rest()
    people = [Person(browser, server, listing) for server in (small, large)]
    for name, act in KINDS.items():
        taken = [
            (*map(_pressed, floors), *both) for _ in range(rounds) for both in zip(*map(act, people), strict=False)
        ]
        yield from _told(f"{name}, {sizes.many}", sizes.few, [list(column) for column in zip(*taken, strict=True)])


def _pressed(floor: Window) -> float:
    return floor.text(floor.page.get_by_role("button", name="Again").click, TEXT)


def _told(measure: str, few: str, taken: list[list[float]]) -> Iterator[Figure]:
    *floors, ours = taken
    name, middles = f"{measure}, p95 of {len(ours)}", f"medians {middle(ours):.0f}"
    yield Figure(f"{name}", "ms", p95(ours), None, MOST_MS, f"{middles} ms")
    bounds = {"a button without Patchbay": MOST_TIMES, "a button of Patchbay": MOST_TIMES, few: MOST_GROWTH}
    for (floor, bound), times in zip(bounds.items(), floors, strict=True):
        note = f"floor: {floor}; {middles} and {middle(times):.0f} ms"
        yield Figure(f"{name}, beside {floor}", "ms", p95(ours), p95(times), bound, note)
