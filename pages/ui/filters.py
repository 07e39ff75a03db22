"""The choices above the list of networks. The address is their only state, and every choice writes it.

It is read by `services.listing_address`, as exports and saved views read it; so a chart, a lifted filter or the
browser's back button need no widget to agree with. A filter's values are only drawn while its button is open: that
keeps the page quick.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from data.queries.cases import Tab
from data.queries.filters import LONGEST_SEARCH, Filter
from data.queries.inventory import SIZES
from data.queries.orders import Order
from pages.ui.text import plain
from services import listing_address
from services.listing_address import DRAWN, LARGEST, LISTED, LISTS, ORDERS, VERIFIED, Asked, Words

NAMES = {
    "q": "search",
    "min": "followers from",
    "max": "followers to",
    "listed": "listed by the vendor",
    "suspect": "suspect figure",
    "sort": "sorted by",
}
"""What an address's key is called where that is not the key itself."""
_PLACE = ("after", "before")
_OPEN = "case"
"""The row of a list that is open beside it: another list opens its own."""
_MORE = ("suspect", "kind", "category", "verified", "min", "max", "listed")
_SHOWN = 40
_TURNS = "filters_turns"


@dataclass(frozen=True)
class Chosen:
    """What a person chose: the question, whether a row is an account, how many rows, and the place in the list."""

    asked: Asked
    accounts: bool
    size: int
    after: str | None
    before: str | None

    @property
    def filter(self) -> Filter:
        """Give the filter."""
        return self.asked.filter

    @property
    def order(self) -> Order:
        """Give the order."""
        return self.asked.order

    @property
    def sorted_by(self) -> str:
        """Give the word of the order."""
        return next(word for word, order in ORDERS.items() if order is self.order)

    @property
    def narrowing(self) -> dict[str, list[str]]:
        """Give the words that narrow the list, by their key in the address."""
        found: dict[str, list[str]] = {}
        for key, word in parse_qsl(self.asked.query):
            if key != "sort" and key not in DRAWN:
                found.setdefault(key, []).append(word)
        return found


def chosen(words: Words) -> Chosen:
    """Read the address."""
    query = st.query_params
    asked = listing_address.parse(urlencode([(key, word) for key in query for word in query.get_all(key)]), words)
    drawn = dict(parse_qsl(asked.query))
    accounts = drawn.get("rows") is None
    return Chosen(asked, accounts, int(drawn.get("size", SIZES[0])), query.get("after"), query.get("before"))


def dropped(found: Chosen) -> None:
    """Say what of the address made no sense and was left out; nothing when all of it did."""
    left_out(found.asked.dropped, NAMES)


def left_out(pairs: Sequence[tuple[str, str]], names: Mapping[str, str]) -> None:
    """Name the keys and words that were left out, the first five of them."""
    if pairs:
        told = ", ".join(f"{plain(names.get(key, _cut(key)))} “{plain(_cut(word))}”" for key, word in pairs[:5])
        more = f" and {len(pairs) - 5} more" if len(pairs) > 5 else ""  # noqa: PLR2004 (as many as are named)
        st.markdown(f":small[:gray[:material/filter_alt_off: Dropped from the address: {told}{more}.]]")


def _cut(word: str) -> str:
    return word if len(word) <= _SHOWN else f"{word[:_SHOWN]}…"


def search(
    text: str, *, label: str = "Search by name or handle", placeholder: str = "Name or handle", width: int = 210
) -> None:
    """Draw the field that searches a list, names and handles unless told."""
    st.text_input(
        label,
        type="search",
        icon=":material/search:",
        placeholder=placeholder,
        max_chars=LONGEST_SEARCH,
        label_visibility="collapsed",
        width=width,
        **bound("q", text),
    )


def row(found: Chosen, words: Words) -> None:
    """Draw the row of choices."""
    choices, narrowing = listing_address.choices(words), found.narrowing
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        search(found.filter.search)
        for key in ("platform", "status", "health", "source"):
            _several(key, choices[key], found, len(narrowing.get(key, ())))
        _more(choices, found, sum(key in narrowing for key in _MORE))
        if narrowing:
            st.button("Clear", type="tertiary", key="clear_filters", on_click=clear)
        st.space("stretch")
        chosen = bound("sort", found.sorted_by)
        st.selectbox("Sort by", list(ORDERS), label_visibility="collapsed", width=190, **chosen)


def rows(found: Chosen) -> None:
    """Draw the choice of what a row is."""
    units = ["Accounts", "Connections"]
    asked = bound("rows", units[0] if found.accounts else units[1]) | {"label_visibility": "collapsed"}
    st.segmented_control("A row is", units, required=True, **asked)


def _several(key: str, options: dict[str, str], found: Chosen, number: int) -> None:
    with popover(f"{key}_filter", key.capitalize(), number) as opened:
        if opened:
            _values(key, options, found)


@contextmanager
def popover(key: str, label: str, number: int, icon: str = "") -> Iterator[bool]:
    """Draw a button that says how many values are chosen; what is behind it is drawn while it is open."""
    said = _said(key, number)
    usual = ":material/filter_alt:" if said else ":material/filter_list:"
    opened = st.popover(_counted(label, said), icon=icon or usual, key=key, on_change="rerun")
    with opened:
        yield bool(opened.open)


def _said(key: str, number: int) -> int:
    """Give the number that a popover says: while it is open that of before, for with other words it would close."""
    if not st.session_state.get(key):
        st.session_state[f"{key}_said"] = number
    return int(st.session_state.get(f"{key}_said", number))


def _counted(label: str, number: int) -> str:
    return f"{label} · {number}" if number else label


def _values(key: str, options: dict[str, str], found: Chosen) -> None:
    values = getattr(found.filter, LISTS[key])
    chosen_words = [word for word, value in options.items() if value in values]
    several(key, NAMES.get(key, key), list(options), chosen_words, many=key in {"source", "category"})


def several(key: str, name: str, options: Sequence[str], values: Sequence[str], *, many: bool = False) -> None:
    """Draw the choice of several words; `many` words are searched rather than laid out."""
    if not options:
        st.caption(f"No {name} is known yet.")
        return
    tied = bound(key, list(values))
    if many:
        st.multiselect(name.capitalize(), options, placeholder="Any", **tied)
    else:
        st.pills(name.capitalize(), options, selection_mode="multi", format_func=plain, **tied)


def _more(choices: dict[str, dict[str, str]], found: Chosen, number: int) -> None:
    """Draw the rarer choices: suspect figures, kind, category, verified, followers, vanished, and rows a page."""
    asked = found.filter
    with popover("more_filters", "More", number, ":material/tune:") as opened:
        if not opened:
            return
        for key in ("suspect", "kind", "category"):
            _values(key, choices[key], found)
        one("verified", "Verified", VERIFIED, asked.verified)
        low, high = st.columns(2)
        for place, key, value in ((low, "min", asked.followers_from), (high, "max", asked.followers_to)):
            place.number_input(NAMES[key].capitalize(), 0, LARGEST, None, step=1000, **bound(key, value))
        one("listed", "Listed by the vendor", LISTED, asked.listed)
        one("size", "Rows a page", {str(size): size for size in SIZES}, found.size)


def one(key: str, label: str, options: Mapping[str, Any], value: object) -> None:
    """Draw the choice of one of a few words."""
    tied = bound(key, next(word for word, meant in options.items() if meant == value))
    st.segmented_control(label, list(options), required=True, **tied)


def one_of(key: str, options: Sequence[str], value: str, named: Callable[[str], str] = str) -> None:
    """Draw the choice of one word or any; what the address names is a choice even where it is not known.

    `named` gives what a word is called.
    """
    words = ["", *options] if value in {"", *options} else ["", *options, value]
    st.selectbox(
        key.capitalize(),
        words,
        format_func=lambda word: named(word) if word else f"Any {key}",
        label_visibility="collapsed",
        width=150,
        **bound(key, value),
    )


def day(key: str, value: date | None) -> None:
    """Draw the choice of a day, with its word beside it wherever the row breaks."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        st.markdown(f":small[:gray[{key}]]", width="content")
        how = {"label_visibility": "collapsed", "width": 122, "format": "YYYY-MM-DD", **bound(key, value)}
        st.date_input(f"{key.capitalize()} day", **how)


def bound(key: str, value: Any) -> dict[str, Any]:
    """Give a widget the value of the address, and let it write there.

    When somebody else has written it, another widget takes its place: the browser may still send what the old one held.
    """
    name = _name(key)
    if name in st.session_state and not _alike(st.session_state[name], value):
        turns = st.session_state.setdefault(_TURNS, {})
        turns[key] = turns.get(key, 0) + 1
        name = _name(key)
    if name not in st.session_state:
        st.session_state[name] = value
    return {"key": name, "on_change": _take, "args": (key, name)}


def was_drawn(key: str) -> bool:
    """Tell whether the run before drew the widget that writes a key: what a page draws is forgotten with the page."""
    return _name(key) in st.session_state


def _name(key: str) -> str:
    """Give the name of the widget that writes a key now."""
    turn = st.session_state.get(_TURNS, {}).get(key)
    return f"{key}_{turn}" if turn else key


def _alike(held: Any, told: Any) -> bool:
    return set(held) == set(told) if isinstance(held, list) else held == told or {held, told} == {None, ""}


def _take(key: str, name: str) -> None:
    """Write what a widget holds into the address; what is still sent of one that was replaced is not heard."""
    if name != _name(key):
        return
    value = st.session_state[name]
    if isinstance(value, str):
        value = st.session_state[name] = value.strip()
    put(key, value if isinstance(value, list) else [] if value in {None, ""} else [str(value)])


_USUAL = {
    "rows": {"Accounts"},
    "sort": {next(iter(ORDERS))},
    "size": {str(SIZES[0])},
    "verified": {"Any"},
    "listed": {"All"},
    "tab": {Tab.TO_DECIDE.value},
    "period": {"7 days"},
}
"""What a list does unless its address says otherwise."""


def put(key: str, words: Sequence[str]) -> None:
    """Write one choice into the address, short; a list that is another one begins at its start."""
    write({key: words})


def write(choices: dict[str, Sequence[str]]) -> None:
    """Write several choices into the address at once: one step of the browser's back button."""
    query = st.query_params
    kept = {key: query.get_all(key) for key in query if key not in {*_PLACE, _OPEN}}
    for key, words in choices.items():
        usual = len(words) == 1 and words[0] in _USUAL.get(key, ())
        kept[key] = [] if usual else [word.lower() if key == "rows" else word for word in words]
    query.from_dict({key: words for key, words in kept.items() if words})


def placed() -> bool:
    """Tell whether the address names a place in the list."""
    return any(name in st.query_params for name in _PLACE)


def clear() -> None:
    """Lift every filter: the list is whole again."""
    write(dict.fromkeys((*LISTS, "q", "verified", "min", "max", "listed"), ()))


def lift(key: str) -> None:
    """Lift one filter, by the name it has in the address."""
    put(key, ())
