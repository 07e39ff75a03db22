"""The cards of Trends: who grew, who fell, whose figures are suspect, and followers by platform."""

from datetime import date, timedelta

import streamlit as st

from data.queries import history, inventory, suspects
from data.queries import movers as queries
from data.queries.suspects import Counted
from data.types import Suspect
from pages.ui import cards, charts, filters, formats, links, movers, resources, words
from pages.ui import suspects as doubts

_DAYS = 90
_LISTED = 50


def least() -> int:
    """Let a person include small accounts; gives the followers that an account must have had 30 days ago."""
    every = st.toggle(
        "Small accounts too",
        key="small",
        bind="query-params",
        help=f"Those with fewer than {queries.LEAST} followers 30 days ago: a few more are many percent",
    )
    return 1 if every else queries.LEAST


def grew_and_fell(at_least: int) -> None:
    """Draw who grew most and who fell most, side by side."""
    left, right = st.columns(2, gap="small")
    with left, cards.card("Grew most", "against 30 days ago", stretch=True):
        up = resources.kept(queries.grew, least=at_least)
        if up:
            movers.movers(up, key="grew", alt="Table of the accounts that grew most in 30 days")
        else:
            _nobody("grew", at_least)
    with right, cards.card("Fell most", "against 30 days ago", stretch=True):
        down = resources.kept(queries.fell, least=at_least)
        if down:
            movers.movers(down, key="fell", alt="Table of the accounts that fell most in 30 days")
        else:
            _nobody("fell", at_least)


def _nobody(verb: str, at_least: int) -> None:
    """Say why nobody is listed: there is not enough history yet, or nobody moved."""
    ready, today = resources.kept(queries.ready_on), formats.now().date()
    if ready is None:
        told = "No source has told followers yet. They appear after the first sync."
    elif ready > today:
        left = formats.plural((ready - today).days, "more day")
        told = f"Growth needs {left} of history; the first is there on {ready.day} {ready:%B}."
    else:
        size = f" with {at_least} followers or more" if at_least > 1 else ""
        told = f"No account{size} {verb} in 30 days."
    st.markdown(f":small[:gray[{told}]]")


def followers() -> None:
    """Draw how the followers of each platform changed in 90 days."""
    today = formats.now().date()
    known = resources.kept(history.followers_by_platform, since=today - timedelta(days=_DAYS - 1), until=today)
    with cards.card("Change of followers", "by platform, 90 days", stretch=True):
        if len({day for day, _, _ in known}) > 1:
            charts.followers(known, key="followers_by_platform")
            _reach(known)
        elif known:
            st.markdown(f":small[:gray[{formats.first_day(known[0][0])}]]")
        else:
            st.markdown(":small[:gray[No source has told followers yet.]]")


def _reach(known: list[tuple[date, str, int]]) -> None:
    first, last = min(day for day, _, _ in known), max(day for day, _, _ in known)
    st.caption(f"{first.day} {first:%B} to {last.day} {last:%B}, each platform against its own first day")


def suspect() -> None:
    """Draw whose figures are suspect, what they did and since when; real changes stand above."""
    known = resources.kept(suspects.counted)
    with cards.card("Suspect figures", _summed(known), stretch=True):
        if not known:
            st.markdown(f":small[:gray[{_none_suspect()}]]")
            return
        kinds, word = _kinds(known)
        rows = resources.kept(suspects.latest, kinds=kinds, limit=_LISTED)
        movers.doubtful(rows, key="suspect_rows", alt="Table of accounts with suspect figures")
        if word:
            way = links.networks(suspect=word, listed="Listed now")
            st.page_link(way.page, label=f"All {word.lower()} ones in Networks", query_params=way.query)


def _none_suspect() -> str:
    if resources.kept(inventory.as_of) is None:
        return "No source has told figures yet."
    return "No figure is suspect: none doubled exactly, dropped to 0, turned negative or froze."


def _kinds(known: list[Counted]) -> tuple[tuple[str, ...], str | None]:
    """Let a person choose what figures did, of what occurs; gives the kinds, and the word that was chosen."""
    kinds = {doubts.look(item.suspect).word: doubts.kind(item.suspect) for item in known}
    tied = filters.bound("doubt", words.chosen("doubt", kinds)) | {"label_visibility": "collapsed"}
    word = st.pills("What they did", list(kinds), **tied)
    words.dropped("doubt", "suspect figure", kinds)
    return tuple(kind for kind in Suspect if word is None or doubts.kind(kind) == kinds[word]), word


def _summed(known: list[Counted]) -> str:
    if not known:
        return ""
    number, exact = sum(item.accounts for item in known), all(item.exact for item in known)
    return f"{formats.at_least(number, more=not exact)} in all"
