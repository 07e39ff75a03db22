"""Around the queue of cases: how many are open, by which agreed time, and what keeps the vendor's word away."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import streamlit as st

from data.queries import cases, sources
from data.queries.cases import COUNTED, CaseFilter, Tab
from data.types import CaseState, Rule, Vendor
from pages.ui import formats, freshness
from pages.ui.approvals.cases_filters import Chosen
from services.approvals import rules


class Around(NamedTuple):
    """What stands around the queue of a person: how many cases each tab holds, and how Zocial answers."""

    counted: Mapping[Tab, str]
    open_cases: str
    unknown: int
    read_at: datetime | None
    failing: tuple[tuple[str, datetime], ...]
    zocial: bool
    hours: int | None
    """The agreed time by rule."""


def around(session: Any, persons: tuple[str, ...]) -> Around:
    """Ask for all of it at once."""
    own = cases.counts(session, persons)
    every = cases.counts(session, ())
    unknown = cases.listing(session, CaseFilter(states=(CaseState.UNKNOWN.value,)), 0)[0]
    cards = [
        card for card in sources.cards(session, stale_after=freshness.stale_after()) if card.vendor == Vendor.ZOCIAL
    ]
    read_at = max((card.last_complete_at for card in cards if card.last_complete_at), default=None)
    names = {card.name for card in cards}
    failing = tuple(each for each in sources.failing(session) if each[0] in names)
    counted = {tab: _number(number) for tab, number in own.items()}
    open_cases = _number(every[Tab.TO_DECIDE] + every[Tab.WAITING])
    hours = rules.in_force(session).get(Rule.DUE_HOURS)
    return Around(counted, open_cases, unknown, read_at, failing, bool(cards), hours)


def _number(counted: int) -> str:
    """Give a number that is counted to an end: beyond it there are more."""
    return f"{counted:,}" if counted <= COUNTED else f"{COUNTED:,}+"


def line(found: Around) -> None:
    """Say how many cases are open, what time is agreed on by rule, and how old Zocial's word is."""
    agreed = "no agreed time by rule" if found.hours is None else f"agreed time {found.hours} h"
    word = f"Zocial's word as of {formats.ago(found.read_at)}" if found.zocial else "no Zocial source: nothing is sent"
    told = f"{found.open_cases} open · {agreed} · {word}"
    st.markdown(f":small[:gray[{told}]]", help=formats.exact(found.read_at) if found.read_at else None)
    freshness.failures(found.failing)


def doubts(found: Around, asked: Chosen) -> None:
    """Explain what "unknown" means where such cases are looked at."""
    if not found.unknown or asked.filter.tab is not Tab.WAITING:
        return
    number = formats.plural(found.unknown, "case")
    stand = "has" if found.unknown == 1 else "have"
    later = (
        "Zocial does not answer now: they stay so until it does." if found.failing else "The next sync settles them."
    )
    st.markdown(
        f":small[:orange[:material/help:] **{number}** {stand} an unknown outcome: the request left and no answer came "
        f"back. It is never sent twice; Zocial's list tells what became of it. {later}]"
    )
