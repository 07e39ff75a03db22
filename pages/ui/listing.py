"""Around the list of networks: how many, where in the list, what to do with the chosen rows, and why it is empty."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from data.queries import inventory, past, sources
from data.queries.chosen import held
from data.queries.inventory import Page, Standing
from pages.ui import filters, formats, freshness, links, picks, resources
from pages.ui.approvals import requesting
from pages.ui.disconnecting import buttons
from pages.ui.filters import Chosen
from pages.ui.picks import Line, Picks
from pages.ui.text import plain
from services import listing_address


@dataclass(frozen=True)
class Around:
    """What stands around the list, whatever is chosen: the words of the filters, how much there is, and its age."""

    words: listing_address.Words
    standing: Standing
    failing: list[tuple[str, datetime]]
    stale: list[tuple[str, datetime]]


def around(session: Any, *, stale_after: timedelta) -> Around:
    """Ask for all of it at once."""
    behind = sources.stale(session, stale_after=stale_after)
    return Around(listing_address.known(session), inventory.standing(session), sources.failing(session), behind)


def told(found: Around, shown: Page, at: datetime | None) -> None:
    """Say how much there is in all and how old it is, or how old it was then; and which sources don't answer."""
    standing = found.standing
    if at is not None:
        freshness.line("Rows of then, charts of now", shown.as_of)
        return
    number = formats.plural(standing.connections, "connection")
    freshness.line(f"{number} of {formats.plural(standing.sources, 'source')}", standing.as_of, found.stale)
    freshness.failures(found.failing)


def page(chosen: Chosen, at: datetime | None) -> Page:
    """Ask for the rows: as they are, or as they were at an instant, when each connection was a row of its own."""
    wanted, order, after, before, size = chosen.filter, chosen.order, chosen.after, chosen.before, chosen.size
    if at is not None:
        return resources.kept(past.page, wanted, at=at, order=order, after=after, before=before, size=size)
    unit = chosen.accounts
    return resources.kept(inventory.page, wanted, order=order, after=after, before=before, size=size, accounts=unit)


def picked(chosen: Chosen, at: datetime | None) -> Picks:
    """Give what is chosen of the list."""
    found = picks.kept(f"{chosen.narrowing} {at}", accounts=chosen.accounts and at is None)
    found.elsewhere = _elsewhere(found, chosen, at)
    return found


def _elsewhere(found: Picks, chosen: Chosen, at: datetime | None) -> int:
    """Count the chosen rows that the filter hides: what is done with all of them is done with these too."""
    if not found.chosen or not (chosen.narrowing or at):
        return 0
    if at is not None:
        return found.number() - resources.kept(past.held, chosen.filter, tuple(found.chosen), at=at)
    return found.number() - resources.kept(held, chosen.filter, tuple(found.chosen), accounts=found.accounts)


def _open(connection: str) -> None:
    way = links.account(connection)
    asof = {"asof": st.query_params["asof"]} if "asof" in st.query_params else {}
    st.switch_page(way.page, query_params=way.query | asof)


def lines(found: Page, chosen: Picks) -> list[Line]:
    """Give the rows to draw: those of the page, each unfolded account followed by its other connections."""
    wanted = tuple(row.account for row in found.rows if row.account in chosen.unfolded)
    members = resources.kept(inventory.members, wanted) if wanted and chosen.accounts else {}
    drawn: list[Line] = []
    for row in found.rows:
        drawn.append(Line(row))
        drawn += [Line(other, beneath=True) for other in members.get(row.account or 0, ()) if other.id != row.id]
    return drawn


def actions(found: Page, chosen: Picks, asked: Chosen | None) -> None:
    """Draw the row above the table: what is chosen, what to do with it, the range, the way to other rows."""
    if found.first <= 1 and filters.placed():
        filters.write({})  # the first rows need no place
    if not found.believed:
        st.markdown(":small[:gray[The place in the address is not one of this list, so the list begins at its start.]]")
    total = f"{found.total:,}" if found.total_is_exact else f"more than {found.total:,}"
    what = ("account" if chosen.accounts else "connection") + ("" if found.total == 1 else "s")
    place = f" :small[:gray[· {found.first:,}{formats.DASH}{found.last:,}]]" if found.rows else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="list_actions"):
        st.markdown(_counted(chosen, total, what) + place, width="content")
        if found.rows:
            _on_chosen(found, chosen)
            requesting.of_chosen(chosen, asked, f"All {total} {what}")
            buttons.of_chosen(chosen, asked)
        st.space("stretch")
        if asked is not None:
            filters.rows(asked)
        _step("before", found.previous, ":material/chevron_left:", "Previous rows")
        _step("after", found.next, ":material/chevron_right:", "Next rows")


def _counted(chosen: Picks, total: str, what: str) -> str:
    if chosen.every is not None:
        return f"**All {total} {what}** :gray[selected]"
    number = chosen.number()
    if chosen.elsewhere:
        return f"**{number:,} selected**, :orange[{chosen.elsewhere:,} of them not in this list] :gray[of {total}]"
    return f"**{number:,} selected** :gray[of {total} {what}]" if number else f"**{total}** :gray[{what}]"


def _on_chosen(found: Page, chosen: Picks) -> None:
    """Draw what can be done with rows: always there, so that nothing jumps, and off until it can be done."""
    some = bool(chosen.chosen) or chosen.every is not None
    if some:
        st.button("Clear selection", type="tertiary", key="pick_none", on_click=picks.clear, args=(chosen,))
    else:
        label = f"Select all {found.total:,}" if found.total_is_exact else "Select all that match"
        st.button(label, type="tertiary", key="pick_all", on_click=picks.choose_all, args=(chosen,))
    alone = chosen.alone()
    if st.button("Open", icon=":material/open_in_full:", disabled=alone is None, key="pick_open") and alone:
        _open(alone)
    if chosen.accounts:
        ready = bool(chosen.chosen)
        icon, words = ":material/unfold_more:", "Show every source's line of the chosen accounts, or hide them again"
        st.button(
            "Unfold", icon=icon, help=words, disabled=not ready, key="unfold", on_click=picks.unfold, args=(chosen,)
        )


def _step(direction: str, place: str | None, icon: str, words: str) -> None:
    st.button(
        "", icon=icon, help=words, disabled=place is None, key=f"go_{direction}", on_click=_go, args=(direction, place)
    )


def _go(direction: str, place: str | None) -> None:
    filters.write({direction: (place,) if place else ()})


def empty(standing: Standing, chosen: Chosen) -> None:
    """Say why the list is empty, with a button for each filter to lift."""
    narrowing = {filters.NAMES.get(key, key): (key, ", ".join(words)) for key, words in chosen.narrowing.items()}
    with st.container(border=True, gap="small", key="empty"):
        if standing.connections == 0:
            st.markdown("**No connection is known yet.**")
            st.markdown(":gray[They appear as soon as a source has answered. How each source stands is under Health.]")
            return
        told = ", ".join(f"{name} {plain(words)}" for name, (_, words) in narrowing.items())
        st.markdown(f"**No connection matches**: {told}." if told else "**No connection is listed.**")
        with st.container(horizontal=True, gap="small"):
            for name, (key, _) in narrowing.items():
                icon, lift = ":material/filter_alt_off:", filters.lift
                st.button(f"Lift {name}", icon=icon, key=f"lift_{key}", on_click=lift, args=(key,))
            if len(narrowing) > 1:
                st.button("Clear all", type="tertiary", key="clear_all", on_click=filters.clear)
