"""What the person who asked for a case may do to it: take it back, or ask again once it was declined."""

from datetime import UTC, datetime

import streamlit as st

from data.queries.cases import CaseRow
from data.types import CaseState
from pages.ui import case_taking, plans, resources
from pages.ui.plans import Plan
from services import approvals
from services.access import Actor
from services.approvals_steps import LONGEST_WORDS

_AGAIN = (CaseState.DECLINED, CaseState.CHANGES_REQUESTED)


def show(case: CaseRow, me: Actor) -> None:
    """Draw the deeds of the one who asked."""
    if case.state == CaseState.REQUESTED:
        _withdraw(case, me)
    elif case.state in _AGAIN:
        _again(case, me)


def _withdraw(case: CaseRow, me: Actor) -> None:
    with st.container(horizontal=True, gap="small", key="case_own"):
        if st.button("Withdraw …", icon=":material/undo:", key=case_taking.key("withdraw", case)):
            what = (
                f"Case {case.id} is at its end, and nobody decides it. You can ask for this account again at any time."
            )
            plan = Plan("Withdraw the request", ":material/undo:", what, "Withdraw", f"Case {case.id} is withdrawn.")
            plans.ask(plan, lambda: approvals.withdraw(resources.desk(), me, case.id, seen=case.version))


def _again(case: CaseRow, me: Actor) -> None:
    """Draw the note and the agreed time with which the case is requested again."""
    closed = case_taking.is_stale(case)
    words, time = st.columns([1.6, 1], gap="small")
    note = words.text_input(
        "Note for the reviewer",
        key=case_taking.words_key(case),
        max_chars=LONGEST_WORDS,
        placeholder="What has changed since",
        disabled=closed,
        autocomplete="off",
    )
    due = time.datetime_input(
        "Decide until, UTC",
        value=None,
        format="YYYY-MM-DD",
        help="Left empty, the rule for the agreed time counts",
        disabled=closed,
        key=case_taking.key("due", case),
    )
    with st.container(horizontal=True, gap="small", key="case_own"):
        again = st.button(
            "Request again",
            type="primary",
            icon=":material/replay:",
            disabled=closed,
            key=case_taking.key("again", case),
        )
    st.caption("The reviewer sees the account as it is then, and this note beside it.")
    if again:
        case_taking.take(
            case,
            "It is written down …",
            lambda: approvals.resubmit(
                resources.desk(), me, case.id, seen=case.version, note=note or "", due=_aware(due)
            ),
        )


def _aware(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)
