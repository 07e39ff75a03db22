"""The head of the composer: which draft it is, whether it is saved, what keeps it from leaving, and what to do."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

import streamlit as st

from data.queries import drafts
from pages.ui import cards, formats, plans, resources, session
from pages.ui.compose import may, pressing, rehearsing, several, tab, templates, words
from pages.ui.compose.sheet import Sheet
from pages.ui.plans import Plan
from pages.ui.text import plain
from services.messaging import drafts as keeping

_EVERY = 5.0
_ALL, _LIST, _DISCARD = "All drafts", "Send to several…", "Discard this draft…"
_NAMED = 3


def show(sheet: Sheet) -> None:
    """Draw the head."""
    title, controls = cards.head("Compose", widths=(1, 1.3))
    with title:
        st.fragment(run_every=_EVERY)(_saved)(sheet)
    with controls:
        _more(sheet)
        templates.menu()
        pressing.button(sheet)


def _saved(sheet: Sheet) -> None:
    """Say when it was saved, anew every few seconds; and that somebody else did, where it is so."""
    with resources.reading() as reading:
        now = drafts.one(reading, sheet.draft.id) or sheet.draft
    st.markdown(
        f":small[:gray[Draft {now.id} · saved {_ago(now.saved_at)} ·] {_standing(sheet)}{rehearsing.told(sheet)}]"
    )
    if now.version > tab.held().version and tab.held().theirs is None:
        who = "in another tab" if now.saved_by == session.here().username else f"by {plain(now.saved_by)}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":small[:orange[:material/sync_problem: Changed {who} meanwhile.]]", width="content")
            if st.button("Show it", type="tertiary", key="compose_show_theirs"):
                st.rerun(scope="app")


def _ago(at: datetime) -> str:
    seconds = max(int((formats.now() - at).total_seconds()), 0)
    return f"{seconds} s ago" if seconds < 60 else formats.ago(at)  # noqa: PLR2004 (seconds of a minute)


def _standing(sheet: Sheet) -> str:
    """Say what is wrong, else what is still to be filled, else what keeps it from being sent."""
    if sheet.errors:
        told = f"{formats.plural(len(sheet.errors), 'error')}: {_places(each.field for each in sheet.errors)}"
        return f":red[:material/error: {told}]"
    if sheet.empty:
        return f":gray[still to fill: {_places(sheet.empty)}]"
    reason = pressing.why_not(sheet)
    return f":orange[{plain(reason)}]" if reason else ":gray[no errors]"


def _places(fields: Iterable[str]) -> str:
    told = list(dict.fromkeys(words.place(each) for each in fields))
    named = [each for each in told if not any(other.startswith(f"{each}, ") for other in told)]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"{plain('; '.join(named[:_NAMED]))}{more}"


def _more(sheet: Sheet) -> None:
    ways = [_ALL, *([] if sheet.pressed else [_LIST]), *([_DISCARD] if may.discard(sheet.draft.owner) else [])]
    chosen = st.menu_button("More", ways, type="tertiary", key="compose_ways")
    if chosen == _ALL:
        st.query_params.clear()
        st.rerun(scope="app")
    if chosen == _LIST:
        several.ask(sheet)
    if chosen == _DISCARD:
        plans.ask(_discarding(sheet), partial(_discard, sheet.draft.id))


def _discarding(sheet: Sheet) -> Plan:
    what = f"The draft **{plain(words.about(sheet.body))}** goes, for everybody. What it has sent stays under Sent."
    return Plan("Discard a draft", ":material/delete:", what, "Discard", "Discarded the draft.")


def _discard(draft_id: str) -> None:
    keeping.discard(resources.desk(), session.actor(), draft_id)
    tab.forget()
    st.query_params.clear()
