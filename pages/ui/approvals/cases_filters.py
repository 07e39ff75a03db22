"""The choices above the queue of cases: tabs with their counts, filters, search and order. The address holds all."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from data.queries import cases
from data.queries.cases import CaseFilter, Tab, Words
from pages.ui import filters, resources, session
from pages.ui.text import plain
from services import cases_address
from services.approvals import rules
from services.cases_address import LISTS, ONLY, ORDERS, SIZES, Asked

TABS = {
    Tab.TO_DECIDE: "To decide",
    Tab.MINE: "Mine",
    Tab.WAITING: "Waiting for the vendor",
    Tab.DECIDED: "Decided",
    Tab.ALL: "All",
}
NAMES = {"q": "search", "by": "requested by", "for": "assigned to", "only": "only", "sort": "sorted by", "size": "rows"}
"""What an address's key is called where that is not the key itself."""
_MORE = ("kind", "by", "for", "only")
_LONG = {"source", "by", "for"}


class Chosen(NamedTuple):
    """What a person asks of the queue: the question in words and as a filter, and the place in the list."""

    asked: Asked
    words: Words
    after: str | None
    before: str | None

    @property
    def filter(self) -> CaseFilter:
        """Give the filter."""
        return self.asked.filter


def chosen() -> Chosen:
    """Read the address, for the signed-in person and those in whose place they decide."""
    query, words = st.query_params, resources.kept(cases.words)
    persons = resources.kept(rules.persons_now, session.actor().username)
    asked = cases_address.parse([(key, word) for key in query for word in query.get_all(key)], words, persons)
    return Chosen(asked, words, query.get("after"), query.get("before"))


def tabs(found: Chosen, counted: Mapping[Tab, str]) -> None:
    """Draw the tabs with how many cases each holds; all of them together while something is searched."""
    tab = found.filter.tab
    shown = [each for each in TABS if each is not Tab.ALL or tab is each or found.filter.search]
    st.segmented_control(
        "Queue",
        [each.value for each in shown],
        format_func=lambda word: f"{TABS[Tab(word)]} · {counted[Tab(word)]}",
        required=True,
        label_visibility="collapsed",
        **filters.bound("tab", tab.value),
    )


def row(found: Chosen) -> None:
    """Draw the row of choices."""
    choices, narrowing = cases_address.choices(found.words, found.filter.tab), found.asked.narrowing
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        filters.search(found.filter.search)
        for key in ("state", "platform", "source"):
            with filters.popover(f"{key}_filter", key.capitalize(), len(narrowing.get(key, ()))) as opened:
                if opened:
                    _several(key, choices, found)
        _more(choices, found)
        if narrowing:
            st.button("Clear", type="tertiary", key="clear_filters", on_click=clear)
        st.space("stretch")
        order = next(word for word, order in ORDERS.items() if order is found.asked.order)
        bound = filters.bound("sort", order)
        bound |= {"on_change": _sort, "args": (bound["key"], found.filter.tab)}
        st.selectbox("Sort by", list(ORDERS), label_visibility="collapsed", width=160, **bound)


def _sort(name: str, tab: Tab) -> None:
    """Write the order into the address, unless it is the usual one of the tab."""
    word = st.session_state[name]
    filters.write({"sort": () if word == cases_address.usual(tab) else (word,)})


def _more(choices: Mapping[str, Mapping[str, str]], found: Chosen) -> None:
    """Draw the rarer choices."""
    number = sum(key in found.asked.narrowing for key in _MORE)
    with filters.popover("more_filters", "More", number, ":material/tune:") as opened:
        if not opened:
            return
        filters.several("only", "only", list(ONLY), found.asked.narrowing.get("only", ()))
        for key in ("kind", "by", "for"):
            _several(key, choices, found)
        filters.one("size", "Rows a page", {size: int(size) for size in SIZES}, found.asked.size)


def _several(key: str, choices: Mapping[str, Mapping[str, str]], found: Chosen) -> None:
    """Draw one list of words; what is chosen stays a choice where this tab has none of it."""
    values = found.asked.narrowing.get(key, ())
    options = list(dict.fromkeys([*choices[key], *values]))
    if not options and key == "for":
        return  # nobody was given a case yet
    filters.several(key, NAMES.get(key, key), options, values, many=key in _LONG)


def dropped(found: Chosen) -> None:
    """Say what of the address made no sense and was left out."""
    filters.left_out(found.asked.dropped, NAMES)


def clear() -> None:
    """Lift every filter; the tab stays."""
    filters.write(dict.fromkeys((*LISTS, "q", "only"), ()))


def empty(found: Chosen) -> None:
    """Say why the tab is empty, with a button for each filter to lift."""
    narrowing = found.asked.narrowing
    with st.container(border=True, gap="small", key="empty"):
        if not narrowing:
            what, step = _EMPTY[found.filter.tab]
            st.markdown(f"**{what}**  \n:gray[{step}]")
            return
        told = ", ".join(f"{NAMES.get(key, key)} {plain(', '.join(words))}" for key, words in narrowing.items())
        st.markdown(f"**No case matches** under {TABS[found.filter.tab]}: {told}.")
        with st.container(horizontal=True, gap="small"):
            for key in narrowing:
                name, icon = NAMES.get(key, key), ":material/filter_alt_off:"
                st.button(f"Lift {name}", icon=icon, key=f"lift_{key}", on_click=filters.lift, args=(key,))
            if found.filter.tab is not Tab.ALL:
                st.button("Look in all cases", icon=":material/search:", key="look_in_all", on_click=_all)


def _all() -> None:
    filters.write({"tab": (Tab.ALL.value,)})


_EMPTY: dict[Tab, tuple[str, str]] = {
    Tab.TO_DECIDE: (
        "Nothing waits for a decision.",
        "Approvals are requested from Networks or an account's page. What a vendor lists as pending comes by itself.",
    ),
    Tab.MINE: (
        "You have no case.",
        "Here stand the approvals that you requested, and the cases that were given to you.",
    ),
    Tab.WAITING: (
        "Nothing waits for the vendor.",
        "An approved case is sent to Zocial and stands here until a sync reads Zocial's word on it.",
    ),
    Tab.DECIDED: ("Nothing is decided yet.", "Cases come here with our decision or with Zocial's word."),
    Tab.ALL: ("There is no case yet.", "Request an approval from Networks or from an account's page."),
}
