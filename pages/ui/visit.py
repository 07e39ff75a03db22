"""What changed since a person was last here, or on one past day."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from data.queries.case_figures import Answer
from data.queries.today import Happening
from data.types import CaseState
from pages.ui import cards, formats, links, suspects
from pages.ui.approvals import case_looks
from pages.ui.links import Way
from pages.ui.text import plain, short

_SHORT, _REASON = 28, 160


def since(happened: Sequence[Happening], last_visit: datetime | None, answers: Sequence[Answer] = ()) -> None:
    """Draw what became of one's own requests since the last visit, then what changed, the latest first."""
    with cards.card("Since your last visit", formats.ago(last_visit) if last_visit else ""):
        if last_visit is None:
            st.markdown(":small[:gray[This is your first visit. Next time, what changed meanwhile stands here.]]")
        elif not happened and not answers:
            st.markdown(":small[:gray[Nothing changed.]]")
        _answers(answers)
        _rows(happened)


def on(happened: Sequence[Happening], day: datetime) -> None:
    """Draw what changed on a past day, the latest first."""
    with cards.card("Changes of that day", f"{day.day} {day:%B}"):
        if not happened:
            st.markdown(":small[:gray[Nothing changed on that day, as far as was told.]]")
        _rows(happened, day)


def _answers(answers: Sequence[Answer]) -> None:
    """Draw what others did with one's requests, each with its reason in full: who asked has to read it."""
    if not answers:
        return
    with st.container(gap="xsmall", key="answers"):
        st.markdown(":small[:gray[Your requests]]")
        for answer in answers:
            _answer(answer)


def _answer(answer: Answer) -> None:
    way, look = links.case(answer.case), case_looks.state(answer.state)
    name = plain(short(answer.name or answer.handle or f"case {answer.case}", _SHORT))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            way.page,
            label=f"{_icon(look)} **{name}** {_became(answer)}",
            query_params=way.query,
            width="stretch",
            help=formats.exact(answer.at),
        )
        st.caption(formats.clock(answer.at), width="content")
    if answer.reason:
        st.markdown(f":small[“{plain(short(answer.reason, _REASON))}”]")


def _became(answer: Answer) -> str:
    by = case_looks.who(answer.actor)
    taken = "taken by Zocial" if answer.action == "case.vendor" else f"approved by {by}, sent to Zocial"
    words = {
        CaseState.APPROVED: f"approved by {by}, not sent",
        CaseState.DECLINED: f"declined by {by}",
        CaseState.CHANGES_REQUESTED: f"needs changes, says {by}",
        CaseState.HELD: f"put on hold by {by}",
        CaseState.SUBMITTED: taken,
        CaseState.UNKNOWN: "sent, Zocial did not answer",
        CaseState.REFUSED: "refused by Zocial",
        CaseState.ACCEPTED: "accepted by Zocial",
        CaseState.REJECTED: "rejected by Zocial",
        CaseState.SUSPENDED: "suspended by Zocial",
    }
    back = "came back" if answer.action == "case.reopen" else "is in the queue again"
    return words.get(CaseState(answer.state), back)


def _rows(happened: Sequence[Happening], asof: datetime | None = None) -> None:
    with st.container(gap="xsmall"):
        for item in happened:
            way = _way(item, asof)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.page_link(
                    way.page,
                    label=_words(item),
                    query_params=way.query or None,
                    width="stretch",
                    help=formats.exact(item.at),
                )
                st.caption(f"{item.at:%H:%M}" if asof else formats.clock(item.at), width="content")


def _way(item: Happening, asof: datetime | None) -> Way:
    """Lead to the account, or to those that are like the many that changed alike."""
    if item.number == 1 and item.id:
        return links.account(item.id, asof=asof)
    narrowed = {
        "status": {"status": formats.status(item.after or "").word},
        "health": {"health": formats.health(item.after or "").word},
        "suspect": {"suspect": suspects.look(item.after or "").word},
        "vanished": {"listed": "Vanished" if item.after == "vanished" else "Listed now"},
        "new": {"sort": "Newest"},
    }
    return links.networks(asof=asof, source=item.source, **narrowed.get(item.field, {}))


def _words(item: Happening) -> str:
    name = plain(short(item.name or item.handle or "1 connection", _SHORT))
    many = f"{formats.at_least(item.number, more=item.more)} connections"
    who = f"**{name}**" if item.number == 1 else f"**{many}**"
    source, verb = plain(item.source), "is" if item.number == 1 else "are"
    if item.field == "status":
        look = formats.status(item.after or "unknown")
        return f"{_icon(look)} {who} {look.word.lower()} by {source}"
    if item.field == "health":
        broke = item.after == "broken"
        return f":red[:material/heart_broken:] {who} broke at {source}" if broke else _mended(who, source)
    if item.field == "suspect":
        look = suspects.look(item.after or "")
        return f"{_icon(look)} {who}: {suspects.words(item.after or '').lower()}, says {source}"
    if item.field == "new":
        return f":blue[:material/add_link:] {who} {verb} new from {source}"
    if item.field == "vanished":
        gone = item.after == "vanished"
        return f"{':gray[:material/visibility_off:]' if gone else ':blue[:material/visibility:]'} {who} " + (
            f"no longer listed by {source}" if gone else f"listed again by {source}"
        )
    before, after = (plain(short(text, _SHORT)) if text else "(none)" for text in (item.before, item.after))
    return f":gray[:material/badge:] **{before}** is now **{after}**"


def _mended(who: str, source: str) -> str:
    return f":green[:material/favorite:] {who} no longer broken at {source}"


def _icon(look: formats.Look) -> str:
    return f":{look.colour or 'gray'}[:material/{look.icon}:]"
