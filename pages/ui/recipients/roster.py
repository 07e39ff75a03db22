"""The list of recipients, and the search in it."""

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries.filters import LONGEST_SEARCH
from data.queries.recipients import Found, Listed
from pages.ui import cards, choosing, formats
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
    alt = f"Table of {len(found.rows):,} test recipients with igsid, variables and consent"
    chosen = choosing.row(_drawn(found), list(by_id), parameter="recipient", columns=_columns(), alt=alt)
    if found.total > len(found.rows):
        st.markdown(f":small[:gray[The first {len(found.rows):,} of {found.total:,} by name. Search for the others.]]")
    return by_id[chosen] if chosen else None


def _drawn(found: Found) -> pa.Table:
    rows = found.rows
    variables = [", ".join(f"{name} = {value}" for name, value in each.variables.items()) or None for each in rows]
    return pa.table(
        {
            "name": pa.array([each.name for each in rows], pa.string()),
            "igsid": pa.array([each.igsid for each in rows], pa.string()),
            "variables": pa.array(variables, pa.string()),
            "consent": pa.array([each.consent or None for each in rows], pa.string()),
            "changed": pa.array([each.changed_at for each in rows], pa.timestamp("us", tz="UTC")),
        }
    )


def _columns() -> dict[str, object]:
    config = st.column_config
    return {
        "name": config.TextColumn("Name", width=140),
        "igsid": config.TextColumn("igsid", width=140, help="The vendor's id of the person"),
        "variables": config.TextColumn("Variables", width=170),
        "consent": config.TextColumn("Consent", width=92),
        "changed": config.DatetimeColumn("Changed", format="distance", width=112),
    }


def _empty(searched: str, *, manages: bool) -> None:
    if searched:
        cards.empty(f"No recipient matches “{plain(short(searched, _QUOTED))}”.", "Search for less of it.")
        return
    what = "Messages go to named test recipients only. "
    step = "Add one, or import a CSV file." if manages else "Ask an admin to add one."
    cards.empty("There is no test recipient yet.", what + step)
