"""What the address of the Connect page asks for: an attempt, something to connect, or a connection to reconnect."""

from dataclasses import dataclass

import streamlit as st

from data.queries import accounts
from data.queries.accounts import Witness
from data.queries.sources import Card
from data.types import Kind, Vendor
from pages.ui import resources
from services.connecting import flows, ways

_LONGEST, _MOST = 18, 30


@dataclass(frozen=True)
class Choice:
    """Something to connect: at which source, on which platform, what kind, and which connection it renews."""

    source: str
    vendor: Vendor
    platform: str
    kind: Kind = Kind.NETWORK
    reconnects: Witness | None = None

    @property
    def in_window(self) -> bool:
        """Tell whether it is done in a window at the vendor; a form here otherwise."""
        return self.vendor in flows.OPENS

    @property
    def possible(self) -> bool:
        """Tell whether the vendor has a way to do it."""
        kinds = ways.KINDS.get(self.vendor, (Kind.NETWORK,))
        if self.reconnects is not None and not self.in_window:
            return False
        platforms = ways.platforms(self.vendor, self.kind)
        return self.kind in kinds and (self.platform in platforms or not self.platform)

    @property
    def address(self) -> dict[str, str]:
        """Give what stands in the address for it."""
        if self.reconnects is not None:
            return {"reconnect": self.reconnects.id}
        told = {"source": self.source, "platform": self.platform, "kind": self.kind.value}
        return {name: value for name, value in told.items() if value and value != Kind.NETWORK.value}


def attempts() -> list[int]:
    """Give the numbers of the attempts that the address names: one, or those of a form with several accounts."""
    told = st.query_params.get("attempt", "").split(",")[:_MOST]
    return [int(each) for each in told if each.isascii() and each.isdigit() and len(each) <= _LONGEST]


def asked(cards: list[Card]) -> Choice | None:
    """Give what the address asks to connect; None where it asks for nothing that there is."""
    known = st.query_params.get("reconnect")
    if known:
        with resources.reading() as session:
            members = accounts.members(session, known)
        return next((again(each) for each in members if each.id == known), None)
    vendors = {card.name: Vendor(card.vendor) for card in cards}
    source, platform = (st.query_params.get(name, "") for name in ("source", "platform"))
    kind = st.query_params.get("kind", Kind.NETWORK.value)
    if source not in vendors or kind not in set(Kind) or not (platform or kind != Kind.NETWORK.value):
        return None
    return Choice(source, vendors[source], platform, Kind(kind))


def again(witness: Witness) -> Choice:
    """Give the choice to reconnect a connection."""
    return Choice(witness.source, Vendor(witness.vendor), witness.platform, Kind(witness.kind), witness)
