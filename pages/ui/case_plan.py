"""Plan, then do, for many cases: the dialog that shows a plan, carries it out, and gives a result per row.

A page calls `standing()` once, anywhere; a button calls `ask()` with what makes the plan, best as its `on_click`
(inside another dialog: `ask()`, then `st.rerun()`, which closes that one). What is in work goes on whatever the page
does: it is shown again after a reload.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial

import streamlit as st

from data.errors import DatabaseProblem
from pages.ui import case_results, formats, resources, session
from pages.ui.text import plain
from services import approvals_plans, approvals_work
from services.approvals_plans import Plan
from services.approvals_work import Work
from services.failures import Failure

Maker = Callable[[], Plan]
"""Makes a plan, for example `lambda: approvals_plans.plan_requests(desk, actor, connections, wish)`."""

_ASKED, _OPEN, _REFUSED = "case_plan_asked", "case_plan_open", "case_plan_refused"
_EVERY = 0.5
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


def ask(make: Maker, begun: Callable[[], None] | None = None) -> None:
    """Show the plan that `make` gives, in a dialog that `standing()` opens; nothing happens before its second press.

    `begun` is called once the plan is being carried out, for example to choose nothing any more.
    """
    st.session_state[_ASKED] = (make, begun)


def standing() -> None:
    """Draw what is in work, or its results until they are put away; and open the dialog that was asked for."""
    asked: tuple[Maker, Callable[[], None] | None] | None = st.session_state.get(_ASKED)
    opened = st.session_state.get(_OPEN, False)
    work = approvals_work.of(session.actor().username)
    if asked is not None:
        _show(*asked)
    elif work is not None and opened:
        _show_work(work)
    elif work is not None:
        _strip(work)
    for wish in (_ASKED, _OPEN):  # a run that is broken off does not come so far: the next one grants it
        st.session_state.pop(wish, None)


def _show(make: Maker, begun: Callable[[], None] | None) -> None:
    try:
        with st.spinner("The plan is made …"):
            plan = make()
    except (Failure, DatabaseProblem) as refused:
        st.dialog("No plan", icon=_ICON)(_no_plan)(refused)
        return
    title = f"Plan: {VERBS[plan.action].lower()} {formats.plural(len(plan.rows), _noun(plan))}"
    st.dialog(title, width="medium", icon=_ICON)(_shown)(plan, begun)


def _no_plan(refused: Failure | DatabaseProblem) -> None:
    st.markdown(f"{plain(refused.message)}  \n:gray[{plain(refused.advice)}]")
    if st.button("Close", key="case_plan_close"):
        st.rerun()


def _noun(plan: Plan) -> str:
    return "account" if plan.action == "request" else "case"


def _shown(plan: Plan, begun: Callable[[], None] | None) -> None:
    """Draw the plan: what will happen to how many, and the button that does it."""
    doable, rows = len(plan.doable), len(plan.rows)
    st.markdown(f"**{plain(_sentence(plan))}** Nothing has happened yet.")
    st.table(_outcomes(plan), border="horizontal", hide_index=True, alt="Table of what will happen to how many")
    label = f"Show the {formats.plural(rows, _noun(plan))}"
    fold = st.expander(label, key="case_plan_rows", on_change="rerun")
    if fold.open:
        with fold:
            case_results.planned(plan)
    if plan.reason:
        st.markdown(f":gray[With the words] “{plain(plan.reason)}”")
    if doable:
        st.caption(_manner(plan))
    _wrong()
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="case_plan_cancel"):
            st.rerun()
        verb = f"{VERBS[plan.action]} {doable:,} of {rows:,}"
        icon = ":material/check:"
        if st.button(
            verb,
            type="primary",
            icon=icon,
            disabled=not doable,
            key="case_plan_do",
            on_click=partial(_begin, plan, begun),
        ):
            st.rerun()


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


def _outcomes(plan: Plan) -> dict[str, list[str]]:
    """Count the rows by what will happen to them, what will be done first."""
    counted = Counter(case_results.outcome(row, plan) for row in plan.rows)
    ordered = sorted(counted.items(), key=lambda each: (":gray[" in each[0], -each[1]))
    return {
        "What will happen": [words for words, _ in ordered],
        f"{_noun(plan).capitalize()}s": [f"{number:,}" for _, number in ordered],
    }


def _manner(plan: Plan) -> str:
    """Say what a failure does, and how long it takes."""
    told = f"Each {_noun(plan)} gets its own result. One that fails doesn't stop the others."
    if not plan.calls:
        return told
    length = f"about {plan.seconds:,.0f} seconds" if plan.seconds > 1 else "a moment"
    unless = "If Zocial can't be reached or is full, the rest is left as it was."
    return f"{told} {unless} It takes {length}, one request after the other."


def _begin(plan: Plan, begun: Callable[[], None] | None) -> None:
    st.session_state.pop(_REFUSED, None)
    try:
        approvals_work.begin(resources.desk(), session.actor(), plan)
    except Failure as refused:
        st.session_state[_REFUSED] = refused
    else:
        st.session_state[_OPEN] = True
        if begun is not None:
            begun()


def _wrong() -> None:
    refused: Failure | None = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        st.markdown(f":small[:red[:material/error: {plain(refused.message)}]]  \n:small[{plain(refused.advice)}]")


def _show_work(work: Work) -> None:
    if not work.over:
        st.dialog(_doing(work), width="medium", icon=_ICON, on_dismiss="rerun")(_going)(work)
    else:
        st.dialog(_ended(work), width="large", icon=_ICON, on_dismiss="rerun")(_results)(work)


def _doing(work: Work) -> str:
    return f"{_DOING[work.plan.action]} {formats.plural(len(work.plan.doable), _noun(work.plan))}"


def _ended(work: Work) -> str:
    done, doable = sum(each.ok for each in work.results), len(work.plan.doable)
    left = len(work.plan.rows) - doable
    alone = f", {left:,} left alone" if left else ""
    return f"{_DOING[work.plan.action].split()[0]}: {done:,} of {doable:,} went as planned{alone}"


def _going(work: Work) -> None:
    """Draw how far it is."""
    st.caption("You can close this: it goes on, and its results wait here.")
    _progress(work, strip=False)


@st.fragment(run_every=_EVERY)
def _progress(work: Work, *, strip: bool) -> None:
    """Draw the bar, anew twice a second, and the page once it is over."""
    if work.over:
        st.session_state[_OPEN] = not strip
        st.rerun(scope="app")
    rows, done = len(work.plan.rows), work.done
    bad = [
        f", {number:,} {what}"
        for number, what in ((work.failed, "not done"), (work.unclear, "not known yet"))
        if number
    ]
    words = (
        f":small[**{done:,} of {rows:,}**{''.join(bad)}]"
        if done < rows
        else ":small[What is not clear yet is looked up]"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.progress(done / rows if rows else 1.0, text=words, width="stretch")
        stopping = work.stopping
        label = "Stopping" if stopping else "Stop"
        st.button(
            label, icon=":material/stop_circle:", disabled=stopping, key=f"case_plan_stop_{strip}", on_click=work.stop
        )


def _strip(work: Work) -> None:
    """Draw what is in work, or that it is over, in one line of the page."""
    with st.container(border=True, gap="small", key="case_plan_strip"):
        if not work.over:
            st.markdown(f"**{_doing(work)}**")
            _progress(work, strip=True)
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"{case_results.mark(work)} **{_ended(work)}** :gray[{formats.ago(work.started_at)}]")
            st.space("stretch")
            st.button("Show the results", icon=":material/list_alt:", key="case_plan_show", on_click=_open)
            st.button("Put away", type="tertiary", key="case_plan_away", on_click=_put_away)


def _open() -> None:
    st.session_state[_OPEN] = True


def _put_away() -> None:
    approvals_work.put_away(session.actor().username)


def _results(work: Work) -> None:
    """Draw what became of each row, and the way to plan anew what was not done."""
    case_results.told(work)
    again = case_results.left(work)
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if again:
            label = f"Plan {len(again):,} anew"
            if st.button(label, icon=":material/replay:", key="case_plan_anew", on_click=ask, args=(_anew(work),)):
                st.rerun()
        if st.button("Done", type="primary", key="case_plan_done", on_click=_put_away):
            st.rerun()


def _anew(work: Work) -> Maker:
    """Make the plan of what was left, as it is now."""
    before, left = work.plan, case_results.left(work)

    def make() -> Plan:
        desk, actor = resources.desk(), session.actor()
        if before.action == "request":
            return approvals_plans.plan_requests(desk, actor, [row.connection or "" for row in left], before.wish)
        numbers = [row.case or 0 for row in left]
        return approvals_plans.plan_decisions(desk, actor, before.action, numbers, reason=before.reason)

    return make
