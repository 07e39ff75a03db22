"""One recipient: what is kept of them, and what an admin can do."""

import streamlit as st

from data.queries.recipients import Listed
from pages.ui import cards, formats, links, plans, resources, session
from pages.ui.plans import Plan
from pages.ui.recipients import form
from pages.ui.text import plain, short
from services.messaging import recipients

_CELL = 160


def show(each: Listed, *, manages: bool) -> None:
    """Draw one recipient."""
    with cards.card(plain(each.name), formats.plural(len(each.variables), "variable"), key="recipient_card"):
        st.table(_facts(each), border="horizontal", alt=f"Table of what is kept of the recipient {plain(each.name)}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipient_deeds"):
            way = links.messages(recipient=each.name)
            st.page_link(way.page, label="Sent messages", icon=":material/outbox:", query_params=way.query)
            if manages:
                _deeds(each)


def _facts(each: Listed) -> dict[str, str]:
    variables = {
        f":gray[{{{{{plain(name)}}}}}]": plain(short(value, _CELL)) for name, value in sorted(each.variables.items())
    }
    return {
        ":gray[igsid]": plain(each.igsid),
        **variables,
        ":gray[Consent]": plain(short(each.consent, _CELL)) or ":gray[not told]",
        ":gray[Added]": f"{formats.exact(each.created_at)} :gray[by {plain(each.created_by)}]",
        ":gray[Changed]": formats.ago(each.changed_at),
    }


def _deeds(each: Listed) -> None:
    if st.button("Edit …", icon=":material/edit:", key="edit_recipient"):
        form.edit(each)
    if st.button("Remove …", icon=":material/delete:", key="remove_recipient"):
        _ask_remove(each)


def _ask_remove(each: Listed) -> None:
    desk, actor = resources.desk(), session.actor()
    stops = recipients.removal(desk, actor, each.name)
    drafts = (
        f"{formats.plural(stops.drafts, 'draft')} can't be sent until another recipient is chosen. "
        if stops.drafts
        else ""
    )
    leaving = f"{formats.plural(stops.leaving, 'message')} on the way may still arrive. " if stops.leaving else ""
    what = f"Nobody can send to **{plain(each.name)}** any more. {drafts}{leaving}What was sent stays, with the name."
    plan = Plan("Remove the recipient", ":material/delete:", what, "Remove", f"{each.name} is no recipient any more.")
    plans.ask(plan, lambda: recipients.remove(desk, session.actor(), each.name))
