"""Plan, then do, for many cases: the words of such plans, and how they and their results are drawn.

A page calls `standing()` once; a button calls `ask()` with what makes the plan.
"""

from collections.abc import Callable

import streamlit as st

from pages.ui import formats, resources, session, works
from pages.ui.approvals import case_results
from pages.ui.plans import outcomes
from pages.ui.text import plain
from services.approvals import plans
from services.approvals import work as approvals_work
from services.approvals.plans import Plan
from services.approvals.work import Work

Maker = Callable[[], Plan]
"""Makes a plan, for example `lambda: plans.plan_requests(desk, actor, connections, wish)`."""

_ICON = ":material/fact_check:"
VERBS = {
    "request": "Request",
    "approve": "Approve",
    "decline": "Decline",
    "changes": "Ask for changes to",
    "hold": "Hold",
    "release": "Release",
    "assign": "Reassign",
}
_DOING = {
    "request": "Requesting",
    "approve": "Approving",
    "decline": "Declining",
    "changes": "Asking for changes to",
    "hold": "Holding",
    "release": "Releasing",
    "assign": "Reassigning",
}


def _title(plan: Plan) -> str:
    return f"Plan: {VERBS[plan.action].lower()} {formats.plural(len(plan.rows), _noun(plan))}"


def _noun(plan: Plan) -> str:
    return "account" if plan.action == "request" else "case"


def _shown(plan: Plan) -> None:
    """Draw the plan: what will happen to how many."""
    rows = len(plan.rows)
    st.markdown(f"**{plain(_sentence(plan))}** Nothing has happened yet.")
    outcomes((case_results.outcome(row, plan) for row in plan.rows), f"{_noun(plan).capitalize()}s")
    label = f"Show the {formats.plural(rows, _noun(plan))}"
    fold = st.expander(label, key="case_plan_rows", on_change="rerun")
    if fold.open:
        with fold:
            case_results.planned(plan)
    if plan.reason:
        st.markdown(f":gray[With the words] “{plain(plan.reason)}”")
    if plan.doable:
        st.caption(_manner(plan))


def _verb(plan: Plan) -> str:
    return f"{VERBS[plan.action]} {len(plan.doable):,} of {len(plan.rows):,}"


def _sentence(plan: Plan) -> str:
    """Say how many will be sent, done, and left alone."""
    sent = sum(plan.calls.values())
    done, left = len(plan.doable) - sent, len(plan.rows) - len(plan.doable)
    parts = [
        f"{sent:,} will be sent" if sent else "",
        f"{done:,} will be {_done(plan)}" if done or not sent else "",
        f"{left:,} will be left alone" if left else "",
    ]
    return ", ".join(part for part in parts if part) + "."


def _done(plan: Plan) -> str:
    words = {
        "request": "requested",
        "approve": "approved and not sent",
        "decline": "declined",
        "changes": "sent back for changes",
        "hold": "put on hold",
        "release": "back in the queue",
        "assign": f"given to {plan.to or 'nobody in particular'}",
    }
    return words[plan.action]


def _manner(plan: Plan) -> str:
    """Say what a failure does, and how long it takes."""
    told = f"Each {_noun(plan)} gets its own result. One that fails doesn't stop the others."
    if not plan.calls:
        return told
    length = f"about {plan.seconds:,.0f} seconds" if plan.seconds > 1 else "a moment"
    unless = "If Zocial can't be reached or is full, the rest is left as it was."
    return f"{told} {unless} It takes {length}, one request after the other."


def _doing(work: Work) -> str:
    return f"{_DOING[work.plan.action]} {formats.plural(len(work.plan.doable), _noun(work.plan))}"


def _ended(work: Work) -> str:
    done, doable = sum(each.ok for each in work.results), len(work.plan.doable)
    left = len(work.plan.rows) - doable
    alone = f", {left:,} left alone" if left else ""
    return f"{_DOING[work.plan.action].split()[0]}: {done:,} of {doable:,} went as planned{alone}"


def _anew(work: Work) -> tuple[int, Maker]:
    """Count what was left, and give what makes its plan as it is now."""
    before, left = work.plan, case_results.left(work)

    def make() -> Plan:
        desk, actor = resources.desk(), session.actor()
        if before.action == "request":
            return plans.plan_requests(desk, actor, [row.connection or "" for row in left], before.wish)
        numbers = [row.case or 0 for row in left]
        words, to = before.reason, before.to
        return plans.plan_decisions(desk, actor, before.action, numbers, reason=words, to=to)

    return len(left), make


_kind = works.Kind(
    key="case_plan",
    icon=_ICON,
    title=_title,
    draw=_shown,
    verb=_verb,
    begin=approvals_work.begin,
    of=approvals_work.of,
    doing=_doing,
    ended=_ended,
    mark=case_results.mark,
    last="What is not clear yet is looked up",
    results=case_results.told,
    again=_anew,
)
ask, standing = _kind.ask, _kind.standing
