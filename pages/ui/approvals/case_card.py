"""One case as its reviewer reads it: who and what, what came back and why, the evidence, the deeds and the story."""

import streamlit as st

from pages.ui import cards, resources, session
from pages.ui.approvals import (
    case_card_deeds,
    case_card_evidence,
    case_card_head,
    case_card_notices,
    case_open,
    case_story,
    case_taking,
)
from pages.ui.approvals.case_card_deeds import Looked
from pages.ui.text import plain
from services.approvals import story
from services.failures import Failure


def show(number: int) -> None:
    """Draw the card of a case in full, with what the signed-in person may do to it."""
    try:
        told = resources.kept(story.told, number)
    except Failure as missing:
        cards.empty(plain(missing.message), "The link may be old or incomplete. Choose a case in the list.")
        return
    me = session.actor()
    with st.container(border=True, gap="small", key="case_card"):
        case_card_head.show(told)
        case_card_notices.show(told, me)
        case_card_evidence.facts(told, me.username)
        case_card_evidence.earlier(told, me.username)
        _below(case_card_deeds.look(told, me))


@st.fragment(run_every=case_taking.LOOK_EVERY)
def _below(looked: Looked) -> None:
    """Draw the rest apart from the page, so that a decision is taken on what was looked at, however old that is.

    What somebody else did meanwhile is told within seconds. Who looked may have been signed out since, or have another
    role, or another case is open by now: then the page is drawn anew, without a step.
    """
    someone = session.person()
    if someone is None or someone.actor != looked.me or not case_open.is_still(looked.told.case.id):
        st.rerun(scope="app")
    case_taking.looked()
    case_card_evidence.sources(looked.told)
    case_card_deeds.show(looked)
    case_taking.moved(looked.told.case, looked.me.username)
    case_story.card(looked.told.steps, looked.me.username)
