"""What needs someone, worst first: each row leads to where it can be seen and mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from data.queries.sources import LOSS, Card, Incident
from data.queries.today import Attention
from pages.ui import cards, formats
from pages.ui.text import plain

NETWORKS, HEALTH = "networks/networks.py", "operations/health.py"
_FIRST = 9
_REASON = 45
_GRAVITY = {"refusing": 0, "failing": 0, "held back": 1, "stale": 4}


@dataclass(frozen=True)
class Item:
    """One thing that needs someone: its look, its name, how long, why, and where it leads."""

    gravity: int
    look: formats.Look
    name: str
    age: str
    reason: str
    page: str
    query: dict[str, str]


def items(found: Sequence[Attention], states: Sequence[Card], incidents: Sequence[Incident]) -> list[Item]:
    """Bring together connections, sources and incidents that need someone, the worst first."""
    every = [_source(card) for card in states if card.wants_someone]
    told = {card.name for card in states if card.wants_someone}
    every += [_incident(item) for item in incidents if item.source not in told and item.cause != LOSS]
    every += [_connection(item) for item in found]
    return sorted(every, key=lambda item: item.gravity)


def _source(card: Card) -> Item:
    look = formats.SOURCE_STATES[card.state]
    began = card.failing_since or card.last_complete_at
    stale = f"Last good sync {formats.ago(card.last_complete_at)}"
    reason = card.held or (card.problem if card.state != "stale" else None) or stale
    return Item(_GRAVITY[card.state], look, card.name, _age(began), reason, HEALTH, {})


def _incident(item: Incident) -> Item:
    look = formats.Look("Incident", "red", "siren")
    return Item(0, look, item.source or "Patchbay", _age(item.began_at), item.message, HEALTH, {})


def _connection(item: Attention) -> Item:
    look = formats.health(item.health)
    left = f"{formats.span(item.until - formats.now())} left" if item.until else _age(item.since)
    expired = item.until is not None and item.until < formats.now()
    reason = item.reason or ("Access ends; reconnect it before." if item.until else "The vendor gives no reason.")
    if item.number > 1:
        name = f"{item.number:,} of {item.source}"
        query = {"source": item.source, "health": look.word}
    else:
        name = item.name or item.handle or "(no name given)"
        query = {"source": item.source, "q": item.handle or item.name or ""}
    age = "ended" if expired else left
    return Item(2 if item.health == "broken" else 3, look, name, age, reason, NETWORKS, query)


def _age(instant: datetime | None) -> str:
    return formats.span(formats.now() - instant) if instant else ""


def card(found: Sequence[Item], states: Sequence[Card], as_of: datetime | None) -> None:
    """Draw the list, or say that nothing needs anyone."""
    shown = found if st.session_state.get("attention_all") else found[:_FIRST]
    aside = f"{len(shown)} of {len(found)}, worst first" if found else ""
    with cards.card("Needs attention", aside, stretch=True):
        if not found:
            _nothing(states, as_of)
        with st.container(gap="xsmall"):
            for item in shown:
                _row(item)
        if len(found) > len(shown):
            st.button(
                f"Show all {len(found)}", icon=":material/expand_more:", type="tertiary", key="all", on_click=_all
            )


def _all() -> None:
    st.session_state["attention_all"] = True


def _nothing(states: Sequence[Card], as_of: datetime | None) -> None:
    asked = [card for card in states if card.state not in {"off", "nothing"}]
    good = sum(card.state == "good" for card in asked)
    if as_of is None:
        st.markdown(":gray[No source has answered yet. What needs you appears after the first sync.]")
    else:
        words = f"Last check {formats.ago(as_of)}, {good} of {formats.plural(len(asked), 'source')} answered."
        st.markdown(f"Nothing needs you. :gray[{words}]")


def _row(item: Item) -> None:
    reason = item.reason if len(item.reason) <= _REASON else item.reason[: _REASON - 1].rstrip() + "…"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(item.look.badge, width=98)
        st.page_link(
            item.page,
            label=f"**{plain(_short(item.name))}**",
            query_params=item.query or None,
            icon=":material/chevron_right:",
            icon_position="right",
            width=192,
        )
        st.markdown(f":small[**{item.age}** :gray[· {plain(reason)}]]", width="stretch")


def _short(name: str, length: int = 26) -> str:
    return name if len(name) <= length else name[: length - 1].rstrip() + "…"
