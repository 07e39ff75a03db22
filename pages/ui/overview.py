"""The charts above the list of networks: folded away when a person says so, and a click on one narrows the list.

Each is a fragment. A click is written into the address, which the whole page then reads; a chart keeps what was clicked
before, so that the difference is the mark of this click, whatever the address has said meanwhile.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import streamlit as st

from data.queries import dots, history, totals
from data.queries.filters import Filter
from pages.ui import cards, charts, filters, formats, idle, resources

_DAYS = 90
_AS = ("%", "Sum")
_CLICKED, _DUE = "charts_clicked", "charts_due"
_HEIGHT = 238
"""How high a chart's card is."""
_BARE: dict[str, Any] = {"label_visibility": "collapsed"}


def _wanted() -> bool:
    found = st.session_state.setdefault("charts_wanted", "Mobi" not in st.context.headers.get("User-Agent", ""))
    return bool(found)


def fades_others(asked: Filter, before: Filter) -> bool:
    """Tell whether charts that are shown would fade other marks than before."""
    return _wanted() and (asked.platforms, asked.statuses) != (before.platforms, before.statuses)


def charts_of_networks(asked: Filter) -> None:
    """Draw the three charts in a fold whose state is remembered for the session; on a phone it begins closed."""
    fold = st.expander("Charts", expanded=_wanted(), key="charts", on_change=_remember)
    if _wanted():
        with fold:
            _three(asked)


def _remember() -> None:
    """Keep whether the fold is open; the charts of one that is opened by hand wait for nothing."""
    st.session_state["charts_wanted"] = st.session_state[_DUE] = bool(st.session_state["charts"])


@st.fragment
def _three(asked: Filter) -> None:
    """Draw the charts, in a new tab only once the rows below stand; meanwhile their places are kept."""
    places = st.columns([1, 1.15, 1.15], gap="small")
    if st.session_state.get(_DUE):
        for place, chart in zip(places, (_status_by_platform, _followers, _engagement), strict=True):
            with place:
                chart(asked)
        return
    with places[0]:
        idle.then(_are_due, key="charts_wait", height=_HEIGHT)
    for place in places[1:]:
        place.skeleton(_HEIGHT)


def _are_due() -> None:
    st.session_state[_DUE] = True


@st.fragment
def _status_by_platform(asked: Filter) -> None:
    _take_over()
    counts = resources.kept(totals.by_platform_and_status)
    with cards.card("Status by platform", "listed now", stretch=True):
        if counts:
            key = "status_by_platform"
            charts.status_by_platform(
                counts, key=key, chosen=partial(_both, asked), clicked=partial(_clicked, key, _narrow_to_bar)
            )
        else:
            st.caption("Nothing is listed yet.")


@st.fragment
def _followers(asked: Filter) -> None:
    _take_over()
    stamp = resources.kept(history.stamp)
    figures = _known(resources.desk().store.url, stamp, formats.now().date())
    shown = st.session_state.get("followers_as", _AS[0])
    change = shown != _AS[1]
    with cards.card("Change of followers, 90 days" if change else "Followers, 90 days", stretch=True) as head:
        if figures:
            head.segmented_control("Shown as", _AS, default=_AS[0], required=True, key="followers_as", **_BARE)
        if change and len({day for day, _, _ in figures}) == 1:
            st.caption(formats.first_day(figures[0][0]))
        elif figures:
            key = "followers_by_platform"
            chosen, clicked = partial(_platform, asked), partial(_clicked, key, _narrow_to_platform)
            charts.followers(figures, key=key, change=change, chosen=chosen, clicked=clicked)
        else:
            st.caption("No source has told followers yet.")


@st.fragment
def _engagement(asked: Filter) -> None:
    _take_over()
    found = resources.kept(dots.engagement_by_followers)
    number = f"{len(found.dots):,}"
    aside = f"{number} dots" if found.whole else f"{number} of {found.of:,}"
    with cards.card("Engagement by followers", aside, stretch=True):
        if found.dots:
            key = "engagement_by_followers"
            chosen, clicked = partial(_platform, asked), partial(_clicked, key, _narrow_to_platform)
            charts.engagement(found.dots, key=key, chosen=chosen, clicked=clicked)
        else:
            st.caption("No source has told followers and engagement of one connection yet.")


def _both(asked: Filter, platform: str, status: str) -> bool:
    return _platform(asked, platform) and (not asked.statuses or status in asked.statuses)


def _platform(asked: Filter, platform: str) -> bool:
    return not asked.platforms or platform in asked.platforms


def _take_over() -> None:
    """Draw the whole page anew when a click has changed the address."""
    if st.session_state.pop(_CLICKED, False):
        st.rerun(scope="app")


def _clicked(key: str, narrow: Callable[[dict[str, str]], None]) -> None:
    """Find the mark that was clicked: what is chosen now and was not, or was and is not."""
    before: list[dict[str, str]] = st.session_state.get(f"{key}_before", [])
    chosen = [mark for marks in st.session_state[key]["selection"].values() for mark in marks if isinstance(mark, dict)]
    st.session_state[f"{key}_before"] = chosen
    for mark in [*(one for one in chosen if one not in before), *(one for one in before if one not in chosen)][:1]:
        narrow(mark)
        st.session_state[_CLICKED] = True


def _narrow_to_bar(mark: dict[str, str]) -> None:
    """Narrow the list to a platform and a status, or lift both when they are what narrows it."""
    wanted: dict[str, Sequence[str]] = {key: [mark[key]] for key in ("platform", "status")}
    now = all(st.query_params.get_all(key) == word for key, word in wanted.items())
    filters.write(dict.fromkeys(wanted, ()) if now else wanted)


def _narrow_to_platform(mark: dict[str, str]) -> None:
    """Narrow the list to a platform, or lift that when it is what narrows it."""
    word = mark["platform"]
    if word != charts.OTHERS:
        filters.put("platform", [] if st.query_params.get_all("platform") == [word] else [word])


@st.cache_data(max_entries=4, show_spinner=False)
def _known(database: str, stamp: int, today: date) -> list[tuple[date, str, int]]:
    """Keep the sums until a sync changes them: they are the same for everyone."""
    del database, stamp
    with resources.reading() as session:
        return history.followers_by_platform(session, since=today - timedelta(days=_DAYS - 1), until=today)
