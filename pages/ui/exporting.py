"""The menu of files: the chosen rows, what matches, or everything, as CSV or Parquet; each is a link to a download."""

from datetime import datetime
from urllib.parse import urlencode

import streamlit as st

from data.queries.filters import Filter
from pages.ui import file_menu, formats
from pages.ui.filters import Chosen
from pages.ui.picks import Picks
from services import exports
from services.exports import Form

FORMS = {Form.CSV.value: "CSV", Form.PARQUET.value: "Parquet"}
_MENU = "export_menu"


def is_open() -> bool:
    """Tell whether the menu is open: its links are those of the list as it was when the whole page was drawn."""
    return bool(st.session_state.get(_MENU))


def menu(chosen: Chosen, picked: Picks, at: datetime | None) -> None:
    """Draw the button."""
    file_menu.button(_MENU, lambda: _links(chosen, picked, at))


def _links(chosen: Chosen, picked: Picks, at: datetime | None) -> None:
    ids, then = list(picked.chosen), f"asof={at:%Y-%m-%d}" if at else ""
    if ids and len(ids) <= exports.MOST_CHOSEN:
        what = "account" if picked.accounts else "connection"
        rows = {} if picked.accounts else {"rows": ["connections"]}
        asked = _joined(urlencode({"id": ids} | rows, doseq=True), then)
        _row(f"Chosen: {formats.plural(picked.number(), what)}", asked)
    elif ids:
        st.caption(f"At most {exports.MOST_CHOSEN} chosen rows fit into one address: export all that match instead.")
    if chosen.filter != Filter():
        _row("All that match", _joined(chosen.asked.query, then))
    _row("Everything", then)
    whole = ", and of a chosen account one for each source that knows it" if ids and picked.accounts else ""
    st.caption(f"A line for each connection, as it {f'was known on {at:%Y-%m-%d}' if at else 'is now'}{whole}.")


def _joined(*parts: str) -> str:
    return "&".join(part for part in parts if part)


def _row(label: str, query: str) -> None:
    file_menu.links(label, "connections", query, FORMS, width=140)
