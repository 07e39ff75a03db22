"""Reconnecting from elsewhere: what leads from a broken or expiring connection to a new sign-in."""

from typing import Literal

import streamlit as st

from data.types import Health, Kind, Vendor
from pages.ui import formats, links
from pages.ui.account import Account
from pages.ui.connect import beginning, choice, words
from pages.ui.connect.choice import Choice
from services.connecting import flows, ways

_WANTS = (Health.BROKEN.value, Health.EXPIRING.value)


def can(vendor: str, platform: str, kind: str) -> bool:
    """Tell whether a connection can be reconnected here: in a window at its vendor."""
    return vendor in flows.OPENS and kind == Kind.NETWORK.value and platform in ways.platforms(Vendor(vendor))


def of_account(account: Account) -> None:
    """Draw a button for each connection of an account that wants to be reconnected and can be; the broken first."""
    if not beginning.may():
        return
    found = [choice.again(each) for each in account.listed if each.health in _WANTS and each.vanished_at is None]
    able = sorted((each for each in found if each.possible), key=_is_broken, reverse=True)
    for each in able:
        _button(each, several=len(able) > 1)


def _is_broken(each: Choice) -> bool:
    return each.reconnects is not None and each.reconnects.health == Health.BROKEN.value


def _button(each: Choice, *, several: bool) -> None:
    known = each.reconnects
    if known is None:
        return
    name = words.account(known)
    label = f"Reconnect at {formats.vendor(each.vendor)} …" if several else "Reconnect …"
    told = f"Signs in anew at {formats.vendor(each.vendor)} as {name}"
    look: Literal["primary", "secondary"] = "primary" if _is_broken(each) else "secondary"
    if st.button(label, icon=":material/cable:", type=look, help=told, key=f"reconnect_{known.id}"):
        way = links.reconnect(known.id)
        st.switch_page(way.page, query_params=way.query)
