"""The head of the composer: which draft it is, whether it is saved, what keeps it from leaving, and what to do."""

from datetime import datetime
from functools import partial

import streamlit as st

from data.queries import drafts
from pages.ui import cards, formats, plans, resources, session
from pages.ui.compose import many, may, pressing, tab, templates, words
from pages.ui.compose.sheet import Sheet
from pages.ui.plans import Plan
from pages.ui.text import plain
from services.messaging import drafts as keeping

_EVERY = 5.0
_ALL, _LIST, _DISCARD = "All drafts", "Send to several…", "Discard this draft…"
_NAMED = 3


def show(sheet: Sheet) -> None:
    """Draw the head."""
    title, controls = cards.head("Compose", widths=(1.25, 1))
    with title:
        st.fragment(run_every=_EVERY)(_saved)(sheet)
        _errors(sheet)
    with controls:
        _more(sheet)
        templates.menu()
        pressing.button(sheet)


def _saved(sheet: Sheet) -> None:
    """Say when it was saved, anew every few seconds; and that somebody else did, where it is so."""
    with resources.reading() as reading:
        now = drafts.one(reading, sheet.draft.id) or sheet.draft
    errors = "" if sheet.problems or sheet.prepared is None else " · no errors"
    saved = f":small[:gray[Draft {now.id} · saved {_ago(now.saved_at)}{errors}]]"
    st.markdown(saved)
    if now.version > tab.held().version and tab.held().theirs is None:
        who = "in another tab" if now.saved_by == session.here().username else f"by {plain(now.saved_by)}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":small[:orange[:material/sync_problem: Changed {who} meanwhile.]]", width="content")
            if st.button("Show it", type="tertiary", key="compose_show_theirs"):
                st.rerun(scope="app")


def _ago(at: datetime) -> str:
    seconds = max(int((formats.now() - at).total_seconds()), 0)
    return f"{seconds} s ago" if seconds < 60 else formats.ago(at)  # noqa: PLR2004 (seconds of a minute)


def _errors(sheet: Sheet) -> None:
    wrong = list(dict.fromkeys(words.place(each.field) for each in sheet.problems))
    if wrong:
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        told = f"{formats.plural(len(sheet.problems), 'error')}: {plain('; '.join(wrong[:_NAMED]))}{more}"
        st.markdown(f":small[:red[:material/error: {told}]]")


def _more(sheet: Sheet) -> None:
    ways = [_ALL, *([] if sheet.pressed else [_LIST]), *([_DISCARD] if may.discard(sheet.draft.owner) else [])]
    chosen = st.menu_button("More", ways, type="tertiary", key="compose_ways")
    if chosen == _ALL:
        st.query_params.clear()
        st.rerun(scope="app")
    if chosen == _LIST:
        many.ask(sheet)
    if chosen == _DISCARD:
        plans.ask(_discarding(sheet), partial(_discard, sheet.draft.id))


def _discarding(sheet: Sheet) -> Plan:
    what = f"The draft **{plain(words.about(sheet.body))}** goes, for everybody. What it has sent stays under Sent."
    return Plan("Discard a draft", ":material/delete:", what, "Discard", "Discarded the draft.")


def _discard(draft_id: str) -> None:
    keeping.discard(resources.desk(), session.actor(), draft_id)
    tab.forget()
    st.query_params.clear()
