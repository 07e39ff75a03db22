"""What each source says of one account, side by side, with what differs and since when."""

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from data.queries import accounts
from data.queries.accounts import Told, Witness
from data.types import Status
from pages.ui import account_joining, cards, formats, resources
from pages.ui.account import Account, day, moment
from pages.ui.text import plain, short

_CELL = 40
_BREAK = "\u200b"
"""Lets a long address go on in a second line on a phone, without a sign of its own."""
_NOT_KEPT = frozenset({"expires_at"})
"""What is not known of the past."""
_NOT_TOLD = ":gray[not told]"
Differs = dict[str, tuple[Told, ...]]


def card(account: Account, differs: Differs) -> None:
    """Draw a row for each field and a column for each source; only what is told can differ."""
    number = len(differs)
    verb = "disagrees" if number == 1 else "disagree"
    aside = f"{formats.plural(number, 'field')} {verb}" if number else ""
    with cards.card("What each source says", aside, key="witnesses"):
        st.table(
            _table(account, differs),
            border="horizontal",
            hide_index=True,
            alt=f"Table of what {formats.plural(len(account.members), 'connection')} of this account say",
        )
        if len(account.members) == 1:
            st.markdown(":small[:gray[No other source is known to witness this account.]]")
        account_joining.buttons(account)


def _table(account: Account, differs: Differs) -> dict[str, list[str]]:
    fields = {label: pair for label, pair in _FIELDS.items() if account.at is None or pair[0] not in _NOT_KEPT}
    columns = {" ": [f":gray[{label}]" for label in fields]}
    for witness in account.members:
        columns[account.title(witness)] = [
            _cell(witness, field, read, differs, account.now) for field, read in fields.values()
        ]
    if differs and account.at is None:
        columns["Differs since"] = [_since(account, field, differs) for field, _ in fields.values()]
    return columns


def _cell(
    witness: Witness, field: str, read: Callable[[Witness, datetime], str], differs: Differs, now: datetime
) -> str:
    value = read(witness, now)
    if not value:
        return _NOT_TOLD
    return f":orange-badge[:material/difference: {value}]" if witness.id in _odd(differs.get(field, ())) else value


def _odd(told: Sequence[Told]) -> frozenset[str]:
    """Name who says otherwise than most; with no such majority, everyone who tells."""
    groups: dict[object, list[str]] = {}
    for each in told:
        value = each.value.strip().casefold() if isinstance(each.value, str) else each.value
        groups.setdefault(value, []).append(each.connection_id)
    largest = max((len(group) for group in groups.values()), default=0)
    usual = [group for group in groups.values() if len(group) == largest]
    kept = set(usual[0]) if len(usual) == 1 else set()
    return frozenset(each.connection_id for each in told if each.connection_id not in kept)


def _since(account: Account, field: str, differs: Differs) -> str:
    if field not in differs:
        return ""
    with resources.reading() as session:
        since = accounts.differs_since(session, account.members, field)
    return day(since, now=account.now) if since else ":gray[not known]"


def _text(field: str) -> Callable[[Witness, datetime], str]:
    return lambda witness, _: plain(short(getattr(witness, field) or "", _CELL))


def _address(witness: Witness, _: datetime) -> str:
    bare = (witness.url or "").removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return plain(short(bare, _CELL)).replace("\\/", f"\\/{_BREAK}").replace("\\.", f"\\.{_BREAK}")


def _status(witness: Witness, _: datetime) -> str:
    """Give the status, and for an unknown one the vendor's own word."""
    own = plain(short(witness.vendor_status or "", 30))
    if witness.status == Status.UNKNOWN.value:
        return f"unknown: {own}" if own else ""
    return formats.status(witness.status).word.lower()


def _health(witness: Witness, _: datetime) -> str:
    return "vanished" if witness.vanished_at is not None else formats.health(witness.health).word.lower()


def _followers(witness: Witness, _: datetime) -> str:
    return "" if witness.followers is None else f"{witness.followers:,}"


def _engagement(witness: Witness, _: datetime) -> str:
    return "" if witness.engagement_rate is None else f"{witness.engagement_rate:.2f}%"


def _verified(witness: Witness, _: datetime) -> str:
    return "" if witness.verified is None else "yes" if witness.verified else "no"


def _instant(field: str) -> Callable[[Witness, datetime], str]:
    def read(witness: Witness, now: datetime) -> str:
        at: datetime | None = getattr(witness, field)
        return "" if at is None else day(at, now=now)

    return read


def _access(witness: Witness, now: datetime) -> str:
    end = witness.expires_at
    return "" if end is None else f"{'ends' if end > now else 'ended'} {day(end, now=now)}"


def _as_of(witness: Witness, now: datetime) -> str:
    return moment(witness.last_seen_at, now=now)


_FIELDS: dict[str, tuple[str, Callable[[Witness, datetime], str]]] = {
    "Name": ("name", _text("name")),
    "Handle": ("handle", _text("handle")),
    "Address": ("url", _address),
    "Kind": ("kind", _text("kind")),
    "Status": ("status", _status),
    "Health": ("health", _health),
    "Followers": ("followers", _followers),
    "Engagement": ("engagement_rate", _engagement),
    "Category": ("category", _text("category")),
    "Verified": ("verified", _verified),
    "Connected": ("connected_at", _instant("connected_at")),
    "Access": ("expires_at", _access),
    "As of": ("last_seen_at", _as_of),
}
