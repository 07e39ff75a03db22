"""What the pieces of the Account page share: the account as it is shown, and the words for its parts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.queries import accounts
from data.queries.accounts import Witness
from pages.ui import cards, formats
from pages.ui.text import plain, short

T = TypeVar("T")
LONGEST_NAME = 90
_WORST_HEALTH = ("broken", "degraded", "expiring", "unknown", "healthy")
_WORST_STATUS = ("suspended", "rejected", "disconnected", "pending", "unknown", "accepted")


@dataclass(frozen=True)
class Account:
    """One real account: its witnesses as they are now, or as they were at a past instant."""

    members: tuple[Witness, ...]
    at: datetime | None = None
    reasons_kept: bool = True
    """Whether it is known why a health was what it was: an older cache began to keep that with an update."""

    @property
    def now(self) -> datetime:
        """Give the instant for which the page speaks."""
        return self.at or formats.now()

    @property
    def listed(self) -> tuple[Witness, ...]:
        """Give the witnesses whose source still lists them; all of them when none does."""
        return tuple(each for each in self.members if each.vanished_at is None) or self.members

    @property
    def name(self) -> str:
        """Give the account's name as its first witness that tells one writes it."""
        return _first(each.name for each in self.listed) or self.handle or "(no name given)"

    @property
    def handle(self) -> str | None:
        """Give the handle that most listed witnesses tell, a word before a number."""
        return accounts.handle_of(each.handle for each in self.listed)

    @property
    def url(self) -> str | None:
        """Give the address of the profile that the first witness tells."""
        return _first(each.url for each in self.listed)

    @property
    def platform(self) -> str:
        """Give the platform."""
        return self.members[0].platform

    @property
    def verified(self) -> bool:
        """Tell whether any source says that the platform has verified the account."""
        return any(each.verified for each in self.listed)

    @property
    def statuses(self) -> list[str]:
        """Give the statuses that its sources tell, each once, the gravest first."""
        return _ranked({each.status for each in self.listed}, _WORST_STATUS)

    @property
    def healths(self) -> list[str]:
        """Give the healths of its connections, each once, the worst first."""
        return _ranked({each.health for each in self.listed}, _WORST_HEALTH)

    @property
    def gone(self) -> bool:
        """Tell whether no source lists it any more."""
        return all(each.vanished_at is not None for each in self.members)

    def title(self, witness: Witness) -> str:
        """Name a witness as its column does: vendor and source, and its kind where a source has several."""
        vendor, source = formats.vendor(witness.vendor), witness.source
        name = vendor if source.lower() == vendor.lower() else f"{vendor} · {short(source, 30)}"
        several = sum(each.source == source for each in self.members) > 1
        return plain(f"{name} · {witness.kind} {witness.vendor_id}"[:60] if several else name)


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)


def _ranked(words: set[str], order: tuple[str, ...]) -> list[str]:
    return sorted(words, key=lambda word: (order.index(word) if word in order else len(order), word))


def moment(at: datetime, *, now: datetime) -> str:
    """Give an instant in words: the hour of today, or the day and the hour."""
    hour = f"{at:%H:%M} UTC"
    if at.date() == now.date() == formats.now().date():
        return f"today {hour}"
    return f"{day(at, now=now)}, {hour}"


def day(at: datetime, *, now: datetime) -> str:
    """Give a day in words, with its year when it is another one."""
    year = f" {at:%Y}" if at.year != now.year else ""
    return f"{at.day} {at:%b}{year}"


def missing(asked: str, known: Sequence[Witness], at: datetime | None, *, where: DeltaGenerator) -> None:
    """Say that an address names no connection, or that it was not known yet at a past instant."""
    where.header("Account", anchor=False)
    if known and at is not None:
        first = min(each.first_seen_at for each in known if each.id == asked)
        told = f"It was not known yet on {at.day} {at:%B %Y}."
        cards.empty(told, f"Its source listed it for the first time on {first.day} {first:%B %Y}, {first:%H:%M} UTC.")
        return
    told = f"No connection has the id “{plain(short(asked, 80))}”."
    cards.empty(told, "The link may be old or incomplete. Every connection that was ever listed is under Networks.")
    st.page_link("networks/networks.py", label="To Networks", icon=":material/arrow_forward:")
