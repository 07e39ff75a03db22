"""What may be done to a case by whom: decide it, give it away, or, as the one who asked, take it back or ask again."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st

from data.queries.cases import CaseRow
from data.types import ACTIVE, CaseState
from pages.ui import resources
from pages.ui.approvals import case_card_own, case_looks, case_taking, cases_bulk, requesting
from pages.ui.text import plain
from services.access import SYSTEM, Actor, Permission
from services.approvals import decisions, plans, rules
from services.approvals.plans import Row
from services.approvals.sending import chosen, zocial_sources
from services.approvals.steps import LONGEST_WORDS, UNDECIDED, Outcome
from services.approvals.story import Story
from services.approvals.typed import Account

_NOBODY = ""
_OVER = (CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.REJECTED)
"""The ends after which an account may be asked for anew, with a case of its own."""


class Looked(NamedTuple):
    """A case as it was looked at by a person, with what the plan says of approving it."""

    told: Story
    me: Actor
    plan: Row | None
    own: bool
    """Whether the person, or one in whose place they decide, asked for it."""
    source: str | None
    """Where an approved case would be sent to."""


def look(told: Story, me: Actor) -> Looked:
    """Give a case as it is looked at now: what a decision is taken on."""
    case, decides = told.case, told.case.state == CaseState.REQUESTED and me.may(Permission.DECIDE_CASES)
    plan = resources.kept(plans.approval, me.username, case.id) if decides else None
    own = case.requested_by in resources.kept(rules.persons_now, me.username)
    return Looked(told, me, plan, own, _source(told) if case.state == CaseState.APPROVED else None)


def _source(told: Story) -> str | None:
    """Name the Zocial source that an approved case would be sent to."""
    with resources.reading() as reading:
        zocial = zocial_sources(reading)
    own = next((each.id for each in zocial if each.name == told.case.source), None)
    source = chosen(zocial, own, told.evidence)
    return None if source is None else source.name


def show(looked: Looked) -> None:
    """Draw what this person may do to a case, and say who may do what they may not."""
    case, me, earlier = looked.told.case, looked.me, looked.told.earlier
    decides, asked = me.may(Permission.DECIDE_CASES), case.requested_by == me.username
    if case.state == CaseState.REQUESTED and decides:
        _decide(looked)
    elif case.state == CaseState.HELD and decides:
        _release(looked)
    elif case.state == CaseState.APPROVED and decides:
        _send(looked)
    elif case.state in UNDECIDED and not asked:
        who = "Admins decide it" if not decides else "Nothing is to be decided now"
        st.markdown(f":small[:gray[{who}. {case_looks.who(case.requested_by)} asked for it.]]")
    if asked and me.may(Permission.REQUEST_APPROVAL):
        case_card_own.show(case)
    if case.state in _OVER and not any(each.state in ACTIVE for each in earlier):
        _anew(looked.told)
    case_taking.refusal(case)


def _anew(told: Story) -> None:
    """Draw the way to ask for the account with a new case: what was typed in can be mended before."""
    case = told.case
    if case.connection_id is not None:
        requesting.of_one(case.connection_id, plain(case_looks.title(case)), primary=False)
    else:
        typed = told.evidence
        figure, category = typed["followers"], typed["category"]
        requesting.typed_again(Account(case.platform, typed["handle"] or "", typed["url"] or "", figure, category))


def _decide(looked: Looked) -> None:
    """Draw the reason and the buttons of a decision; on one's own request they are there, but closed."""
    case, plan = looked.told.case, looked.plan
    closed = looked.own or case_taking.is_stale(case)
    reason = _reason(case, closed=closed)
    with st.container(horizontal=True, gap="small", key="case_deeds"):
        approve = st.button(
            "Approve",
            type="primary",
            icon=":material/check:",
            shortcut="a",
            disabled=closed or plan is None or bool(plan.problem),
            key=case_taking.key("approve", case),
        )
        wordless = closed or not reason.strip()
        decline = st.button("Decline", icon=":material/block:", disabled=wordless, key=case_taking.key("decline", case))
        changes = st.button(
            "Ask for changes", icon=":material/rate_review:", disabled=wordless, key=case_taking.key("changes", case)
        )
        hold = st.button("Hold", icon=":material/front_hand:", disabled=closed, key=case_taking.key("hold", case))
        st.space("stretch")
        _reassign(looked)
    _approving(looked)
    if approve:
        _approve(looked, reason)
    if decline:
        _take(looked, "decline", reason)
    if changes:
        _take(looked, "changes", reason)
    if hold:
        _take(looked, "hold", reason)


def _reason(case: CaseRow, *, closed: bool) -> str:
    """Draw the input of the reason, and say who reads it."""
    reads = "" if case.requested_by == SYSTEM.username else f"; {case_looks.person(case.requested_by)} reads it"
    typed = st.text_input(
        "Reason",
        key=case_taking.words_key(case),
        max_chars=LONGEST_WORDS,
        placeholder=f"Required to decline or to ask for changes{reads}",
        help="With an approval or a hold it is a note, which stands in the story.",
        disabled=closed,
        autocomplete="off",
        live=True,
    )
    return typed or ""


def _approving(looked: Looked) -> None:
    """Say beneath the buttons what approving does, or why this person can't."""
    plan = looked.plan
    if plan is None:
        return
    if plan.problem:
        st.markdown(f":small[:orange[:material/lock:] {plain(plan.problem)} :gray[{plain(plan.advice)}]]")
    elif plan.source:
        name = plain(plan.source)
        st.caption(f"Approving sends one request to {name} and pins what you see here to the decision.")
    else:
        st.caption(f"Approved, it {plain(plan.what)}. What you see here is pinned to the decision.")
    if plan.warning and not plan.problem:
        told = plain(plan.warning[:1].upper() + plan.warning[1:])
        st.markdown(f":small[:orange[:material/visibility_off: {told}.] :gray[It can be decided all the same.]]")


def _approve(looked: Looked, note: str) -> None:
    desk, case = resources.desk(), looked.told.case
    to = looked.plan.source or "" if looked.plan else None
    doing = "Zocial is asked …" if to else "The decision is written down …"
    approve = partial(decisions.approve, seen=case.version, pinned=looked.told.pinned, to=to, note=note)
    case_taking.take(case, doing, lambda: approve(desk, looked.me, case.id))


def _take(looked: Looked, name: str, reason: str) -> None:
    desk, case, pinned = resources.desk(), looked.told.case, looked.told.pinned
    deeds: dict[str, Callable[..., Outcome]] = {
        "decline": decisions.decline,
        "changes": decisions.request_changes,
        "hold": decisions.hold,
        "release": decisions.release,
    }
    case_taking.take(
        case,
        "The decision is written down …",
        lambda: deeds[name](desk, looked.me, case.id, seen=case.version, reason=reason, pinned=pinned),
    )


def _release(looked: Looked) -> None:
    """Draw the way of a held case back into the queue."""
    case = looked.told.case
    closed = looked.own or case_taking.is_stale(case)
    with st.container(horizontal=True, gap="small", key="case_deeds"):
        release = st.button(
            "Release",
            type="primary",
            icon=":material/play_circle:",
            disabled=closed,
            key=case_taking.key("release", case),
        )
        st.space("stretch")
        _reassign(looked)
    st.caption(_own_words(looked) or "Released, it can be decided again. Nothing is sent.")
    if release:
        _take(looked, "release", "")


def _send(looked: Looked) -> None:
    """Draw the way to send what was approved while there was no Zocial source."""
    case = looked.told.case
    closed = looked.own or looked.source is None or case_taking.is_stale(case)
    with st.container(horizontal=True, gap="small", key="case_deeds"):
        send = st.button(
            "Send now", type="primary", icon=":material/send:", disabled=closed, key=case_taking.key("send", case)
        )
    if looked.source is None:
        st.caption("There is no Zocial source to send it to. Add one under Sources first.")
    else:
        st.caption(_own_words(looked) or f"Sends one request to {plain(looked.source)}, as it was pinned.")
    if send:
        desk, me = resources.desk(), looked.me
        case_taking.take(case, "Zocial is asked …", lambda: decisions.send(desk, me, case.id, seen=case.version))


def _own_words(looked: Looked) -> str:
    if not looked.own:
        return ""
    return f"{case_looks.who(looked.told.case.requested_by)} asked for it: nobody decides on their own request."


def _reassign(looked: Looked) -> None:
    """Let a decider give the case to another one; who that may be is only read while the choice is open."""
    case = looked.told.case
    opened = st.popover(
        "Reassign", icon=":material/person_add:", key=case_taking.key("assign", case), on_change="rerun"
    )
    if not opened.open:
        return
    with opened:
        may = [each for each in cases_bulk.deciders() if each not in {case.assignee, case.requested_by}]
        me = looked.me.username
        options = [*(each for each in may if each != me), *([_NOBODY] if case.assignee else [])]
        if me in may and st.button("Take it myself", icon=":material/person:", key=case_taking.key("assign_me", case)):
            _give(looked, me)
        if not options:
            st.markdown(":small[:gray[Nobody else may decide cases.]]")
            return
        to = st.selectbox("Who decides it", options, format_func=_name_of, key=case_taking.key("assignee", case))
        if st.button("Give it away", type="primary", key=case_taking.key("assign_do", case)):
            _give(looked, to or None)


def _give(looked: Looked, to: str | None) -> None:
    desk, case = resources.desk(), looked.told.case
    case_taking.take(
        case, "It is written down …", lambda: decisions.assign(desk, looked.me, case.id, to, seen=case.version)
    )


def _name_of(username: str) -> str:
    return case_looks.person(username) if username else "Nobody in particular"
