"""The address of the list of networks: its query string read as a filter and an order, and written in one form.

The page, a saved view and an export mean the same by it: this is its one definition.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from data.queries import inventory, totals
from data.queries.filters import LONGEST_SEARCH, Doubt, Filter, Listed
from data.queries.orders import Order
from data.store import Session
from data.types import Health, Status

ORDERS = {
    "Worst health first": Order.WORST_HEALTH,
    "Best health first": Order.BEST_HEALTH,
    "Name, A to Z": Order.NAME,
    "Name, Z to A": Order.NAME_DOWN,
    "Handle": Order.HANDLE,
    "Most followers": Order.MOST_FOLLOWERS,
    "Fewest followers": Order.FEWEST_FOLLOWERS,
    "Grew most": Order.GREW_MOST,
    "Fell most": Order.FELL_MOST,
    "Most engaged": Order.MOST_ENGAGED,
    "Least engaged": Order.LEAST_ENGAGED,
    "Newest": Order.NEWEST,
    "Oldest": Order.OLDEST,
    "Seen most recently": Order.SEEN_LAST,
    "Seen longest ago": Order.SEEN_LONGEST_AGO,
    "Platform": Order.PLATFORM,
    "Status": Order.STATUS,
    "Category": Order.CATEGORY,
    "Source": Order.SOURCE,
    "Kind": Order.KIND,
    "Verified": Order.VERIFIED,
}
VERIFIED = {"Any": None, "Verified": True, "Not verified": False}
LISTED = {"All": Listed.BOTH, "Listed now": Listed.LISTED, "Vanished": Listed.VANISHED}
LARGEST = 10**15
LISTS = {
    "platform": "platforms",
    "status": "statuses",
    "health": "healths",
    "source": "sources",
    "kind": "kinds",
    "category": "categories",
    "suspect": "suspects",
}
"""The keys that may stand several times, each with the field of the filter that takes its values."""
RANGE = {"min": "followers_from", "max": "followers_to"}
PLACE = ("after", "before", "asof")
"""Where in the list, and as of when: no part of the question."""
DRAWN = {"rows": ("accounts", "connections"), "size": tuple(str(size) for size in inventory.SIZES)}
"""How the list is drawn, the usual way first: kept in a view, of no account to the question."""
PLATFORMS = {
    "instagram": "Instagram",
    "facebook": "Facebook",
    "twitter": "X",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "linkedin": "LinkedIn",
    "pinterest": "Pinterest",
}
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
_MARKS = str.maketrans("", "", "\\\u2060")


@dataclass(frozen=True)
class Words:
    """What can be chosen: the words that occur in the cache."""

    platforms: list[str]
    kinds: list[str]
    sources: list[str]
    categories: list[str]


@dataclass(frozen=True)
class Asked:
    """What an address asks for, the same in its one form, and each key and word of it that makes no sense."""

    filter: Filter
    order: Order
    query: str
    dropped: tuple[tuple[str, str], ...] = ()


def known(session: Session) -> Words:
    """Give the words that occur in the cache."""
    found = totals.words(session)
    return Words(found["platform"], found["kind"], inventory.source_names(session), inventory.categories(session))


def platform(word: str) -> str:
    """Give a platform's name as people write it."""
    return PLATFORMS.get(word) or word[:1].upper() + word[1:]


def parse(query: str, words: Words) -> Asked:
    """Read a query string; a word that is no choice is dropped and named, a place in the list is left out."""
    given: dict[str, list[str]] = {}
    for key, value in parse_qsl(query.removeprefix("?")):
        given.setdefault(key, []).append(value)
    reading = _Reading()
    for key, options in choices(words).items():
        reading.several(key, given.pop(key, []), options)
    reading.search(given.pop("q", []))
    reading.one("verified", given.pop("verified", []), VERIFIED)
    for key in RANGE:
        reading.number(key, given.pop(key, []))
    reading.one("listed", given.pop("listed", []), LISTED)
    order = reading.order(given.pop("sort", []))
    for key, values in DRAWN.items():
        reading.drawn(key, given.pop(key, []), values)
    reading.dropped += [(key, word) for key, found in given.items() if key not in PLACE for word in found]
    return Asked(Filter(**reading.fields), order, urlencode(reading.kept, errors="replace"), tuple(reading.dropped))


class _Reading:
    """An address in reading: the fields of the filter, the pairs that made sense, and those that made none."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.kept: list[tuple[str, str]] = []
        self.dropped: list[tuple[str, str]] = []

    def several(self, key: str, found: list[str], options: dict[str, str]) -> None:
        """Read a key that may stand several times."""
        by_bare = {bare(word): value for word, value in options.items()}
        values = dict[str, None]()
        for word in found:
            value = options.get(word, by_bare.get(bare(word)))
            if value is None:
                self.dropped.append((key, word))
            elif value not in values:
                values[value] = None
                self.kept.append((key, word))
        if values:
            self.fields[LISTS[key]] = tuple(values)

    def search(self, found: list[str]) -> None:
        """Read the searched text, cut where the page cuts it."""
        text = found[-1][:LONGEST_SEARCH].strip() if found else ""
        if text:
            self.fields["search"] = text
            self.kept.append(("q", text))

    def one(self, key: str, found: list[str], options: dict[str, Any]) -> None:
        """Read a key with one of a few words; the usual one is not kept."""
        word = self._last(key, found, options)
        if word is not None and word != next(iter(options)):
            self.fields[key] = options[word]
            self.kept.append((key, word))

    def number(self, key: str, found: list[str]) -> None:
        """Read a number of followers."""
        text = found[-1] if found else ""
        if text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST)) and int(text) <= LARGEST:
            self.fields[RANGE[key]] = int(text)
            self.kept.append((key, str(int(text))))
        elif text:
            self.dropped.append((key, text))

    def order(self, found: list[str]) -> Order:
        """Read how the list is sorted."""
        word = self._last("sort", found, ORDERS)
        order = ORDERS[word] if word else Order.WORST_HEALTH
        if word is not None and order is not Order.WORST_HEALTH:
            self.kept.append(("sort", word))
        return order

    def drawn(self, key: str, found: list[str], values: tuple[str, ...]) -> None:
        """Keep how the list is drawn."""
        if found and found[-1] not in values:
            self.dropped.append((key, found[-1]))
        elif found and found[-1] != values[0]:
            self.kept.append((key, found[-1]))

    def _last(self, key: str, found: list[str], options: dict[str, Any]) -> str | None:
        if found and found[-1] not in options:
            self.dropped.append((key, found[-1]))
        return found[-1] if found and found[-1] in options else None


def choices(words: Words) -> dict[str, dict[str, str]]:
    """Give the values of each list by their words on the page."""
    return {
        "platform": {platform(word): word for word in words.platforms},
        "status": {word.capitalize(): word.value for word in Status},
        "health": {word.capitalize(): word.value for word in Health},
        "source": {name: name for name in words.sources},
        "kind": {word.capitalize(): word for word in words.kinds},
        "category": {name: name for name in words.categories},
        "suspect": {word.capitalize(): word.value for word in Doubt},
    }


def bare(word: str) -> str:
    """Give a word without what a label escapes: the page's pills hold it as Markdown that shows each mark as it is."""
    return " ".join(_UNSEEN.sub(" ", word).translate(_MARKS).split())
