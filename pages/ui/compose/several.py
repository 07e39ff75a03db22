"""The dialog of a send to several recipients: whom, the plan that names whom it leaves out and why, and the press."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.queries import recipients
from pages.ui import formats, plans, resources, session
from pages.ui.compose import finding, words
from pages.ui.compose.sheet import Sheet
from pages.ui.text import plain, short
from services.failures import Failure
from services.messaging import lists
from services.messaging.lists import Listed, One

_FORM, _TO, _ALL = "compose_many", "compose_many_to", "compose_many_all"
_PLAN, _OUT = "compose_many_plan", "compose_many_out"
_SHOWN, _NAMED, _NAME = 5, 3, 30


def ask(sheet: Sheet) -> None:
    """Open the dialog that plans a send to several."""
    known = sheet.tab.recipient
    st.session_state[_TO] = [known] if known and not sheet.draft.recipient_gone else []
    st.session_state[_OUT] = frozenset()
    plans.opened("Send to several", ":material/group_add:", partial(_dialog, sheet), form=_FORM)


def _dialog(sheet: Sheet) -> None:
    st.markdown("**Nothing has happened yet.** :gray[Choose test recipients; each gets a message of their own.]")
    picked = _picked(sheet)
    if not picked or sheet.tab.source is None:
        st.markdown(":gray[Nobody is chosen yet.]" if sheet.tab.source else ":gray[Choose first who sends it.]")
        return
    found = _planned(sheet, picked)
    if isinstance(found, Failure):
        st.markdown(f":small[:red[:material/error: {plain(found.message)}]] :small[{plain(found.advice)}]")
        return
    listed = found.without(st.session_state.get(_OUT, frozenset()))
    _told(sheet, listed)
    plans.wrong(_FORM)
    _button(sheet, listed)


def _picked(sheet: Sheet) -> Sequence[str]:
    """Let the person choose: all, or by name."""
    if not sheet.people.total:
        return ()
    if st.toggle(f"All {sheet.people.total:,} test recipients", key=_ALL):
        with resources.reading() as reading:
            return recipients.names(reading).names
    chosen: list[str] = st.session_state.get(_TO, [])
    names = list(dict.fromkeys([*sheet.people.names, *chosen]))
    picked = st.multiselect("To", names, format_func=lambda name: short(name, _NAME), key=_TO)
    finding.among(sheet.people, _TO, _add)
    return picked


def _add(name: str) -> None:
    st.session_state[_TO] = list(dict.fromkeys([*st.session_state.get(_TO, []), name]))


def _planned(sheet: Sheet, names: Sequence[str]) -> Listed | Failure:
    """Plan the list, or say why it can't be; the plan stays for as long as the same is asked."""
    asked = (sheet.draft.press, sheet.body, sheet.tab.source or "", tuple(names))
    kept = st.session_state.get(_PLAN)
    if kept is None or kept[0] != asked:
        with st.spinner("The plan is made …"):
            st.session_state[_PLAN] = kept = (asked, _made(sheet, names))
    found: Listed | Failure = kept[1]
    return found


def _made(sheet: Sheet, names: Sequence[str]) -> Listed | Failure:
    desk, draft = resources.desk(), sheet.draft
    try:
        return lists.prepare(desk, draft.press, sheet.body, sheet.tab.source or "", names, draft_id=draft.id)
    except Failure as refused:
        return refused


def _told(sheet: Sheet, listed: Listed) -> None:
    """Say how many leave, how fast and for how long; for whom it is wrong, and who is left out."""
    number, pace = listed.total, sheet.sender.per_second if sheet.sender else 1.0
    lasts = f"at most {pace:g} per second: about {formats.plural(max(1, round(number / pace)), 'second')}."
    said = "Each has its own outcome; Stop keeps those here that have not left."
    st.markdown(f"**{formats.plural(number, 'message')}**, {lasts} :gray[{said}]")
    if listed.invalid:
        _wrong(listed)
    if listed.left_out:
        number = len(listed.left_out)
        out = (
            "1 recipient is left out and gets nothing"
            if number == 1
            else f"{number:,} recipients are left out and get nothing"
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":orange[:material/person_off:] **{out}:**", width="content")
            st.button("Put back", type="tertiary", key="compose_many_back", on_click=_leave_out, args=((),))
        _reasons(listed.left_out, "compose_many_left")


def _wrong(listed: Listed) -> None:
    """Say for whom it is wrong and why, and offer the press that leaves them out."""
    wrong = listed.invalid
    whom = formats.plural(len(wrong), "recipient") if listed.whole else f"{len(wrong):,} recipients or more"
    st.markdown(f":red[:material/error: Nothing can be sent: it is wrong for {whom}.]")
    _reasons(wrong, "compose_many_wrong")
    if listed.whole and len(wrong) < listed.total:
        names = tuple(one.recipient for one in (*listed.left_out, *wrong))
        icon, label = ":material/person_off:", f"Leave out {_named(wrong)}"
        st.button(label, icon=icon, key="compose_many_leave", on_click=_leave_out, args=(names,))
    else:
        st.markdown(":small[:gray[Correct the message, or choose others.]]")


def _named(each: Sequence[One]) -> str:
    """Name a few, or say how many: "Ada, Ben and Cem", "these 214"."""
    names = [plain(short(one.recipient, _NAME)) for one in each]
    if len(names) > _NAMED:
        return f"these {len(names):,}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _reasons(each: Sequence[One], key: str) -> None:
    """Name each with the reason: the first ones here, all in a table."""
    with st.container(gap=None):
        for one in each[:_SHOWN]:
            st.markdown(f":small[**{plain(short(one.recipient, _NAME))}** :gray[· {plain(_why(one))}]]")
    if len(each) > _SHOWN:
        with st.expander(f"All {len(each):,}", key=key):
            names, why = [one.recipient for one in each], [_why(one) for one in each]
            alt = f"Table of {len(each):,} recipients with the reason"
            st.dataframe({"Recipient": names, "Why": why}, hide_index=True, alt=alt)


def _why(one: One) -> str:
    first, more = one.problems[0], len(one.problems) - 1
    return f"{words.place(first.field)}: {first.message}{f' And {more} more.' if more else ''}"


def _leave_out(names: Sequence[str]) -> None:
    st.session_state[_OUT] = frozenset(names)


def _button(sheet: Sheet, listed: Listed) -> None:
    unready = sheet.tab.unsaved is not None or sheet.sender is None or sheet.sender.refusal is not None
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            f"Send to {formats.plural(listed.total, 'recipient')} as {plain(short(listed.order.source, 40))}",
            icon=":material/send:",
            type="primary",
            disabled=unready or bool(listed.invalid),
            key="compose_many_do",
            on_click=_begin,
            args=(listed,),
        )


def _begin(listed: Listed) -> None:
    st.session_state.pop(_PLAN, None)  # should it be refused, the next plan is of what is kept now
    begin = partial(lists.begin, resources.desk(), session.actor(), listed)
    plans.attempted(begin, "The list is on its way.", _FORM)
