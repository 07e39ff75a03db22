"""The timeline of one account: what happened, newest first and by day, with the sources that say so."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import streamlit as st

from data.queries import sources, timeline
from data.queries.timeline import CASE, CONNECT, EXTRA, FAILED, FIRST_SEEN, PARTED, UNCONFIRMED, Entry, Group
from pages.ui import cards, formats, resources, suspects
from pages.ui.account import Account
from pages.ui.approvals import case_looks, case_story
from pages.ui.connect import words as connecting
from pages.ui.disconnecting import words
from pages.ui.text import plain, short

_AT_ONCE = 30
_VALUE, _REASON = 70, 160
_ALL = "All"
_GROUPS = {
    _ALL: None,
    "Status": Group.STATUS,
    "Figures": Group.FIGURES,
    "Profile": Group.PROFILE,
    "Sources": Group.SOURCES,
    "Cases": Group.CASES,
}
_FIELDS = {
    "handle": ("Handle changed", "alternate_email"),
    "name": ("Name changed", "badge"),
    "url": ("Address changed", "link"),
    "category": ("Category changed", "category"),
    "platform": ("Platform changed", "hub"),
    "external_id": ("Platform's id changed", "fingerprint"),
    "vendor_status": ("Vendor's word changed", "chat"),
}
_Words = tuple[str, str]


def card(account: Account) -> None:
    """Draw the card, with pills to narrow it and a button for what is earlier."""
    with cards.card("Timeline", "newest first, UTC", key="timeline"):
        chosen = st.pills(
            "Show", list(_GROUPS), default=_ALL, key="timeline_of", required=True, label_visibility="collapsed"
        )
        group = _GROUPS.get(chosen or _ALL)
        limit = _AT_ONCE * st.session_state.get(_pages(account), 1)
        with resources.reading() as session:
            found = timeline.newest(session, account.members, until=account.now, limit=limit, group=group)
        if not found.entries:
            st.markdown(":small[:gray[Nothing of this kind has happened since it was first seen.]]")
        for date, entries in groupby(_said_once(found.entries), key=lambda entry: entry.at.date()):
            with st.container(gap="xsmall"):
                st.caption(_day(date, account.now))
                for entry in entries:
                    _entry(account, entry)
        if found.more:
            st.button("Earlier", icon=":material/expand_more:", type="tertiary", on_click=_earlier, args=(account,))


def _said_once(entries: Sequence[Entry]) -> list[Entry]:
    """Leave what each source said with the newest receipt of a day that says it of the same connections."""
    shown: set[tuple[object, frozenset[str]]] = set()
    found = []
    for entry in entries:
        receipt, last = entry.receipt, entry
        if receipt is not None and receipt.proof:
            about = (entry.at.date(), frozenset(each["connection"] for each in receipt.proof))
            last = entry._replace(receipt=replace(receipt, proof=[])) if about in shown else entry
            shown.add(about)
        found.append(last)
    return found


def _pages(account: Account) -> str:
    return f"timeline_pages_{account.members[0].account_id}"


def _earlier(account: Account) -> None:
    st.session_state[_pages(account)] = st.session_state.get(_pages(account), 1) + 1


def _day(date: object, now: datetime) -> str:
    if date == now.date():
        return "Today" if now.date() == formats.now().date() else f"{now:%A} {now.day} {now:%B}"
    at = datetime.combine(date, now.timetz())  # type: ignore[arg-type]  # the group's key is the entries' own day
    if at.date() == (now - timedelta(days=1)).date() and now.date() == formats.now().date():
        return "Yesterday"
    return f"{at:%A} {at.day} {at:%B}{'' if at.year == now.year else f' {at:%Y}'}"


def _entry(account: Account, entry: Entry) -> None:
    """Draw an entry as one text: beside a long one, a time of its own would drop to the next line."""
    title, why = _words(account, entry)
    st.markdown(f"{title} :small[:gray[{entry.at:%H:%M}]]  \n:small[:gray[{why}]]")


def _words(account: Account, entry: Entry) -> _Words:
    """Give the title of an entry with its icon, and the line below it."""
    by = _sources(account, entry)
    if entry.field.startswith(EXTRA):
        name = plain(entry.field.removeprefix(EXTRA))
        return f":gray[:material/edit:] **{name} edited**", f"{_moved(entry)} · sent to {by}"
    if entry.field in _FIELDS:
        title, icon = _FIELDS[entry.field]
        return f":gray[:material/{icon}:] **{title}**", f"{_moved(entry)} · {by}"
    return _OTHERS.get(entry.field, _something)(account, entry)


def _status(account: Account, entry: Entry) -> _Words:
    look, before = formats.status(entry.after or ""), formats.status(entry.before or "").word.lower()
    return _title(look), f"Reported by {_sources(account, entry)} · {before} before"


def _health(account: Account, entry: Entry) -> _Words:
    look, by = formats.health(entry.after or ""), _sources(account, entry)
    reasons = {
        each.health_reason
        for each in account.members
        if each.id in entry.connections and each.health == entry.after and each.health_since == entry.at
    }
    shared = reasons.pop() if len(reasons) == 1 else None  # a reason of one is none of the others
    why = plain(short(shared or "", _REASON))
    before = formats.health(entry.before or "").word.lower()
    return _title(look, grey="favorite"), f"{by} · {why or f'{before} before'}"


def _vanished(account: Account, entry: Entry) -> _Words:
    gone, by = entry.after == "vanished", _sources(account, entry)
    if gone:
        told = f"{by} knows it no more" if _unlisted(account, entry) else f"No longer listed by {by}"
        return ":gray[:material/visibility_off:] **Vanished**", told
    return ":blue[:material/visibility:] **Listed again**", f"By {by}"


def _verified(account: Account, entry: Entry) -> _Words:
    yes = entry.after == "1"
    title = "Verified" if yes else "No longer verified" if entry.after == "0" else "Verification no longer told"
    return f":{'blue' if yes else 'gray'}[:material/verified:] **{title}**", f"Reported by {_sources(account, entry)}"


def _suspect(account: Account, entry: Entry) -> _Words:
    by = _sources(account, entry)
    if entry.after is None:
        return ":gray[:material/check:] **Figures believed again**", f"A real change came from {by}"
    look, said = suspects.look(entry.after), plain(suspects.words(entry.after))
    doubt = suspects.doubt(entry.after)
    return f":{look.colour or 'gray'}[:material/{look.icon}:] **{said}**", f"{by} · {doubt}"


def _account(account: Account, entry: Entry) -> _Words:
    own = {str(each.number) for each in account.members if each.id in entry.connections}
    by = _sources(account, entry)
    if entry.after in own and len(account.members) == 1:
        return ":gray[:material/call_split:] **Parted**", f"An account of its own since then: {by}"
    return ":gray[:material/merge:] **Joined**", f"Found to be the same account: {by}"


def _unconfirmed(account: Account, entry: Entry) -> _Words:
    said = f"{_sources(account, entry)} did not say whether it happened; its next list shows it"
    return ":orange[:material/help:] **Edit not confirmed**", said


def _failed(account: Account, entry: Entry) -> _Words:
    times = f" · {entry.number:,} times that day" if entry.number > 1 else ""
    why = plain(short(entry.after or "no reason is known", _REASON))
    return ":red[:material/sync_problem:] **Sync failed**", f"{_sources(account, entry)} · {why}{times}"


def _first_seen(account: Account, entry: Entry) -> _Words:
    by = _sources(account, entry)
    told = f"Confirmed by {by}, which has no list here" if _unlisted(account, entry) else f"Listed by {by}"
    return ":blue[:material/add_link:] **First seen**", told


def _case(_account: Account, entry: Entry) -> _Words:
    if entry.step is None:
        return f":gray[:material/approval:] **Case {entry.number}**", ""
    title, icon, colour = case_story.title(entry.step)
    why = " · ".join([f"by {case_looks.who(entry.step.actor)}", *case_story.why(entry.step)])
    where = f"[case {entry.number}](/approvals?case={entry.number})"
    return f":{colour}[:material/{icon}:] **{title}** :small[{where}]", why


def _parted(_account: Account, entry: Entry) -> _Words:
    if entry.receipt is None:
        return ":gray[:material/link_off:] **Disconnect**", ""
    look, told = words.look(entry.receipt), words.story(entry.receipt)
    return f":{look.colour}[:material/{look.icon}:] **{look.word}**", " · ".join([words.sent(entry.receipt), *told])


def _connect(_account: Account, entry: Entry) -> _Words:
    found = entry.attempt
    if found is None:
        return ":gray[:material/add_link:] **Attempt to connect**", ""
    look, what = connecting.state(found.state), "Reconnect" if found.reconnects else "Connect"
    where = f"[attempt {found.id}](/connect?attempt={found.id})"
    why = f"by {plain(found.person)} · {plain(short(found.message, _REASON))}"
    return f":{look.colour or 'gray'}[:material/{look.icon}:] **{what}: {look.word.lower()}** :small[{where}]", why


def _something(account: Account, entry: Entry) -> _Words:
    title = plain(entry.field.replace("_", " ").capitalize())
    return f":gray[:material/edit_note:] **{title} changed**", f"{_moved(entry)} · {_sources(account, entry)}"


_OTHERS: dict[str, Callable[[Account, Entry], _Words]] = {
    "status": _status,
    "health": _health,
    "vanished": _vanished,
    "verified": _verified,
    "suspect": _suspect,
    "account": _account,
    UNCONFIRMED: _unconfirmed,
    CASE: _case,
    PARTED: _parted,
    CONNECT: _connect,
    FAILED: _failed,
    FIRST_SEEN: _first_seen,
}


def _title(look: formats.Look, grey: str | None = None) -> str:
    icon = grey if look.colour is None and grey and look.word == "Healthy" else look.icon
    colour = "green" if look.word == "Healthy" else look.colour or "gray"
    return f":{colour}[:material/{icon}:] **{look.word}**"


def _moved(entry: Entry) -> str:
    before, after = (plain(short(text, _VALUE)) if text else "(none)" for text in (entry.before, entry.after))
    return f"{before} → {after}"


def _unlisted(account: Account, entry: Entry) -> bool:
    """Tell whether none of an entry's sources has a list: their contract answers for each account by itself."""
    own = {each.source for each in account.members if each.id in entry.connections}
    return own <= resources.kept(sources.without_list)


def _sources(account: Account, entry: Entry) -> str:
    found = [account.title(each) for each in account.members if each.id in entry.connections]
    return ", ".join(dict.fromkeys(found))
