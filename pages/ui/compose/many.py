"""A message to several recipients: the plan first, then how far it is, and a result for each."""

from collections import Counter
from functools import partial

import streamlit as st

from data.queries import messages, recipients
from data.queries.messages import Filter, MessageRow, SendingRow
from data.silence import AWAITED
from data.types import LEAVING, MessageState, SendingState
from pages.ui import formats, links, plans, resources, session
from pages.ui.compose import words
from pages.ui.compose.sheet import Sheet
from pages.ui.sent import looks
from pages.ui.text import plain, short
from services.failures import Failure
from services.messaging import lists
from services.messaging.lists import Listed

_FORM, _STOP, _TO = "compose_many", "compose_many_stop", "compose_many_to"
_EVERY = 1.0
_SHOWN, _ROWS = 5, 200
_OUTCOMES = (
    ("not out yet", (MessageState.RESERVED, MessageState.POSTING)),
    ("accepted", (MessageState.ACCEPTED, MessageState.SUBMITTED)),
    ("delivered", (MessageState.DELIVERED,)),
    ("read", (MessageState.READ,)),
    ("not known", (MessageState.UNKNOWN,)),
    ("refused", (MessageState.REFUSED,)),
    ("failed", (MessageState.FAILED,)),
)

_MOVING = frozenset({*LEAVING, *AWAITED})


def ask(sheet: Sheet) -> None:
    """Open the dialog that plans a send to several."""
    plans.opened("Send to several", ":material/group_add:", partial(_plan, sheet), form=_FORM)


def _plan(sheet: Sheet) -> None:
    st.markdown("**Nothing has happened yet.** :gray[Choose test recipients; each gets a message of their own.]")
    names = [each.name for each in sheet.recipients]
    everybody = st.toggle(f"All {sheet.recipients_total:,} test recipients", key="compose_many_all") if names else False
    known = [sheet.tab.recipient] if sheet.tab.recipient in names else []
    picked = _everybody() if everybody else st.multiselect("To", names, default=known, key=_TO)
    if not picked or sheet.tab.source is None:
        st.markdown(":gray[Nobody is chosen yet.]")
        return
    listed = _listed(sheet, picked)
    if listed is None:
        return
    _told(sheet, listed)
    plans.wrong(_FORM)
    off = bool(listed.invalid) or sheet.tab.unsaved is not None or sheet.sender is None or sheet.sender.refusal
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            f"Send to {formats.plural(listed.total, 'recipient')} as {plain(short(sheet.tab.source, 40))}",
            icon=":material/send:",
            type="primary",
            disabled=bool(off),
            key="compose_many_do",
            on_click=_begin,
            args=(sheet, picked, listed),
        )


def _everybody() -> list[str]:
    """Name every recipient: more than the choice offers."""
    with resources.reading() as reading:
        return [each.name for each in recipients.find(reading).rows]


def _listed(sheet: Sheet, names: list[str]) -> Listed | None:
    """Prepare the list; one that can't be says why."""
    try:
        with st.spinner("The plan is made …"):
            return lists.prepare(resources.desk(), sheet.draft.press, sheet.body, sheet.tab.source or "", names)
    except Failure as refused:
        st.markdown(f":small[:red[:material/error: {plain(refused.message)}]] :small[{plain(refused.advice)}]")
        return None


def _told(sheet: Sheet, listed: Listed) -> None:
    """Say how many leave, how fast and for how long; and for whom something is wrong."""
    number, pace = listed.total, sheet.sender.per_second if sheet.sender else 1.0
    seconds = max(1, round(number / pace))
    lasts = f"at most {pace:g} per second: about {formats.plural(seconds, 'second')}."
    said = "Each has its own outcome; Stop keeps those here that have not left."
    st.markdown(f"**{formats.plural(number, 'message')}**, {lasts} :gray[{said}]")
    if listed.invalid:
        wrong, more = len(listed.invalid), len(listed.each) < listed.total
        whom = f"{wrong:,} recipients or more" if more else formats.plural(wrong, "recipient")
        st.markdown(f":red[:material/error: Nothing can be sent: it is wrong for {whom}.]")
        for each in listed.invalid[:_SHOWN]:
            first = each.problems[0]
            told = f"{words.place(first.field)}: {first.message}"
            st.markdown(f":small[**{plain(each.order.recipient)}** :gray[· {plain(told)}]]")


def _begin(sheet: Sheet, names: list[str], listed: Listed) -> None:
    def act() -> None:
        lists.begin(
            resources.desk(),
            session.actor(),
            sheet.draft.press,
            sheet.body,
            source=sheet.tab.source or "",
            recipients=names,
            digest=listed.digest,
            draft_id=sheet.draft.id,
        )

    plans.attempted(act, "The list is on its way.", _FORM)


def show(number: int) -> None:
    """Draw how a send to a list stands; anew every second while one of its messages may still move."""
    results = _read(number)[1]
    if _MOVING & {state for state, count in results.items() if count}:
        st.fragment(run_every=_EVERY)(_drawn)(number)
    else:
        _drawn(number)


def _read(number: int) -> tuple[SendingRow | None, dict[str, int], list[MessageRow]]:
    with resources.reading() as reading:
        rows = messages.find(reading, Filter(sending=number), limit=_ROWS)[1]
        return messages.sending(reading, number), messages.results(reading, number), rows


def _drawn(number: int) -> None:
    row, results, rows = _read(number)
    if row is None:
        return
    left = sum(results.get(state.value, 0) for state in _OUTCOMES[0][1])
    with st.container(border=True, gap="small", key="compose_list"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            out = row.total - left
            st.progress(out / row.total if row.total else 1.0, text=_words(row, out, results), width="stretch")
            if row.state == SendingState.RUNNING and left:
                st.button("Stop", icon=":material/stop_circle:", key="compose_stop", on_click=_stop, args=(number,))
            way = links.messages(list=str(number))
            st.page_link(way.page, label="Open under Sent", query_params=way.query, icon=":material/outbox:")
        plans.wrong(_STOP)
        with st.expander(f"A result for each · {row.total:,}", key="compose_results"):
            _table(rows)


def _words(row: SendingRow, out: int, results: dict[str, int]) -> str:
    counted: Counter[str] = Counter()
    for word, states in _OUTCOMES:
        counted[word] += sum(results.get(state.value, 0) for state in states)
    told = ", ".join(f"{count:,} {word}" for word, count in counted.items() if count)
    ended = f" Stopped by {plain(row.stopped_by)}." if row.stopped_by else ""
    return f":small[**{out:,} of {row.total:,}** :gray[· {told}.{ended}]]"


def _table(rows: list[MessageRow]) -> None:
    st.dataframe(
        {
            "To": [row.recipient for row in rows],
            "State": [looks.state(row.state).word for row in rows],
            "Why": [row.reason for row in rows],
        },
        hide_index=True,
        placeholder=formats.DASH,
        alt="Table of each recipient with the state of their message",
    )
    if len(rows) == _ROWS:
        st.caption(f"The first {_ROWS}; all are under Sent.")


def _stop(number: int) -> None:
    plans.attempted(partial(lists.stop, resources.desk(), session.actor(), number), "", _STOP)
