"""The queue of approvals as a page: opened, acted on and run anew, as Networks is, with many cases and with few."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from data.queries import cases
from data.queries.cases import CaseFilter, Tab
from tests.benchmarks import browser, opening, paging, serving
from tests.benchmarks.acting import Listing, Sizes, acted
from tests.benchmarks.casework import with_cases
from tests.benchmarks.figures import Figure
from tests.benchmarks.painting import FIRST_ROW, Window, chromium
from tests.benchmarks.population import PERSON, opened
from tests.benchmarks.serving import Server

APPROVALS = Listing(
    "/approvals",
    {"state": ("Accepted", "Rejected", "Declined", "Withdrawn", "Requested")},
    tuple({"tab": "all", "sort": order} for order in ("Oldest request", "Largest first", "By handle", "First due")),
    ("Oldest request", "Largest first", "Newest request", "By handle"),
    tuple({"tab": tab, "sort": "First due"} for tab in ("decided", "all", "waiting", "to_decide")),
    {"tab": "all"},
    handle=0,
    follows=".st-key-cases_follow",
)
CARD = ".st-key-case_card"
PARTS = {"a step or a tick": "bidi_component", "a choice": "button_group", "a press on a row": "table"}
"""What people do that runs a fragment of the page, each with a kind of element that its fragment draws first."""
VIEWS = {
    "decided": {"tab": "decided"},
    "all, largest first": {"tab": "all", "sort": "Largest first"},
    "platform": {"platform": "Instagram"},
    "search of 5 letters": {"q": "sunka"},
}


def figures(count: int, few: int, rounds: int) -> Iterator[Figure]:
    """Measure it beside empty pages, and with many cases beside few."""
    sizes = Sizes(f"{count:,} cases", f"{few:,} cases")
    with (
        with_cases(few) as less,
        with_cases(count) as more,
        serving.page("floor_page", few) as bare,
        serving.page("empty_page", few) as empty,
        serving.served(less) as small,
        serving.served(more) as large,
    ):
        with chromium() as window:
            page = opening.Tab(Window(window, large.origin, FIRST_ROW, large.cookies()[0]), APPROVALS.path, CARD)
            measure = f"first page, {sizes.many}"
            yield from opening.beside_empty(window, (bare, large), page, measure, rounds=rounds * 3)
            yield from acted(window, (bare, small, large), APPROVALS, sizes, rounds=1)
        yield from _reruns(empty, small, large, sizes, rounds * 5)


def _reruns(empty: Server, small: Server, large: Server, sizes: Sizes, rounds: int) -> Iterator[Figure]:
    cookie = large.cookies()[0]
    with (
        contextlib.closing(browser.Tab.open(empty.port)) as floor,
        contextlib.closing(_tab(small, small.cookies()[0])) as less,
        contextlib.closing(_tab(large, cookie)) as more,
    ):
        yield from paging.rerun((floor, less, more), sizes, rounds)
        for name, kind in PARTS.items():
            yield paging.part(floor, more, kind, f"rerun, cases, what {name} runs, a fragment", rounds)
        for name, query in _views(large.folder).items():
            with contextlib.closing(_tab(large, cookie, query)) as view:
                yield from paging.beside_empty(floor, view, f"rerun, cases, {name}", rounds)


def _views(folder: Path) -> dict[str, str]:
    """Give the query string of each view that is measured."""
    with opened(folder) as desk, desk.store.reading() as session:
        first = cases.page(session, CaseFilter(Tab.TO_DECIDE, (PERSON,)))
    others = {"next": {"after": first.next or ""}, "another case open": {"case": str(first.rows[-1].id)}}
    return {name: urlencode(query) for name, query in (VIEWS | others).items()}


def _tab(server: Server, cookie: str, query: str = "") -> browser.Tab:
    """Open a tab on the queue. Raises ValueError when it shows none."""
    found = browser.Tab.open(server.port, cookie=cookie, page="approvals", query=query)
    kinds = {element.WhichOneof("type") for element in browser.elements(found.again())}
    if "bidi_component" not in kinds:
        raise ValueError(f"the page shows {sorted(map(str, kinds))}")
    return found
