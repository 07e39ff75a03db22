"""The address of the sent messages: its query string read as a filter and an order, and written in one form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from data.queries.filters import LONGEST_SEARCH
from data.queries.messages import Filter, Words
from data.store import now
from data.types import Family, MessageState
from services import dates
from services.dates import NoDate
from services.listing_address import bare

LISTS = {"state": "states", "family": "families", "source": "sources", "recipient": "recipients", "by": "persons"}
"""The keys that may stand several times, each with the field of the filter that takes its values."""
DAYS = {"from": ("since", dates.start), "to": ("until", dates.end)}
"""The keys of days, each with its field, and how it is read."""
SILENT = "Silent"
"""The word of the key `only`: messages of which nothing was heard."""
KINDS = {"Text": Family.TEXT, "Carousel": Family.TEMPLATE, "Media": Family.MEDIA, "Heart": Family.STICKER}
"""What people call each family, as the composer does."""
ORDERS = {"Newest first": False, "Oldest first": True}
KEYS = (*LISTS, "q", *DAYS, "only", "list")
"""What narrows the list, by its name in an address."""
OPEN = "message"
"""The message that is open beside the list: no part of the question."""
_BESIDE = (OPEN, "after", "before")
_LONGEST_NUMBER = 15


@dataclass(frozen=True)
class Asked:
    """What an address asks for, the same in its one form, and each key and word of it that makes no sense."""

    filter: Filter
    oldest_first: bool
    narrowing: Mapping[str, tuple[str, ...]]
    query: str
    dropped: tuple[tuple[str, str], ...] = ()


def choices(words: Words) -> dict[str, dict[str, str]]:
    """Give the values of each list by their words on the page."""
    return {
        "state": {state.capitalize(): state.value for state in MessageState},
        "family": {word: family.value for word, family in KINDS.items()},
        "source": {name: name for name in words.sources},
        "recipient": {name: name for name in words.recipients},
        "by": {name: name for name in words.persons},
    }


def parse(pairs: Iterable[tuple[str, str]], words: Words) -> Asked:
    """Read an address; a word that is no choice is dropped and named."""
    given: dict[str, list[str]] = {}
    for key, word in pairs:
        given.setdefault(key, []).append(word)
    reading = _Reading(given, now())
    for key, options in choices(words).items():
        reading.several(key, options)
    reading.search()
    for key in DAYS:
        reading.day(key)
    reading.silent()
    reading.sending()
    order = reading.order()
    reading.dropped += [(key, word) for key, found in given.items() if key not in _BESIDE for word in found]
    query = reading.kept | ({"sort": (order,)} if ORDERS[order] else {})
    written = urlencode([(key, word) for key, found in query.items() for word in found], errors="replace")
    return Asked(Filter(**reading.fields), ORDERS[order], reading.kept, written, tuple(reading.dropped))


class _Reading:
    """An address in reading: the fields of the filter, the words that made sense, and those that made none."""

    def __init__(self, given: dict[str, list[str]], at: datetime) -> None:
        self.given = given
        self.at = at
        self.fields: dict[str, Any] = {}
        self.kept: dict[str, tuple[str, ...]] = {}
        self.dropped: list[tuple[str, str]] = []

    def several(self, key: str, options: Mapping[str, str]) -> None:
        """Read a key that may stand several times."""
        by_bare = {bare(word): (word, value) for word, value in options.items()}
        found = dict[str, str]()
        for word in self.given.pop(key, []):
            meant = by_bare.get(bare(word))
            if meant is None:
                self.dropped.append((key, word))
            else:
                found[meant[1]] = meant[0]
        if found:
            self.fields[LISTS[key]], self.kept[key] = tuple(found), tuple(found.values())

    def search(self) -> None:
        """Read the searched text, cut where the page cuts it."""
        text = self._last("q")[:LONGEST_SEARCH].strip()
        if text:
            self._take("q", text, "search", text)

    def day(self, key: str) -> None:
        """Read a day of the past."""
        word, (field, read) = self._last(key), DAYS[key]
        try:
            if word:
                self._take(key, word, field, read(word, now=self.at))
        except NoDate:
            self.dropped.append((key, word))

    def silent(self) -> None:
        """Read whether only those are asked for of which nothing was heard."""
        word = self._last("only")
        if word == SILENT:
            self._take("only", word, "silent", meant=True)
        elif word:
            self.dropped.append(("only", word))

    def sending(self) -> None:
        """Read the number of a send to a list."""
        word = self._last("list")
        if word.isascii() and word.isdecimal() and len(word) <= _LONGEST_NUMBER:
            self._take("list", word, "sending", int(word))
        elif word:
            self.dropped.append(("list", word))

    def order(self) -> str:
        """Read how the list is sorted."""
        word, usual = self._last("sort"), next(iter(ORDERS))
        if word and word not in ORDERS:
            self.dropped.append(("sort", word))
        return word if word in ORDERS else usual

    def _last(self, key: str) -> str:
        return self.given.pop(key, [""])[-1]

    def _take(self, key: str, word: str, field: str, meant: Any) -> None:
        self.fields[field], self.kept[key] = meant, (word,)
