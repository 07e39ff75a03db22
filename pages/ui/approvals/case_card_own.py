"""What the person who asked for a case may do to it: take it back, or ask again once it was declined."""

from functools import partial

import streamlit as st

from data.queries.cases import CaseRow
from data.types import CaseState
from pages.ui import plans, resources, session
from pages.ui.approvals import case_taking, wishes
from pages.ui.plans import Plan
from services.approvals import own

_AGAIN = "case_again"
_ICON = ":material/replay:"


def show(case: CaseRow) -> None:
    """Draw the deeds of the one who asked."""
    with st.container(horizontal=True, gap="small", key="case_own"):
        if case.state == CaseState.REQUESTED:
            _withdraw(case)
        elif case.state in {CaseState.DECLINED, CaseState.CHANGES_REQUESTED}:
            _again(case)


def _withdraw(case: CaseRow) -> None:
    if st.button("Withdraw …", icon=":material/undo:", key=case_taking.key("withdraw", case)):
        what = f"Case {case.id} is at its end, and nobody decides it. You can ask for this account again at any time."
        plan = Plan("Withdraw the request", ":material/undo:", what, "Withdraw", f"Case {case.id} is withdrawn.")
        plans.ask(plan, lambda: own.withdraw(resources.desk(), session.actor(), case.id, seen=case.version))


def _again(case: CaseRow) -> None:
    if st.button("Request again …", icon=_ICON, type="primary", key=case_taking.key("again", case)):
        plans.opened("Request again", _ICON, partial(_form, case), form=_AGAIN)


def _form(case: CaseRow) -> None:
    st.markdown(f"Case {case.id} goes back into the queue: the reviewer sees the account as it is now, with this note.")
    wishes.form("Request again", partial(_resubmit, case), form=_AGAIN, key="again")


def _resubmit(case: CaseRow) -> None:
    wish = wishes.given()
    plans.attempted(
        lambda: own.resubmit(
            resources.desk(), session.actor(), case.id, seen=case.version, note=wish.note, due=wish.due
        ),
        f"Case {case.id} is requested again.",
        form=_AGAIN,
    )
