"""What needs someone, worst first: each row leads to where it can be seen and mended."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from data.queries import case_figures, incidents, message_figures, sources, suspects, today
from data.queries.case_figures import Trouble
from data.queries.case_figures import Wanting as Case
from data.queries.incidents import Incident
from data.queries.message_figures import Trouble as Lost
from data.queries.message_figures import Wanting as Message
from data.queries.sources import Card
from data.queries.suspects import Doubtful
from data.queries.today import Attention
from data.types import CaseState, Cause
from pages.ui import cards, formats, links
from pages.ui import suspects as doubts
from pages.ui.approvals import case_fields
from pages.ui.connect import beginning, reconnect
from pages.ui.links import Way
from pages.ui.text import plain, short
from services.messages_address import SILENT

_FIRST = 9
_NAME, _REASON = 26, 45
_BESIDE = 30
"""Characters of a reason beside the link that mends it."""
_GRAVITY = {"refusing": 0, "failing": 0, "held back": 1}
_BROKEN, _EXPIRING, _STALE, _CASE, _MESSAGE, _SUSPECT = 2, 3, 4, 5, 6, 7
_TOLD_BESIDE = (Cause.LOSS.value, Cause.RECONNECT.value)
"""The causes of incidents that the lines of sources and connections tell of by themselves."""
_CASES = {
    Trouble.UNKNOWN: (formats.Look("Not known", "orange", "help"), {"state": "Unknown"}),
    Trouble.REFUSED: (formats.Look("Refused", "red", "error"), {"state": "Refused"}),
    Trouble.CAME_BACK: (formats.Look("Came back", "orange", "difference"), {"state": "Requested"}),
    Trouble.OVER_TIME: (formats.Look("Over time", "orange", "timer"), {"only": "Past the agreed time"}),
}
"""How the trouble of a case looks, and what narrows the queue to its like."""
_MESSAGES = {
    Lost.FAILED: (formats.Look("Failed", "red", "sms_failed"), {"state": "Failed"}),
    Lost.REFUSED: (formats.Look("Refused", "red", "block"), {"state": "Refused"}),
    Lost.UNKNOWN: (formats.Look("Unknown", None, "help"), {"state": "Unknown"}),
    Lost.SILENT: (formats.Look("Silent", "orange", "hourglass_bottom"), {"only": SILENT}),
}
"""How the trouble of a message looks, and what narrows the list to its like."""


@dataclass(frozen=True)
class Item:
    """One thing that needs someone: its look, its name, how long, why, where it leads, and since when exactly."""

    gravity: int
    look: formats.Look
    name: str
    age: str
    reason: str
    way: Way
    exact: str | None = None
    mend: Way | None = None
    """Where it is mended at once, when that is another place."""


@dataclass(frozen=True)
class Wanting:
    """All that may need someone, as the cache has it."""

    connections: list[Attention]
    doubtful: list[Doubtful]
    sources: list[Card]
    incidents: list[Incident]
    stale: list[tuple[str, datetime]]
    cases: list[Case]
    messages: list[Message]


def wanting(session: Any, *, stale_after: timedelta) -> Wanting:
    """Ask for all of it at once."""
    return Wanting(
        today.attention(session),
        suspects.folded(session),
        sources.cards(session, stale_after=stale_after),
        incidents.open_now(session, without=_TOLD_BESIDE),
        sources.stale(session, stale_after=stale_after),
        case_figures.wanting(session),
        message_figures.wanting(session),
    )


def items(found: Wanting) -> list[Item]:
    """Bring together sources, incidents, connections, cases and figures that need someone, the worst first."""
    troubled = {card.name: card for card in found.sources if card.state in _GRAVITY}
    every = [_source(card) for card in troubled.values()]
    every += [_incident(item) for item in found.incidents if item.source not in troubled]
    every += [_connection(item) for item in found.connections]
    every += [_stale(name, at) for name, at in found.stale if name not in troubled]
    every += [row for case in found.cases for row in _case(case)]
    every += [row for message in found.messages for row in _message(message)]
    every += [_doubtful(item) for item in found.doubtful]
    return sorted(every, key=lambda item: item.gravity)


def _source(card: Card) -> Item:
    look = formats.SOURCE_STATES[card.state]
    began = card.failing_since or card.last_complete_at
    reason = card.held or card.problem or f"Last good sync {formats.ago(card.last_complete_at)}"
    return Item(_GRAVITY[card.state], look, card.name, _age(began), reason, links.health(), _since(began))


def _incident(item: Incident) -> Item:
    look, name = formats.Look("Incident", "red", "siren"), item.account or item.source or "Patchbay"
    return Item(0, look, name, _age(item.began_at), item.message, links.incident(item.id), _since(item.began_at))


def _connection(item: Attention) -> Item:
    look, broken = formats.health(item.health), item.health == "broken"
    began = item.since or item.until
    if broken or item.until is None:
        age, exact = _age(began), _since(began)
    else:
        left = item.until - formats.now()
        age = f"{formats.span(left)} left" if left > timedelta() else "ended"
        exact = f"Access {'ends' if left > timedelta() else 'ended'} {formats.exact(item.until)}"
    ending = "Access has ended; reconnect it." if age == "ended" else "Access ends; reconnect it before."
    reason = item.reason or ("The vendor gives no reason." if broken else ending)
    way = links.account(item.id) if item.number == 1 else links.networks(source=item.source, health=look.word)
    mend = (
        links.reconnect(item.id) if item.number == 1 and reconnect.can(item.vendor, item.platform, item.kind) else None
    )
    return Item(_BROKEN if broken else _EXPIRING, look, _named(item), age, reason, way, exact, mend)


def _stale(source: str, at: datetime) -> Item:
    way = links.networks(source=source)
    reason = f"Nothing is newer than {formats.clock(at)} UTC."
    return Item(_STALE, formats.SOURCE_STATES["stale"], source, _age(at), reason, way, _since(at))


def _case(item: Case) -> list[Item]:
    """Tell a case, and after it how many more have the same trouble."""
    look, like = _CASES[item.trouble]
    name = item.name or item.handle or "(no name given)"
    row = Item(_CASE, look, name, _age(item.since), _why(item), links.case(item.id), _since(item.since))
    if not item.further:
        return [row]
    further = f"{formats.at_least(item.further, more=item.more)} further"
    return [row, Item(_CASE, look, further, "", "Cases like these.", links.cases(tab="all", **like))]


def _why(item: Case) -> str:
    """Say what is wrong with a case, and whose turn it is."""
    if item.trouble is Trouble.UNKNOWN:
        return "Zocial gave no answer; it is not sent again."
    if item.trouble is Trouble.REFUSED:
        return item.answer or f"Zocial refused it: {item.code or 'it gives no code'}."
    if item.trouble is Trouble.CAME_BACK:
        return _moved(item.difference or {})
    turns = {
        CaseState.CHANGES_REQUESTED: f"Changes were asked for; {item.requested_by} answers next.",
        CaseState.HELD: "It is on hold.",
    }
    given = f"{item.assignee} decides." if item.assignee else "Nobody decided yet."
    return turns.get(CaseState(item.state), given)


def _moved(difference: dict[str, Any]) -> str:
    fields = case_fields.ranked(difference)
    return f"{case_fields.LABELS.get(fields[0], fields[0])} changed after the decision." if fields else "It changed."


def _message(item: Message) -> list[Item]:
    """Tell a message, and after it how many more have the same trouble."""
    look, like = _MESSAGES[item.trouble]
    unsaid = "Nothing was heard of it since." if item.trouble is Lost.SILENT else "The vendor gives no reason."
    row = Item(
        *(
            _MESSAGE,
            look,
            f"To {item.recipient}",
            _age(item.since),
            item.reason or unsaid,
            links.message(item.id),
            _since(item.since),
        )
    )
    if not item.further:
        return [row]
    further = f"{formats.at_least(item.further, more=item.more)} further"
    return [row, Item(_MESSAGE, look, further, "", "Messages like these.", links.messages(**like))]


def _doubtful(item: Doubtful) -> Item:
    look = doubts.look(item.suspect)
    alike = links.networks(source=item.source, suspect=look.word, listed="Listed now")
    way = links.account(item.id) if item.number == 1 else alike
    reason = f"{doubts.words(item.suspect)}."
    return Item(_SUSPECT, look, _named(item), _age(item.since), reason, way, _since(item.since))


def items_at(found: Sequence[Attention], at: datetime) -> list[Item]:
    """Bring together what was broken or expiring at a past instant."""
    return [_then(item, at) if item.id else _beyond(item, at) for item in found]


def _then(item: Attention, at: datetime) -> Item:
    gravity, look = _BROKEN if item.health == "broken" else _EXPIRING, formats.health(item.health)
    way = links.account(item.id, asof=at)
    none = "the reason then is not kept" if item.reason is None else "the vendor gave no reason"
    reason = item.reason or f"At {item.source}; {none}."
    age = formats.span(at - item.since) if item.since else ""
    return Item(gravity, look, _named(item), age, reason, way, _since(item.since))


def _beyond(item: Attention, at: datetime) -> Item:
    gravity, look = _BROKEN if item.health == "broken" else _EXPIRING, formats.health(item.health)
    way = links.networks(asof=at, health=look.word, listed="Listed now")
    return Item(gravity, look, f"{formats.at_least(item.number, more=item.more)} further", "", "All of them.", way)


def _named(item: Attention | Doubtful) -> str:
    if item.number > 1:
        return f"{formats.at_least(item.number, more=item.more)} of {item.source}"
    return item.name or item.handle or "(no name given)"


def _age(instant: datetime | None) -> str:
    return formats.span(formats.now() - instant) if instant else ""


def _since(instant: datetime | None) -> str | None:
    return f"Since {formats.exact(instant)}" if instant else None


def card(found: Sequence[Item], nothing: Callable[[], None], *, title: str = "Needs attention") -> None:
    """Draw the list, or what is to be said when nothing needs anyone."""
    shown = found if st.session_state.get("attention_all") else found[:_FIRST]
    aside = f"{len(shown)} of {len(found)}, worst first" if found else ""
    with cards.card(title, aside, stretch=True):
        if not found:
            nothing()
        _rows(shown)
        if len(found) > len(shown):
            st.button(
                f"Show all {len(found)}", icon=":material/expand_more:", type="tertiary", key="all", on_click=_all
            )


def _all() -> None:
    st.session_state["attention_all"] = True


def nothing(states: Sequence[Card], as_of: datetime | None) -> None:
    """Say that nothing needs anyone, and how sure that is."""
    asked = [card for card in states if card.state not in {"off", "nothing"}]
    good = sum(card.state == "good" for card in asked)
    if not states:
        st.markdown(":gray[No source is set up yet, so nothing is known. An admin can add one.]")
    elif as_of is None:
        st.markdown(":gray[No source has answered yet. What needs you appears after the first sync.]")
    else:
        words = f"Last check {formats.ago(as_of)}, {good} of {formats.plural(len(asked), 'source')} answered."
        st.markdown(f"Nothing needs you. :gray[{words}]")


def nothing_then(as_of: datetime | None) -> None:
    """Say that nothing needed anyone on a past day, or that nothing is known of it."""
    if as_of is None:
        st.markdown(":gray[No source had answered by then, so nothing is known of that day.]")
    else:
        st.markdown("Nothing was broken or expiring on that day. :gray[As far as the sources told.]")


def _rows(shown: Iterable[Item]) -> None:
    may_connect = beginning.may()
    with st.container(gap="xsmall"):
        for item in shown:
            _row(item, may_connect=may_connect)


def _row(item: Item, *, may_connect: bool) -> None:
    mend = item.mend if may_connect else None
    reason = plain(short(item.reason, _REASON if mend is None else _BESIDE))
    told = f"**{item.age}** :gray[· {reason}]" if item.age else f":gray[{reason}]"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(item.look.badge, width=98)
        st.page_link(
            item.way.page,
            label=f"**{plain(short(item.name, _NAME))}**",
            query_params=item.way.query or None,
            icon=":material/chevron_right:",
            icon_position="right",
            width=192,
            help=plain(f"{item.reason} {item.exact or ''}"),
        )
        st.markdown(f":small[{told}]", width="stretch")
        if mend is not None:
            st.page_link(
                mend.page, label="Reconnect", query_params=mend.query, icon=":material/cable:", width="content"
            )
