"""The address of the queue of cases: its query string read as a filter and an order, and written in one form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from data.queries import cases
from data.queries.cases import STATES, CaseFilter, CaseOrder, Tab, Words
from data.queries.filters import LONGEST_SEARCH
from data.types import CaseState
from services.listing_address import bare, platform

ORDERS = {
    "First due": CaseOrder.DUE,
    "Oldest request": CaseOrder.OLDEST,
    "Newest request": CaseOrder.NEWEST,
    "Changed last": CaseOrder.CHANGED,
    "Decided last": CaseOrder.DECIDED,
    "Largest first": CaseOrder.MOST_FOLLOWERS,
    "By handle": CaseOrder.HANDLE,
}
USUAL = {Tab.MINE: "Changed last", Tab.DECIDED: "Changed last", Tab.ALL: "Newest request"}
"""How a tab is sorted unless its address says otherwise; the others by what is due first."""
LISTS = {
    "state": "states",
    "platform": "platforms",
    "source": "sources",
    "kind": "kinds",
    "by": "requested_by",
    "for": "assignees",
}
"""The keys that may stand several times, each with the field of the filter that takes its values."""
ONLY = {
    "Past the agreed time": "overdue",
    "Flagged": "flagged",
    "Escalated": "escalated",
    "Zocial disagrees": "disagreeing",
}
"""The words of the key `only`, each with the field of the filter that it sets."""
SIZES = tuple(str(size) for size in cases.SIZES)
PLACE = ("after", "before")
"""Where in the queue: no part of the question."""
LONGEST_NUMBER = 15
STATE_WORDS = {state.value.replace("_", " ").capitalize(): state.value for state in CaseState}


@dataclass(frozen=True)
class Asked:
    """What an address asks for, the same in its one form, and each key and word of it that makes no sense."""

    filter: CaseFilter
    order: CaseOrder
    size: int
    narrowing: Mapping[str, tuple[str, ...]]
    query: str
    case: int | None = None
    """The case that is open beside the queue: no part of the question either."""
    dropped: tuple[tuple[str, str], ...] = ()


def usual(tab: Tab) -> str:
    """Give how a tab is sorted unless its address says otherwise."""
    return USUAL.get(tab, next(iter(ORDERS)))


def choices(words: Words, tab: Tab = Tab.ALL) -> dict[str, dict[str, str]]:
    """Give the values of each list by their words on the page; of states those that a tab holds."""
    held = {state.value for state in STATES.get(tab, tuple(CaseState))}
    return {
        "state": {word: value for word, value in STATE_WORDS.items() if value in held},
        "platform": {platform(word): word for word in words.platforms},
        "source": {name: name for name in words.sources},
        "kind": {word.capitalize(): word for word in words.kinds},
        "by": {name: name for name in words.requesters},
        "for": {name: name for name in words.assignees},
    }


def parse(pairs: Iterable[tuple[str, str]] | str, words: Words, persons: Iterable[str]) -> Asked:
    """Read an address for these persons; a word that is no choice is dropped and named, a place is left out."""
    given: dict[str, list[str]] = {}
    for key, value in parse_qsl(pairs.removeprefix("?")) if isinstance(pairs, str) else pairs:
        given.setdefault(key, []).append(value)
    reading = _Reading(given)
    tab = Tab(reading.one("tab", tuple(Tab)))
    for key, options in choices(words).items():
        reading.several(key, options)
    reading.only()
    search = reading.search()
    order = ORDERS[reading.one("sort", (usual(tab), *ORDERS))]
    size = int(reading.one("size", SIZES))
    case = reading.number("case")
    reading.dropped += [(key, word) for key, found in given.items() if key not in PLACE for word in found]
    wanted = CaseFilter(tab=tab, persons=tuple(sorted(persons)), search=search, **reading.fields)
    narrowing = {key: tuple(found) for key, found in reading.narrowing.items()}
    query = urlencode([(key, word) for key, found in reading.kept.items() for word in found], errors="replace")
    return Asked(wanted, order, size, narrowing, query, case, tuple(reading.dropped))


class _Reading:
    """An address in reading: the fields of the filter, the words that made sense, and those that made none."""

    def __init__(self, given: dict[str, list[str]]) -> None:
        self.given = given
        self.fields: dict[str, Any] = {}
        self.kept: dict[str, list[str]] = {}
        self.narrowing: dict[str, list[str]] = {}
        self.dropped: list[tuple[str, str]] = []

    def several(self, key: str, options: Mapping[str, str]) -> None:
        """Read a key that may stand several times."""
        by_bare = {bare(word): (word, value) for word, value in options.items()}
        values = dict[str, str]()
        for word in self.given.pop(key, []):
            found = by_bare.get(bare(word))
            if found is None:
                self.dropped.append((key, word))
            else:
                values[found[1]] = found[0]
        if values:
            self.fields[LISTS[key]] = tuple(values)
            self.kept[key] = self.narrowing[key] = list(values.values())

    def only(self) -> None:
        """Read what the queue is narrowed to besides."""
        for word in dict.fromkeys(self.given.pop("only", [])):
            if word not in ONLY:
                self.dropped.append(("only", word))
                continue
            self.fields[ONLY[word]] = True
            self.kept.setdefault("only", []).append(word)
        if "only" in self.kept:
            self.narrowing["only"] = self.kept["only"]

    def search(self) -> str:
        """Read the searched text, cut where the page cuts it."""
        found = self.given.pop("q", [])
        text = found[-1][:LONGEST_SEARCH].strip() if found else ""
        if text:
            self.kept["q"] = self.narrowing["q"] = [text]
        return text

    def number(self, key: str) -> int | None:
        """Read the number of a case."""
        word = self.given.pop(key, [""])[-1]
        if word.isascii() and word.isdecimal() and len(word) <= LONGEST_NUMBER:
            return int(word)
        if word:
            self.dropped.append((key, word))
        return None

    def one(self, key: str, options: tuple[str, ...]) -> str:
        """Read a key with one of a few words, the usual one first; that one is not kept."""
        found = self.given.pop(key, [])
        word = found[-1] if found else options[0]
        if word not in options:
            self.dropped.append((key, word))
            word = options[0]
        if word != options[0]:
            self.kept[key] = [word]
        return word
