"""What a reader of a case must know first: why it came back, what Zocial answered, who has to do something now."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from data.queries.cases import CaseRow, Happened
from data.types import CaseState
from pages.ui import account_head, folds, formats, progress, sources
from pages.ui.approvals import case_fields, case_looks, case_open
from pages.ui.text import plain, short
from services.access import Actor
from services.approvals.steps import UNDECIDED
from services.approvals.story import Story

_REASON = 500
_CODES = {
    "network_already_connected": "Zocial has this account connected already",
    "network_limit_reached": "the Zocial user has as many networks as it may have",
    "network_verification_failed": "Zocial could not verify the access to the account",
    "network_not_found": "Zocial does not know this account",
    "validation_error": "Zocial does not take a value that was sent",
    "permission_denied": "this Zocial user may not do that",
    "authentication_required": "Zocial asks for a token",
    "invalid_access_token": "Zocial does not take the token of this source",
    "unreachable": "Zocial could not be reached, so nothing was sent",
    "rate_limited": "Zocial takes no more requests for now",
    "unauthorised": "Zocial does not take the credential of this source",
    "rejected": "Zocial refused what was sent",
}
_OUR_WORDS = frozenset({"unreachable", "rate_limited", "unauthorised", "rejected"})
"""What we call a refusal that brought no code."""
_FIELDS = {
    "network_type": "the platform",
    "network_id": "the handle or the platform's id",
    "network_url": "the address of the profile",
    "followers": "the followers",
    "category": "the category",
}
_OURS = {"approved": "We approved it", "declined": "We declined it"}


def show(told: Story, me: Actor) -> None:
    """Draw each notice of a case as a bordered line, the gravest first."""
    _back(told, me)
    _disagreement(told.case, me)
    stands = _STATES.get(CaseState(told.case.state)) if told.case.state in set(CaseState) else None
    if stands is not None:
        stands(told, me)
    _second(told, me)


def _back(told: Story, me: Actor) -> None:
    """Say that a case came back, why, and what was and is, side by side."""
    case, difference = told.case, told.difference
    if not case.difference:
        _differs(told)
        return
    last, decided = _last(told, "case.reopen"), _last(told, "case.approve")
    fields = case_fields.ranked(difference)
    by = case_looks.who(decided.actor, me.username) if decided else ""
    before = f"Version {decided.version} was approved by {by}{_on(decided.at)}." if decided else ""
    why = case_fields.moved(fields[0], difference[fields[0]]) if fields else "what was approved changed"
    when = f" on {_day(last.at)}" if last else ""
    with st.container(border=True, gap="small", key="case_back"):
        st.markdown(f":orange[:material/difference:] **Came back{when}: {why}.** :gray[{before}]")
        if len(fields) > 1:
            _side_by_side(told, "Then", "Now")


def _differs(told: Story) -> None:
    """Say what is otherwise now than when the case was requested or decided."""
    if not told.difference:
        return
    since = "it was requested" if told.case.state in UNDECIDED else "the last decision"
    number = formats.plural(len(case_fields.ranked(told.difference)), "field")
    draw = partial(_side_by_side, told, "Pinned then", "Now")
    folds.fold(f"{number} changed since {since}", draw, icon=":material/difference:", key="case_differs")


def _side_by_side(told: Story, then: str, now: str) -> None:
    fields = case_fields.ranked(told.difference)
    rows = {
        " ": [f":gray[{case_fields.label(field)}]" for field in fields],
        then: [case_fields.shown(field, told.difference[field][0]) for field in fields],
        now: [f"**{case_fields.shown(field, told.difference[field][1])}**" for field in fields],
    }
    st.table(rows, border="horizontal", hide_index=True, alt=f"Table of what differs, {then.lower()} and now")


def _disagreement(case: CaseRow, me: Actor) -> None:
    """Say that we and Zocial decided differently; neither word is taken for the other."""
    if not case.disagrees:
        return
    ours = f"{_OURS[case.decision or '']}{_on(case.decided_at)}"
    theirs = f"Zocial {formats.status(case.vendor_word or '').word.lower()} it{_on(case.vendor_word_at)}"
    by = f"Our decision was taken by {case_looks.who(case.decided_by, me.username)}." if case.decided_by else ""
    _bordered(
        f":red[:material/balance:] **{ours}, {theirs}.** "
        f":gray[{by} Both words stand. Ask Zocial for its reason: no document of it tells one.]"
    )


def _refused(told: Story, _me: Actor) -> None:
    case = told.case
    why = _CODES.get(case.code or "", "Zocial refused the request")
    field = f" It names **{_field(case.code_field)}**." if case.code_field else ""
    code = f" :gray[Its code is {plain(case.code)}.]" if case.code and case.code not in _OUR_WORDS else ""
    answer = f"  \n:small[:gray[{plain(short(case.answer, _REASON))}]]" if case.answer else ""
    todo = "Mend that, then request it again: a refused case is at its end."
    if case.vendor_word:  # the account is in Zocial's list all the same
        word = formats.status(case.vendor_word).word.lower()
        todo = f"Zocial's list says **{word}** of this account{_on(case.vendor_word_at)}. This case is at its end."
    _bordered(f":red[:material/error:] **Refused: {why}.**{field}{code}{answer}  \n:material/arrow_forward: {todo}")


def _field(name: str) -> str:
    return _FIELDS.get(name, plain(name))


def _unknown(told: Story, _me: Actor) -> None:
    answer = f" {plain(short(told.case.answer, _REASON))}" if told.case.answer else ""
    with st.container(border=True, gap="small", key="case_unknown"):
        st.markdown(
            f":gray[:material/help:] **Nobody knows whether Zocial took the request{_on(told.case.sent_at)}.**"
            f":gray[{answer}]  \nIt is never sent a second time. Zocial's next list tells: with the account in "
            "it the case goes on, without it the case comes back to be decided anew."
        )
        _read_list(told)


def _submitted(told: Story, _me: Actor) -> None:
    number = f", as number {told.case.approval_id}" if told.case.approval_id is not None else ""
    with st.container(border=True, gap="small", key="case_submitted"):
        st.markdown(
            f":blue[:material/hourglass_top:] **Zocial has it, sent{_on(told.case.sent_at)}{number}.** "
            ":gray[Its word is read from its list with each sync.]"
        )
        _read_list(told)


def _submitting(told: Story, _me: Actor) -> None:
    _bordered(
        f":blue[:material/outgoing_mail:] **The request is on its way{_on(told.case.sent_at)}.** "
        ":gray[If its answer never comes, the outcome is called unknown and read from Zocial's list.]"
    )


def _unsent(told: Story, _me: Actor) -> None:
    _bordered(
        f":blue[:material/check:] **Approved{_on(told.case.decided_at)}; nothing was sent.** "
        ":gray[There was no Zocial source then. It is sent by a person, once there is one.]"
    )


def _said(verb: str, icon: str, colour: str, then: str) -> Callable[[Story, Actor], None]:
    """Make the notice of a state that a person's reason explains."""

    def notice(told: Story, me: Actor) -> None:
        case = told.case
        last = told.steps[-1] if told.steps else None
        by = case_looks.who(case.decided_by or (last.actor if last else None), me.username)
        reason = f" “{plain(short(case.reason, _REASON))}”" if case.reason else ""
        _bordered(f":{colour}[:material/{icon}:] **{verb} by {by}.**{reason} :gray[{then}]")

    return notice


_STATES: dict[CaseState, Callable[[Story, Actor], None]] = {
    CaseState.REFUSED: _refused,
    CaseState.UNKNOWN: _unknown,
    CaseState.SUBMITTED: _submitted,
    CaseState.SUBMITTING: _submitting,
    CaseState.APPROVED: _unsent,
    CaseState.DECLINED: _said("Declined", "do_not_disturb_on", "red", "Who asked may change it and ask again."),
    CaseState.CHANGES_REQUESTED: _said("Changes asked for", "rate_review", "orange", "Who asked answers next."),
    CaseState.HELD: _said("Put on hold", "front_hand", "gray", "It waits until somebody releases it."),
}


def _second(told: Story, me: Actor) -> None:
    """Say whose approval is there already, and that another person's is asked for."""
    case = told.case
    if case.first_by is None or case.state not in UNDECIDED:
        return
    by = case_looks.who(case.first_by, me.username)
    _bordered(
        f":blue[:material/looks_two:] **{by[:1].upper()}{by[1:]} approved it first.** "
        ":gray[So many followers ask for a second approval, by another person.]"
    )


def _read_list(told: Story) -> None:
    """Let who may sync read the list now, and show how far that is."""
    begun = next(
        (step for step in reversed(told.steps) if step.action == "case.send" and (step.told or {}).get("source")), None
    )
    name = str((begun.told or {})["source"]) if begun else told.case.source
    if name is None or not sources.may_sync():
        return
    running = name in progress.syncs()
    label = "Reading Zocial's list" if running else "Read Zocial's list now"
    hold = partial(case_open.hold, told.case.id)
    if st.button(label, icon=":material/sync:", disabled=running, key="case_read_list", on_click=hold):
        account_head.sync_now([name])


def _last(told: Story, action: str) -> Happened | None:
    return next((step for step in reversed(told.steps) if step.action == action), None)


def _on(at: datetime | None) -> str:
    return "" if at is None else f" on {_day(at)}"


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def _bordered(text: str) -> None:
    with st.container(border=True):
        st.markdown(text)
