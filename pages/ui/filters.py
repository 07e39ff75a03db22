"""The choices above the list of networks, all of them in the URL, and there only what differs from the default."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from data.queries.filters import LONGEST_SEARCH, Filter, Listed
from data.queries.inventory import SIZES
from data.queries.orders import Order
from data.types import Health
from pages.ui import formats
from pages.ui.text import plain

ORDERS = {
    "Worst health first": Order.WORST_HEALTH,
    "Best health first": Order.BEST_HEALTH,
    "Name, A to Z": Order.NAME,
    "Name, Z to A": Order.NAME_DOWN,
    "Handle": Order.HANDLE,
    "Most followers": Order.MOST_FOLLOWERS,
    "Fewest followers": Order.FEWEST_FOLLOWERS,
    "Most engaged": Order.MOST_ENGAGED,
    "Least engaged": Order.LEAST_ENGAGED,
    "Newest": Order.NEWEST,
    "Oldest": Order.OLDEST,
    "Platform": Order.PLATFORM,
    "Status": Order.STATUS,
    "Category": Order.CATEGORY,
    "Source": Order.SOURCE,
}
VERIFIED = {"Any": None, "Verified": True, "Not verified": False}
LISTED = {"All": Listed.BOTH, "Listed now": Listed.LISTED, "Vanished": Listed.VANISHED}
LARGEST = 10**15
_BOUND: dict[str, Any] = {"bind": "query-params", "required": True}
_LISTS = ("platform", "status", "health", "source", "kind", "category")
_SINGLE: dict[str, object] = {"q": "", "verified": "Any", "min": None, "max": None, "listed": "All"}


@dataclass(frozen=True)
class Words:
    """What can be chosen: the words that occur in the cache."""

    platforms: list[str]
    kinds: list[str]
    sources: list[str]
    categories: list[str]


@dataclass(frozen=True)
class Chosen:
    """What a person chose: the filter, the order, the size of a page, and the place in the list."""

    filter: Filter
    order: Order
    size: int
    after: str | None
    before: str | None


def connections(words: Words) -> Chosen:
    """Draw the row of choices and give what is chosen."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        search = st.text_input(
            "Search by name or handle",
            key="q",
            bind="query-params",
            type="search",
            icon=":material/search:",
            placeholder="Name or handle",
            max_chars=LONGEST_SEARCH,
            label_visibility="collapsed",
            width=210,
        )
        platforms = _several("platform", {formats.platform(word): word for word in words.platforms})
        statuses = _several("status", {look.word: word for word, look in formats.STATUSES.items()})
        healths = _several("health", {formats.HEALTHS[word].word: word for word in Health})
        sources = _sources(words.sources)
        more = _more(words)
        if _narrowed():
            st.button("Clear", type="tertiary", on_click=clear)
        st.space("stretch")
        order = st.selectbox(
            "Sort by", list(ORDERS), key="sort", bind="query-params", label_visibility="collapsed", width=190
        )
    asked = replace(more, search=search or "", platforms=platforms, statuses=statuses, healths=healths, sources=sources)
    size = st.session_state.get("size") or SIZES[0]
    after, before = st.query_params.get("after"), st.query_params.get("before")
    return Chosen(asked, ORDERS.get(order, Order.WORST_HEALTH), size, after, before)


def _set(key: str) -> list[Any]:
    """Give the chosen values of a list; before its widget is first drawn, those of the address."""
    found = st.session_state.get(key) if key in st.session_state else st.query_params.get_all(key)
    return list(found or ())


def _popover(key: str) -> Any:
    number = len(_set(key))
    label = f"{key.capitalize()} · {number}" if number else key.capitalize()
    return st.popover(label, icon=":material/filter_alt:" if number else ":material/filter_list:", key=f"{key}_filter")


def _several(key: str, options: dict[str, str]) -> tuple[str, ...]:
    """Draw one filter: a button that says how many values are chosen, with the values behind it."""
    with _popover(key):
        return _pills(key, options)


def _pills(key: str, options: dict[str, str]) -> tuple[str, ...]:
    if not options:
        st.caption(f"No {key} is known yet.")
        return ()
    values = {plain(word): value for word, value in options.items()}
    chosen = st.pills(key.capitalize(), list(values), selection_mode="multi", key=key, bind="query-params")
    return tuple(values[word] for word in chosen if word in values)


def _sources(names: list[str]) -> tuple[str, ...]:
    with _popover("source"):
        return tuple(st.multiselect("Source", names, key="source", placeholder="Any", bind="query-params"))


def _more(words: Words) -> Filter:
    """Draw the rarer choices: kind, category, verified, followers, vanished, and how many rows a page has."""
    chosen = st.session_state
    number = sum(bool(_set(key)) for key in ("kind", "category")) + sum(
        chosen.get(key, usual) != usual for key, usual in _SINGLE.items() if key != "q"
    )
    with st.popover(f"More · {number}" if number else "More", icon=":material/tune:"):
        kinds = _pills("kind", {word.capitalize(): word for word in words.kinds})
        categories = _categories(words.categories)
        verified = st.segmented_control("Verified", list(VERIFIED), default="Any", key="verified", **_BOUND)
        low, high = st.columns(2)
        least = low.number_input("Followers from", 0, LARGEST, None, step=1000, key="min", bind="query-params")
        most = high.number_input("Followers to", 0, LARGEST, None, step=1000, key="max", bind="query-params")
        listed = st.segmented_control("Listed by the vendor", list(LISTED), default="All", key="listed", **_BOUND)
        st.segmented_control("Rows a page", SIZES, default=SIZES[0], key="size", **_BOUND)
    return Filter(
        kinds=kinds,
        categories=categories,
        verified=VERIFIED.get(verified),
        followers_from=least,
        followers_to=most,
        listed=LISTED.get(listed, Listed.BOTH),
    )


def _categories(known: list[str]) -> tuple[str, ...]:
    if not known:
        return ()
    return tuple(st.multiselect("Category", known, key="category", placeholder="Any", bind="query-params"))


def _narrowed() -> bool:
    chosen = st.session_state
    return any(chosen.get(key) for key in _LISTS) or any(
        chosen.get(key, usual) != usual for key, usual in _SINGLE.items()
    )


def clear() -> None:
    """Lift every filter: the list is whole again."""
    for key in (*_LISTS, *_SINGLE):
        lift(key)


def lift(key: str) -> None:
    """Lift one filter, by the name it has in the URL."""
    if key in st.session_state:
        st.session_state[key] = [] if key in _LISTS else _SINGLE[key]


def set_ones() -> dict[str, str]:
    """Name the filters that narrow the list, by their URL name, each with its values in words."""
    chosen = st.session_state
    found = {key: ", ".join(map(str, chosen[key])) for key in _LISTS if chosen.get(key)}
    for key, usual in _SINGLE.items():
        if chosen.get(key, usual) != usual:
            found[key] = str(chosen[key])
    return found
