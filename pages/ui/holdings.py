"""The list of sources: each with its vendor, where it comes from, how it stands, and its last good sync."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from data.queries.sources import Card
from data.types import Origin
from pages.ui import choosing, formats
from pages.ui.formats import Look
from pages.ui.table import cells
from pages.ui.table.cells import Column
from pages.ui.table.draw import Parts, Sheet
from services.credentials import Listed

ORIGINS = {Origin.ADDED: "Added here", Origin.ENVIRONMENT: "Settings", Origin.SANDBOX: "Sandbox"}


@dataclass(frozen=True)
class Held:
    """One source: what it is, and how it stands."""

    listed: Listed
    state: Look
    action: str | None

    @property
    def origin(self) -> str:
        """Say where it comes from."""
        return ORIGINS[Origin(self.listed.origin)]


def joined(listed: Sequence[Listed], states: Sequence[Card]) -> list[Held]:
    """Put what a source is beside how it stands; one that was added in this moment was never synced."""
    known = {card.name: card for card in states}
    return [_held(each, known.get(each.name)) for each in listed]


def _held(each: Listed, card: Card | None) -> Held:
    return Held(each, formats.SOURCE_STATES[card.state if card else "never"], card.action if card else None)


def line(found: Sequence[Held]) -> None:
    """Say how many there are and where they come from."""
    told = [formats.plural(len(found), "source")]
    for word in ORIGINS.values():
        number = sum(each.origin == word for each in found)
        if number:
            told.append(f"{number:,} {word.lower()}")
    st.markdown(f":small[:gray[{' · '.join(told)}]]")


def table(found: Sequence[Held]) -> Held | None:
    """Draw all of them and give the chosen one."""
    label = f"Table of {formats.plural(len(found), 'source')} with vendor, state, origin and last good sync"
    by_name = {each.listed.name: each for each in found}
    chosen = choosing.row(Sheet.of(_PARTS, found, list(by_name)), parameter="source", label=label)
    return by_name[chosen] if chosen else None


_PARTS: Parts[Held] = [
    (Column("name", "Source", "link", 150), lambda each: cells.text(each.listed.name)),
    (Column("vendor", "Vendor", "text", 96), lambda each: cells.text(formats.vendor(each.listed.vendor))),
    (Column("state", "State", "chips", 124), lambda each: [cells.chip(each.state)]),
    (Column("origin", "From", "text", 90), lambda each: each.origin),
    (Column("synced", "Last good sync", "ago", 124), lambda each: cells.instant(each.listed.last_complete_at)),
]
