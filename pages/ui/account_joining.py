"""An admin's word on which connections are one account: join another one, or part one of these, with a plan first."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from data.queries import inventory
from data.queries.accounts import Witness
from data.queries.filters import LONGEST_SEARCH, Filter
from data.queries.inventory import Row
from pages.ui import dialogs, formats, resources, session
from pages.ui.account import Account
from pages.ui.dialogs import Dialog
from pages.ui.text import plain, short
from services import accounts
from services.access import Permission
from services.accounts import Merger
from services.alike import look_alike
from services.failures import Failure

_FOUND = 8
_NAME = 50
_WARNING = (
    "**Their handles only look alike**: letters of another alphabet, or signs that pass for letters. "
    "An impostor writes itself like this. Join them only if you know better."
)


def buttons(account: Account) -> None:
    """Draw the ways to a ruling, for those who may give one; of the past there is nothing to rule."""
    person = session.person()
    if account.at is not None or person is None or not person.actor.may(Permission.RULE_ON_ACCOUNTS):
        return
    with st.container(horizontal=True, gap="small", key="rulings"):
        if st.button("Join with another connection …", icon=":material/merge:", type="tertiary", key="join"):
            dialogs.show(Dialog("join", "Join with another connection", ":material/merge:", partial(_join, account)))
        if len(account.members) > 1 and st.button(
            "These are not one account …", icon=":material/call_split:", type="tertiary", key="part"
        ):
            dialogs.show(Dialog("part", "These are not one account", ":material/call_split:", partial(_part, account)))


def _join(account: Account) -> None:
    search = st.text_input(
        "Search by name or handle", type="search", max_chars=LONGEST_SEARCH, icon=":material/search:", key="join_search"
    )
    if not search.strip():
        st.markdown(f":small[:gray[Among the connections on {plain(formats.platform(account.platform))}.]]")
        return
    found = _others(account, search)
    if not found:
        st.markdown(":small[:gray[No other connection on this platform matches.]]")
        return
    chosen = st.radio("Connection", list(found), None, format_func=found.__getitem__, key="join_with")
    if chosen is None:
        return
    ids = [account.members[0].id, chosen]
    merger = accounts.planned(resources.desk(), ids)
    _ruling(
        lambda: _joined(account, merger),
        "Join",
        "It is the same account because …",
        lambda reason: accounts.merge(resources.desk(), session.actor(), ids, reason),
    )


def _joined(account: Account, merger: Merger) -> None:
    """Show which connections will be one account, and warn of a handle that only looks the same."""
    st.markdown(plain(merger.summary))
    rows = [_row(account, each) for each in merger.members]
    columns = dict(zip(("Name", "Handle", "Platform", "Source", "Kind"), zip(*rows, strict=True), strict=True))
    st.table(columns, border="horizontal", hide_index=True, alt="Table of the connections that become one account")
    if any(_alike(account, each.handle) for each in merger.members):
        st.markdown(f":orange[:material/warning: {_WARNING}]")


def _row(account: Account, member: Witness) -> list[str]:
    name, handle, *rest = (plain(short(word, _NAME)) for word in _words(member))
    return [name, f":orange[:material/warning: {handle}]" if _alike(account, member.handle) else handle, *rest]


def _alike(account: Account, handle: str | None) -> bool:
    """Tell whether a handle looks like one of this account and is another."""
    own = {each.handle for each in account.members if each.handle}
    return handle is not None and any(look_alike(each, handle) for each in own)


def _words(row: Row | Witness) -> tuple[str, ...]:
    """Give the words that tell a connection apart."""
    platform = formats.platform(row.platform)
    return row.name or "(no name given)", row.handle or "no handle told", platform, row.source, row.kind


def _others(account: Account, search: str) -> dict[str, str]:
    """Find connections of the same platform that are not of this account, each with the words that tell it apart."""
    own = {each.id for each in account.members}
    wanted = Filter(search=search, platforms=tuple({each.platform for each in account.members}))
    with resources.reading() as reading:
        rows = [row for row in inventory.page(reading, wanted).rows if row.id not in own]
    return {row.id: _told(account, row) for row in rows[:_FOUND]}


def _told(account: Account, row: Row) -> str:
    told = " · ".join(plain(short(word, _NAME)) for word in _words(row))
    return f"{told} :orange[:material/warning: only looks alike]" if _alike(account, row.handle) else told


def _part(account: Account) -> None:
    names = {each.id: f"{account.title(each)} · {plain(short(each.handle or '', _NAME))}" for each in account.members}
    chosen = st.radio(
        "Which connection is another account?", list(names), None, format_func=names.__getitem__, key="part_of"
    )
    if chosen is None:
        return
    rest = len(account.members) - 1
    stay = "the other one stays as it is" if rest == 1 else f"the other {rest} stay one account"
    plan = f"{names[chosen]} becomes an account of its own; {stay}. No sync will join it again."
    _ruling(
        lambda: st.markdown(plan),
        "Part",
        "It is another account because …",
        lambda reason: accounts.split(resources.desk(), session.actor(), chosen, reason),
    )


def _ruling(plan: Callable[[], object], verb: str, because: str, rule: Callable[[str], object]) -> None:
    """Show what will happen, ask for the reason, and do it; nothing is told to any vendor."""
    st.markdown("**Nothing has happened yet.** Nothing changes at any vendor.")
    plan()
    reason = st.text_input(
        "Reason, for the audit trail",
        placeholder=because,
        max_chars=accounts.LONGEST_REASON,
        key="ruling_reason",
        live=True,
    )
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="ruling_cancel"):
            dialogs.close()
        if st.button(verb, type="primary", disabled=not reason.strip(), key="ruling_do"):
            try:
                rule(reason)
            except Failure as refused:
                st.markdown(f":red[:material/error: {plain(refused.message)}] :gray[{plain(refused.advice)}]")
            else:
                dialogs.close()
