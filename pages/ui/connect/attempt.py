"""One attempt to connect: how it stands, the window it needs, what to do next, and its story."""

from typing import Any

import streamlit as st

from data.queries import attempts
from data.queries.attempts import Shown, Step
from data.types import OPEN_ATTEMPT, AttemptState, Kind, Vendor
from pages.ui import cards, formats, links, plans, resources, session
from pages.ui.connect import beginning, remaining, window, words
from pages.ui.connect.choice import Choice
from pages.ui.text import plain, short
from services.connecting import flows, messages, naming, windows

_EVERY = 2.0
_WORDS = 1_000
_TYPED = "attempt_account"
_BY = {
    "window": "the window",
    "message": "the window's message",
    "return": "the return address",
    "webhook": "a webhook",
    "list": "the vendor's list",
    "vendor": "the vendor",
    "clock": "the clock",
}
"""Who moved an attempt, when it was no person."""


def show(number: int) -> None:
    """Draw an attempt; one that goes on is looked at every two seconds, and drawn anew when it has moved."""
    found = _read(number)
    if found is None:
        cards.empty(f"There is no attempt {number}.", "The link may be old. “All ways to connect” leads on.")
        return
    if _is_open(found):
        st.fragment(run_every=_EVERY)(_watch)(found)
    _card(found)


def _watch(seen: Shown) -> None:
    if _read(seen.id) != seen:
        st.rerun(scope="app")


def _read(number: int) -> Shown | None:
    with resources.reading() as reading:
        return attempts.one(reading, number)


def _is_open(found: Shown) -> bool:
    return AttemptState(found.state) in OPEN_ATTEMPT


def _card(found: Shown) -> None:
    title = words.about(found.platform, found.kind, found.vendor)
    with cards.card(f"Reconnect {title}" if found.reconnects else title, f"attempt {found.id}", key="attempt_card"):
        st.markdown(
            f"{words.state(found.state, found.problem).badge} "
            f":small[:gray[{plain(found.source)} · {plain(found.person)} · begun {_began(found)}]]",
            help=f"Begun {formats.exact(found.began_at)}",
        )
        if found.reconnects:
            _expects(found)
        st.markdown(f"**{plain(found.message)}**  \n:gray[{plain(found.advice)}]")
        plans.wrong(beginning.FORM)
        if _is_open(found):
            _going_on(found)
        else:
            _ended(found)
        remaining.show(found)
    _story(found)


def _began(found: Shown) -> str:
    """Say when it began; the card of one that goes on may stand as it is for long, so no distance."""
    return f"at {found.began_at:%H:%M} UTC" if _is_open(found) else formats.ago(found.began_at)


def _expects(found: Shown) -> None:
    st.markdown(
        f":small[:material/person_check: Expects **{plain(short(words.expected(found.expects), 60))}**. "
        ":gray[Another account is refused by its name, and both stay as they are.]]"
    )


def _going_on(found: Shown) -> None:
    if not beginning.may() or session.here().username != found.person:
        st.markdown(f":small[:gray[:material/lock: {plain(found.person)} began it and goes on with it.]]")
        return
    if found.offered:
        _offered(found)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="attempt_deeds"):
        if Vendor(found.vendor) in flows.OPENS and found.returned_at is None:
            _window(found)
        if found.state == AttemptState.WAITING.value and not found.offered:
            signing_in = Vendor(found.vendor) in flows.OPENS and found.returned_at is None
            label = "I have finished" if signing_in else "Check again"
            st.button(
                label, icon=":material/refresh:", key="attempt_check", on_click=beginning.check, args=(found.key,)
            )
        st.button("Cancel", type="tertiary", key="attempt_cancel", on_click=beginning.cancel, args=(found.key,))
    beginning.asked(found.key)
    if naming.wanted(found.problem):
        _named(found)


def _window(found: Shown) -> None:
    desk = resources.desk()

    def told(what: dict[str, Any]) -> None:
        plans.attempted(lambda: _hear(found.key, what), "", beginning.FORM)

    window.controls(
        found.id,
        found.key,
        label=f"Sign in at {formats.vendor(found.vendor)}",
        origins=messages.origins_of(desk, found.key),
        heard=found.returned_at is not None,
        told=told,
    )


def _hear(key: str, what: dict[str, Any]) -> None:
    """Pass on what happened to the window."""
    desk, me = resources.desk(), session.actor()
    if what.get("what") == "heard":
        messages.heard(desk, me, key, str(what.get("origin")), what.get("data"))
    elif what.get("what") == "closed":
        windows.closed(desk, me, key)
    elif what.get("what") == "blocked":
        windows.blocked(desk, me, key)


def _named(found: Shown) -> None:
    """Let the person name the account, where no message came and no list tells."""
    with st.form("attempt_named", border=False):
        told = (
            f"The accountId that {formats.vendor(found.vendor)} shows at the end of the sign-in, and of nothing else."
        )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input("Account id", key=_TYPED, max_chars=naming.LONGEST, autocomplete="off", help=told, width=280)
            st.form_submit_button("Finish by this id", on_click=beginning.name_account, args=(found.key, _TYPED))
        plans.wrong(beginning.NAMED)


def _offered(found: Shown) -> None:
    """Let the person choose which of the offered accounts is connected."""
    chosen = st.radio(
        "Which account should be connected?",
        list(found.offered),
        format_func=lambda each: plain(short(found.offered[each], 80)),
        index=None,
        key="attempt_offered",
    )
    st.button(
        "Connect this account",
        type="primary",
        disabled=chosen is None,
        key="attempt_choose",
        on_click=beginning.choose_offered,
        args=(found.key, chosen),
    )


def _ended(found: Shown) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="attempt_deeds"):
        if found.connection_id is not None:
            way = links.account(found.connection_id)
            st.page_link(
                way.page,
                label="Open the account",
                query_params=way.query,
                icon=":material/arrow_forward:",
                width="content",
            )
        elif beginning.may() and Vendor(found.vendor) in flows.OPENS:
            st.button("Begin again", key="attempt_again", on_click=beginning.begin_again, args=(found,))
        elif beginning.may():
            form = Choice(found.source, Vendor(found.vendor), found.platform, Kind(found.kind))
            st.button("Fill in the form again", key="attempt_again", on_click=beginning.open_form, args=(form,))


def _story(found: Shown) -> None:
    with resources.reading() as reading:
        steps = attempts.story(reading, found.id)
    aside = f"{found.began_at:%d %b %Y}, newest first, UTC"
    with cards.card("What happened", aside, key="attempt_story"), st.container(gap="xsmall"):
        for step in steps:
            _step(step)


def _step(step: Step) -> None:
    by = _BY.get(step.by, step.by)
    look = words.state(step.after)
    moved = f":{look.colour or 'gray'}[:material/{look.icon}:]" if step.before != step.after else ":gray[·]"
    st.markdown(f":small[{step.at:%H:%M:%S} {moved} {plain(short(step.words, _WORDS))} :gray[· {plain(by)}]]")
