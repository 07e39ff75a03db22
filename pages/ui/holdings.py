"""The list of sources: each with its vendor, where it comes from, how it stands, and its last good sync."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries.sources import Card
from data.types import Origin
from pages.ui import choosing, formats
from pages.ui.formats import Look
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
    rows = [each.listed for each in found]
    drawn = pa.table(
        {
            "name": pa.array([row.name for row in rows], pa.string()),
            "vendor": pa.array([formats.vendor(row.vendor) for row in rows], pa.string()),
            "state": pa.array([[each.state.word] for each in found], pa.list_(pa.string())),
            "origin": pa.array([each.origin for each in found], pa.string()),
            "synced": pa.array([row.last_complete_at for row in rows], pa.timestamp("us", tz="UTC")),
        }
    )
    config = st.column_config
    tints = {look.word: look.tint for look in formats.SOURCE_STATES.values()}
    columns = {
        "name": config.TextColumn("Source", width=150),
        "vendor": config.TextColumn("Vendor", width=96),
        "state": config.MultiselectColumn("State", options=list(tints), color=list(tints.values()), width=120),
        "origin": config.TextColumn("From", width=90),
        "synced": config.DatetimeColumn("Last good sync", format="distance", width=124),
    }
    alt = f"Table of {formats.plural(len(found), 'source')} with vendor, state, origin and last good sync"
    by_name = {each.listed.name: each for each in found}
    chosen = choosing.row(drawn, list(by_name), parameter="source", columns=columns, alt=alt)
    return by_name[chosen] if chosen else None
