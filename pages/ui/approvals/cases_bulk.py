"""What can be done with many cases: the row of buttons, and what is asked before a plan is made."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from data.queries.cases import CaseFilter, CasePage, Tab
from pages.ui import dialogs, picks, plans, resources, session
from pages.ui.approvals import case_looks, case_plan, cases_list
from pages.ui.approvals.cases_filters import Chosen
from pages.ui.picks import Picks
from services import people
from services.access import Permission, roles_that_may
from services.approvals import plans as approvals_plans
from services.approvals.plans import Plan
from services.approvals.steps import LONGEST_WORDS

Wanted = Sequence[int] | CaseFilter
_FORM, _APPROVE = "cases_bulk", "bulk_approve"
_REASON, _TO = "cases_reason", "cases_to"
_DEEDS = {
    "Decline …": ("decline", ":material/do_not_disturb_on:"),
    "Ask for changes …": ("changes", ":material/rate_review:"),
    "Hold …": ("hold", ":material/front_hand:"),
    "Release …": ("release", ":material/undo:"),
    "Reassign …": ("assign", ":material/person_add:"),
}
_NOBODY = "Nobody: whoever comes first"


def possible(tab: Tab) -> bool:
    """Tell whether this person can decide many cases of a tab at once."""
    return session.actor().may(Permission.DECIDE_CASES) and tab not in {Tab.WAITING, Tab.DECIDED}


def pressed() -> bool:
    """Tell whether the plan of many was asked for just now: the whole page draws it."""
    return bool(st.session_state.get(_APPROVE))


def actions(shown: CasePage, found: Picks, asked: Chosen) -> None:
    """Draw what can be done with those that are chosen: always there, so that nothing jumps."""
    some = bool(found.chosen) or found.every is not None
    if some:
        st.button("Clear selection", type="tertiary", key="pick_none", on_click=picks.clear, args=(found,))
    else:
        label = f"Select all {shown.total:,}" if shown.total_is_exact else "Select all that match"
        st.button(label, type="tertiary", key="pick_all", on_click=picks.choose_all, args=(found,))
    wanted: Wanted = asked.filter if found.every is not None else tuple(int(each) for each in found.chosen)
    st.button(
        f"Approve {_number(shown, found)} …" if some else "Approve …",
        icon=":material/done_all:",
        disabled=not some,
        key=_APPROVE,
        on_click=case_plan.ask,
        args=(partial(_plan, "approve", wanted), partial(picks.clear, found)),
    )
    deed = st.menu_button("Other steps", list(_DEEDS), disabled=not some, key="bulk_more")
    if deed is not None:
        _ask(_DEEDS[deed], wanted, _number(shown, found), partial(picks.clear, found))


def _number(shown: CasePage, found: Picks) -> str:
    return cases_list.total(shown) if found.every is not None else f"{found.number():,}"


def _plan(action: str, wanted: Wanted, reason: str = "", to: str | None = None) -> Plan:
    return approvals_plans.plan_decisions(resources.desk(), session.actor(), action, wanted, reason=reason, to=to)


def _ask(deed: tuple[str, str], wanted: Wanted, number: str, begun: Callable[[], None]) -> None:
    """Ask for what the plan needs besides, then show the plan."""
    action, icon = deed
    if action in {"hold", "release"}:
        case_plan.ask(partial(_plan, action, wanted), begun)
        st.rerun()
    title = f"{case_plan.VERBS[action]} {number} {'case' if number == '1' else 'cases'}"
    draw = partial(_person, wanted, begun) if action == "assign" else partial(_reason, action, wanted, begun)
    plans.opened(title, icon, draw, form=_FORM)


def _reason(action: str, wanted: Wanted, begun: Callable[[], None]) -> None:
    what = "What shall be changed?" if action == "changes" else "Why?"
    words = st.text_area(what, key=_REASON, max_chars=LONGEST_WORDS, placeholder="Every requester of these reads it")
    _next(partial(_plan, action, wanted, words), begun, possible=bool(words.strip()))


def _person(wanted: Wanted, begun: Callable[[], None]) -> None:
    names = deciders()
    to = st.selectbox("Who shall decide them?", [_NOBODY, *names], format_func=_named, key=_TO)
    _next(partial(_plan, "assign", wanted, to=None if to == _NOBODY else to), begun, possible=True)


def _named(choice: str) -> str:
    return choice if choice == _NOBODY else case_looks.person(choice)


def deciders() -> list[str]:
    """Name who may decide cases and may sign in."""
    found, deciding = people.everyone(resources.desk(), session.actor()), roles_that_may(Permission.DECIDE_CASES)
    return [each.username for each in found if each.disabled_at is None and each.role in deciding]


def _next(make: case_plan.Maker, begun: Callable[[], None], *, possible: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="bulk_cancel"):
            dialogs.close()
        if st.button("Show the plan", type="primary", disabled=not possible, key="bulk_plan"):
            case_plan.ask(make, begun)
            dialogs.close()
