"""The list of recipients, and the search in it."""

import streamlit as st

from data.queries.filters import LONGEST_SEARCH
from data.queries.recipients import Found, Listed
from pages.ui import cards, choosing, formats
from pages.ui.table import cells
from pages.ui.table.cells import Column
from pages.ui.table.draw import Parts, Sheet
from pages.ui.text import plain, short

MOST = 200
"""Recipients that are drawn; a search finds the others."""
_SEARCH = "q"
_QUOTED = 40


def search() -> str:
    """Draw the search and give what was typed."""
    return st.text_input(
        "Search name, igsid or consent note",
        type="search",
        icon=":material/search:",
        placeholder="Name, igsid, consent",
        max_chars=LONGEST_SEARCH,
        label_visibility="collapsed",
        width=260,
        key=_SEARCH,
        bind="query-params",
    )


def line(found: Found, searched: str, *, manages: bool) -> None:
    """Say how many there are, and who keeps them."""
    count = f"{found.total:,} found" if searched.strip() else formats.plural(found.total, "recipient")
    told = "Messages go to these people only" if manages else "Messages go to these people only; admins keep the list"
    st.markdown(f":small[:gray[{count} · {told}]]")


def table(found: Found, searched: str, *, manages: bool) -> Listed | None:
    """Draw the recipients and give the chosen one, or say why there is none."""
    if not found.rows:
        _empty(searched.strip(), manages=manages)
        return None
    by_id = {str(each.id): each for each in found.rows}
    label = f"Table of {len(found.rows):,} test recipients with igsid, variables and consent"
    chosen = choosing.row(Sheet.of(_PARTS, found.rows, list(by_id)), parameter="recipient", label=label)
    if found.total > len(found.rows):
        st.markdown(f":small[:gray[The first {len(found.rows):,} of {found.total:,} by name. Search for the others.]]")
    return by_id[chosen] if chosen else None


def _variables(each: Listed) -> str | None:
    return cells.text(", ".join(f"{name} = {value}" for name, value in each.variables.items()) or None)


_PARTS: Parts[Listed] = [
    (Column("name", "Name", "link", 140), lambda each: cells.text(each.name)),
    (Column("igsid", "igsid", "text", 146, "The vendor's id of the person"), lambda each: cells.text(each.igsid)),
    (Column("variables", "Variables", "text", 160), _variables),
    (Column("consent", "Consent", "text", 116, later=True), lambda each: cells.text(each.consent or None)),
    (Column("changed", "Changed", "ago", 92, later=True), lambda each: cells.instant(each.changed_at)),
]


def _empty(searched: str, *, manages: bool) -> None:
    if searched:
        cards.empty(f"No recipient matches “{plain(short(searched, _QUOTED))}”.", "Search for less of it.")
        return
    what = "Messages go to named test recipients only. "
    step = "Add one, or import a CSV file." if manages else "Ask an admin to add one."
    cards.empty("There is no test recipient yet.", what + step)
