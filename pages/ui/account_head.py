"""The head of the Account page: who it is, how it stands and why, and what can be done."""

import ipaddress
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.queries import case_history
from data.queries.accounts import Told, Witness
from data.queries.sources import Card
from data.types import ACTIVE, Health, Vendor
from pages.ui import formats, freshness, links, resources, session, sources, tables
from pages.ui.account import LONGEST_NAME, Account, moment
from pages.ui.approvals import case_looks, requesting
from pages.ui.connect import reconnect
from pages.ui.disconnecting import buttons
from pages.ui.text import plain, short
from services import handles, jobs

_TROUBLE = (Health.BROKEN.value, Health.DEGRADED.value, Health.EXPIRING.value)
_REASON, _HOST = 300, 26


def places() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Draw the two places of the head: for who it is, and for the controls."""
    left, right = st.columns([1, 1.25], vertical_alignment="center", gap="small")
    row = left.container(horizontal=True, vertical_alignment="center", gap="small", key="account_head")
    return row, right.container(horizontal=True, horizontal_alignment="right", gap="xsmall")


def show(account: Account, differs: dict[str, tuple[Told, ...]]) -> None:
    """Draw who it is and how it stands."""
    st.image(tables.avatar(account.name[:200], account.platform), width=48, alt="")
    with st.container(gap=None, width="stretch"):
        st.header(plain(short(account.name, LONGEST_NAME)), anchor=False)
        st.markdown(f":small[:gray[{_line(account)}]]  {_badges(account, differs)}")


def controls(account: Account, cards: Sequence[Card], running: frozenset[str]) -> None:
    """Draw what can be done with it; of the past there is nothing to read anew."""
    _profile(account)
    if account.at is None:
        own = {each.source for each in account.members}
        _sync([card.name for card in cards if card.name in own and card.can_sync], busy=bool(own & running))
        _approval(account)
        reconnect.of_account(account)
        buttons.of_account(account)


def _approval(account: Account) -> None:
    """Lead to the account's open case, or let who may request one: first of all where Zocial does not know it."""
    cases = resources.kept(case_history.of_account, tuple(each.id for each in account.members))
    active = next((case for case in cases if case.state in ACTIVE), None)
    if active is not None:
        way, look = links.case(active.id), case_looks.state(active.state)
        words, icon = f"Case {active.id}: {look.word[:1].lower()}{look.word[1:]}", f":material/{look.icon}:"
        st.page_link(way.page, label=words, query_params=way.query, icon=icon, width="content")
    elif not account.gone:
        known = any(each.vendor == Vendor.ZOCIAL for each in account.listed)
        name = plain(short(account.name, LONGEST_NAME))
        broken = Health.BROKEN.value in account.healths  # then to reconnect it comes first
        requesting.of_one(account.listed[0].id, name, primary=not known and not broken)


def _line(account: Account) -> str:
    shown = handles.shown(account.handle)
    kinds = ", ".join(dict.fromkeys(each.kind for each in account.listed))
    if shown is None:  # what it has instead: the platform's own id of it
        own = next((each.external_id for each in account.listed if each.external_id), None)
        shown = f"no handle told, id {own}" if own else "no handle told"
    parts = [plain(short(shown, 60)), plain(formats.platform(account.platform)), kinds]
    return " · ".join(parts)


def _badges(account: Account, differs: dict[str, tuple[Told, ...]]) -> str:
    if account.gone:
        return formats.HEALTHS["vanished"].badge
    looks = [formats.status(word) for word in account.statuses]
    worst = account.healths[0]
    looks += [formats.health(worst)] if worst != Health.UNKNOWN.value or not looks else []
    looks += [formats.Look("Verified", "blue", "verified")] if account.verified else []
    looks += [formats.Look("Sources differ", "orange", "difference")] if differs else []
    return " ".join(look.badge for look in looks)


def _sync(names: Sequence[str], *, busy: bool) -> None:
    if sources.may_sync() and names:
        words = f"Reads {', '.join(plain(name) for name in names)} anew"
        if st.button("Syncing" if busy else "Sync now", icon=":material/sync:", disabled=busy, help=words, key="sync"):
            sync_now(names)


def sync_now(names: Sequence[str]) -> None:
    """Start a sync of these sources, and show how far it is."""
    jobs.sync_now(resources.desk(), session.actor(), list(names))
    st.session_state["sync_asked"] = True
    st.rerun()


def _profile(account: Account) -> None:
    """Offer the way to the profile; its label is where it really leads, a look-alike in its own letters included."""
    if found := profile(account.url):
        address, host = found
        st.link_button(plain(short(host, _HOST)), address, icon=":material/open_in_new:", help="Opens the profile")


def profile(url: str | None) -> tuple[str, str] | None:
    """Give the profile's address and its host, when a browser may be sent there: http, and a name with a dot."""
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").encode("idna").decode("ascii")
        usual = parts.port in {None, 80, 443}
    except (ValueError, UnicodeError):
        return None
    if url is None or parts.scheme not in {"http", "https"} or parts.username is not None or not usual:
        return None
    return (url, host) if "." in host.strip(".") and not _is_number(host) else None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.replace(".", "").isdigit()
    return True


def troubles(account: Account) -> None:
    """Say of each connection in trouble who refuses since when, in the vendor's words, and how old the rest is."""
    vanished = [_vanished(account, each) for each in account.members if each.vanished_at is not None]
    if vanished:
        _bordered("  \n".join(vanished))
    for witness in account.members:
        if witness.vanished_at is None and witness.health in _TROUBLE:
            _bordered(_trouble(account, witness))


def _vanished(account: Account, witness: Witness) -> str:
    since = moment(witness.vanished_at or account.now, now=account.now)
    told = f"**{account.title(witness)} no longer lists it since {since}**"
    return f"{_icon('vanished')} {told} :gray[· what it said last is shown · {_age(witness, account.now)}]"


def _trouble(account: Account, witness: Witness) -> str:
    since = f" since {moment(witness.health_since, now=account.now)}" if witness.health_since else ""
    word = formats.health(witness.health).word
    if witness.health == Health.EXPIRING and witness.expires_at:
        verb = "ends" if witness.expires_at > account.now else "ended"
        told = f"**Access at {account.title(witness)} {verb} {moment(witness.expires_at, now=account.now)}**"
    else:
        told = f"**{word} at {account.title(witness)}{since}**"
    none = "the vendor gives no reason" if account.reasons_kept else "the reason of then is not kept"
    reason = plain(short(witness.health_reason, _REASON).rstrip(".")) if witness.health_reason else none
    return f"{_icon(witness.health)} {told} :gray[· {reason} · {_age(witness, account.now)}]"


def _age(witness: Witness, now: datetime) -> str:
    last = f"last good answer {moment(witness.last_seen_at, now=now)}"
    old = now - witness.last_seen_at > freshness.stale_after()
    return f"{last}. What it says below is from then." if old else f"{last}."


def _icon(health: str) -> str:
    look = formats.health(health)
    return f":{look.colour or 'gray'}[:material/{look.icon}:]"


def _bordered(text: str) -> None:
    with st.container(border=True):
        st.markdown(text)
