"""Pieces of the Audit page: what is asked for, the table, the files, and whether the chain holds."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

import streamlit as st

from data.queries.newest import Stretch
from data.queries.trail import Entry, Wanted
from pages.ui import choosing, file_menu, filters, formats, paging, resources, session
from pages.ui.formats import Look
from pages.ui.table import cells
from pages.ui.table.cells import Column
from pages.ui.table.draw import Parts, Sheet
from pages.ui.text import plain, short
from services import trail
from services.trail import KEYS, Verdict

ROW = "row"
_VERDICT = "audit_verdict"
_NAMES = {"q": "search", "from": "from", "to": "to"}
_SHOWN = 40
_FORMS = {"csv": "CSV", "jsonl": "JSON lines"}
_OUTCOMES = {
    "done": Look("done", None, "check"),
    "refused": Look("refused", "red", "block"),
    "unknown": Look("unknown", "orange", "help"),
    "broken off": Look("broken off", "orange", "link_off"),
}
_OTHER = Look("", None, "help")


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the words that narrow the trail, and those that make no sense."""

    words: dict[str, str]
    dropped: list[tuple[str, str]]

    @property
    def wanted(self) -> Wanted:
        """Give the question."""
        return trail.asked(self.words.items())


def asked() -> Asked:
    """Read the address."""
    return Asked(*trail.understood(st.query_params.items()))


def chosen() -> int | None:
    """Give the number of the row that the address names."""
    return paging.number(ROW)


def line() -> None:
    """Say what this is."""
    st.markdown(":small[:gray[Every action and every refusal · each row is chained to the one before · times in UTC]]")


def page(question: Asked) -> Stretch:
    """Ask for the rows."""
    after, before = paging.places()
    return trail.page(resources.desk(), session.actor(), question.wanted, after=after, before=before)


def choices(question: Asked) -> None:
    """Draw the row of choices; what the address names is a choice even where the trail holds none of it."""
    known, words = trail.words(resources.desk(), session.actor()), question.words
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit_choices"):
        label, hint = "Search actor, action, subject or reason", "Actor, action, subject, reason"
        filters.search(words.get("q", ""), label=label, placeholder=hint, width=216)
        for key, options in (("actor", known.actors), ("action", known.families), ("outcome", known.outcomes)):
            filters.one_of(key, options, words.get(key, ""))
        for key in ("from", "to"):
            word = words.get(key)
            filters.day(key, date.fromisoformat(word[:10]) if word else None)
        if words:
            st.button("Clear", type="tertiary", key="clear_audit", on_click=_clear)


def _clear() -> None:
    filters.write(dict.fromkeys(KEYS, ()))


def dropped(question: Asked) -> None:
    """Say what of the address made no sense."""
    if question.dropped:
        told = ", ".join(f"{key} “{plain(short(word, _SHOWN))}”" for key, word in question.dropped)
        st.markdown(f":small[:gray[:material/filter_alt_off: Dropped from the address: {told} is no day of the past.]]")


def table(found: Stretch) -> None:
    """Draw the rows; the one that is chosen stands in the address."""
    rows: list[Entry] = found.rows
    label = f"Table of {formats.plural(len(rows), 'row')} of the audit trail, the newest first"
    choosing.row(Sheet.of(_PARTS, rows, [str(row.id) for row in rows]), parameter=ROW, label=label, required=False)


def look(outcome: str) -> Look:
    """Give the look of an outcome."""
    return _OUTCOMES.get(outcome, Look(outcome, None, _OTHER.icon))


_PARTS: Parts[Entry] = [
    (Column("at", "When", "ago", 96), lambda row: cells.instant(row.at)),
    (Column("actor", "Who", "text", 110), lambda row: cells.text(row.actor)),
    (Column("action", "Did", "link", 152), lambda row: cells.text(row.action)),
    (Column("subject", "About", "text", 210), lambda row: cells.text(row.subject)),
    (Column("outcome", "Outcome", "chips", 100), lambda row: [cells.chip(look(row.outcome))]),
    (Column("reason", "Why", "text", 370), lambda row: cells.text(row.reason)),
]


def empty(question: Asked) -> None:
    """Say why nothing is shown."""
    told = ", ".join(f"{_NAMES.get(key, key)} {plain(short(word, _SHOWN))}" for key, word in question.words.items())
    with st.container(border=True, gap="small", key="empty"):
        st.markdown(f"**No row matches**: {told}." if told else "**The trail is empty.** :gray[Nothing was done yet.]")
        if told:
            st.button("Clear all", type="tertiary", key="clear_all", on_click=_clear)


def files(question: Asked) -> None:
    """Draw the menu of files."""
    said = "The oldest row first, with the hashes. That it was taken stands in the trail."
    file_menu.whole("audit_export", "audit", urlencode(question.words), _FORMS, said=said)


def verify() -> None:
    """Draw the button that checks the whole chain."""
    if st.button("Verify chain", icon=":material/verified_user:", key="verify_chain"):
        with st.spinner("Every row is checked …"):
            st.session_state[_VERDICT] = trail.verified(resources.desk(), session.actor())


def verdict() -> None:
    """Say what the last check of this session found."""
    found: Verdict | None = st.session_state.get(_VERDICT)
    if found is None:
        return
    at = f":gray[checked {formats.ago(found.at)}]"
    if found.bad is None:
        st.markdown(f":green[:material/verified_user: **The chain holds**], {formats.plural(found.rows, 'row')} {at}")
        return
    with st.container(border=True, gap=None, key="bad_row"):
        st.markdown(
            f":red[:material/gpp_bad: **The chain is broken at row {found.bad.id}**]: {plain(found.bad.why)}. {at}"
        )
        st.markdown(":gray[Keep the database as it is, and compare it with a backup: somebody wrote around Patchbay.]")
