"""Who decides in whose place while that person is away: the list, ending one, and naming another."""

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from pages.ui import formats, plans, resources, session
from pages.ui.approvals import case_looks, cases_bulk
from pages.ui.text import plain
from services.access import Permission
from services.approvals import rules
from services.approvals.rules import LONGEST_AWAY, StandIn

_FORM = "away"
_WHO, _TO, _FROM, _UNTIL = "away_who", "away_to", "away_from", "away_until"
_WEEK = timedelta(days=7)


def button() -> None:
    """Draw the button that opens who is away, for those who decide."""
    if session.actor().may(Permission.DECIDE_CASES) and st.button(
        "Away …", icon=":material/event_busy:", key="case_away"
    ):
        plans.opened("Away", ":material/event_busy:", _draw, form=_FORM)


def _draw() -> None:
    me = session.actor().username
    st.markdown(
        "Who stands in finds the cases of the one who is away among their own, and decides them under their own name. "
        "What either of them asked for, they can't decide."
    )
    held = rules.stand_ins(resources.desk())
    if not held:
        st.markdown(":small[:gray[Nobody stands in for anybody, now or later.]]")
    for each in held:
        _row(each, me)
    names = cases_bulk.deciders()
    if len(names) < 2:  # noqa: PLR2004 (one who is away, one who stands in)
        st.markdown(":small[:gray[Nobody else may decide cases: add an admin under People first.]]")
        return
    _form(names, me)


def _row(each: StandIn, me: str) -> None:
    """Draw one stand-in with the button that ends it."""
    by, away = case_looks.who(each.delegate, me), case_looks.who(each.away, me)
    now = "" if each.since > formats.now() else ":green-badge[:material/check: now] "
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        told = f"{now}**{by}** for {away} :small[:gray[{_day(each.since)} to {_last(each)}]]"
        st.markdown(told, width="stretch")
        st.button(
            "End",
            type="tertiary",
            icon=":material/event_available:",
            key=f"away_end_{each.id}",
            on_click=_end,
            args=(each,),
        )


def _form(names: list[str], me: str) -> None:
    with st.form("away_form", border=False):
        left, right = st.columns(2, gap="small")
        since, until = st.columns(2, gap="small")  # a row of its own, so that on a phone the order stays
        place = names.index(me) if me in names else 0
        named = case_looks.person
        left.selectbox("Who is away", names, index=place, format_func=named, key=_WHO)
        right.selectbox("Who decides meanwhile", names, index=0 if place else 1, format_func=named, key=_TO)
        today = formats.now().date()
        since.date_input("From, UTC", today, min_value=today, format="YYYY-MM-DD", key=_FROM)
        until.date_input(
            "Until the end of, UTC",
            today + _WEEK,
            min_value=today,
            max_value=today + LONGEST_AWAY - timedelta(days=1),
            format="YYYY-MM-DD",
            key=_UNTIL,
        )
        plans.wrong(_FORM)
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button("Let them decide", type="primary", on_click=_delegate)


def _delegate() -> None:
    away, to = str(st.session_state[_WHO]), str(st.session_state[_TO])
    since, until = _begin(st.session_state[_FROM]), _begin(st.session_state[_UNTIL] + timedelta(days=1))
    plans.attempted(
        lambda: rules.delegate(
            resources.desk(), session.actor(), to, since=max(since, formats.now()), until=until, away=away
        ),
        f"{to} decides for {away} until the end of {_day(until - timedelta(days=1))}.",
        form=_FORM,
    )


def _end(each: StandIn) -> None:
    plans.attempted(
        lambda: rules.end_delegation(resources.desk(), session.actor(), each.id),
        f"{each.delegate} no longer decides for {each.away}.",
        form=_FORM,
    )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _last(each: StandIn) -> str:
    """Give the last day on which somebody decides in another one's place."""
    return _day(each.until - timedelta(seconds=1))


def _day(at: datetime) -> str:
    return plain(f"{at.astimezone(UTC):%d %b %Y}")
