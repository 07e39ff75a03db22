"""One source on the Sources page: what it is, what a test says, and what an admin can do; each deed shows its plan."""

from datetime import datetime, timedelta

import streamlit as st

from pages.ui import cards, formats, plans, resources, session, source_form
from pages.ui.holdings import Held
from pages.ui.plans import Plan
from pages.ui.text import plain, short
from services import credentials, reach
from services.credentials import Listed
from services.failures import Failure
from services.reach import Answer, Tried

_TRIED = "source_tried"
_CELL = 120
_ANSWERS = {
    Answer.OK: ":green[:material/check_circle: Good.]",
    Answer.FAILED: ":red[:material/error: It does not answer as it should.]",
    Answer.NOTHING: ":gray[:material/help: Nothing could be asked.]",
}
_SECRETS = {
    "stored": "stored here, encrypted",
    "environment": "in the settings",
    "sandbox": "pretended",
    "missing": ":red[:material/key_off: missing]",
}


def card(held: Held) -> None:
    """Draw one source."""
    each = held.listed
    with cards.card(plain(each.name), formats.vendor(each.vendor), key="source_card"):
        st.table(_facts(held), border="horizontal", alt=f"Table of what is known of the source {plain(each.name)}")
        if each.problem:
            st.markdown(f":small[{plain(each.problem)}]  \n:small[:gray[{plain(held.action or '')}]]")
        why = credentials.fixed(each)
        if why is not None:
            st.markdown(f":material/lock: {plain(why.message)} :gray[{plain(why.advice)}]")
        with st.container(horizontal=True, gap="small", key="source_deeds"):
            if st.button("Test", icon=":material/network_check:", key="test_source"):
                _test(each)
            if why is None:
                _deeds(each)
        _told(each)


def _facts(held: Held) -> dict[str, str]:
    each = held.listed
    options = {plain(source_form.label(name)): _cell(str(value)) for name, value in each.options.items()}
    return {
        ":gray[State]": held.state.badge,
        ":gray[From]": held.origin,
        ":gray[Address]": _cell(each.base_url),
        ":gray[Contract]": plain(each.contract),
        **{f":gray[{name}]": value for name, value in options.items()},
        ":gray[Secret]": _SECRETS[each.secret],
        **({":gray[JWT ends]": _end(each.jwt_ends)} if each.jwt_ends else {}),
        ":gray[Last good sync]": formats.exact(each.last_complete_at),
        ":gray[Added]": formats.exact(each.created_at),
    }


def _end(at: datetime) -> str:
    left = at - formats.now()
    told = f"in {formats.span(left)}" if left > timedelta() else ":red[:material/error: ended]"
    return f"{formats.exact(at)} · {told}"


def _cell(text: str) -> str:
    return plain(short(text, _CELL)) or ":gray[not told]"


def _test(each: Listed) -> None:
    """Ask it, and keep the answer for as long as this source is looked at."""
    with st.spinner(f"{formats.vendor(each.vendor)} is asked …"):
        try:
            found = reach.asked(resources.desk(), session.actor(), each.name)
        except Failure as refused:
            found = Tried(each.name, each.vendor, Answer.FAILED, refused.message, refused.advice)
    st.session_state[_TRIED] = found, formats.now()


def _told(each: Listed) -> None:
    """Say what the last test of this source said, and when."""
    told, at = st.session_state.get(_TRIED, (None, None))
    if told is not None and told.source == each.name:
        with st.container(border=True, gap=None, key="source_answer"):
            st.markdown(f"{_ANSWERS[told.answer]} :small[:gray[asked {formats.ago(at)}]]")
            st.markdown(f":small[{plain(told.detail)}]")
            if told.advice:
                st.markdown(f":small[:gray[:material/arrow_forward: {plain(told.advice)}]]")


def _deeds(each: Listed) -> None:
    if st.button("New secret …", icon=":material/key:", key="rotate_source"):
        source_form.rotate(each)
    if each.enabled and st.button("Switch off …", icon=":material/power_settings_new:", key="switch_off"):
        _ask_off(each)
    if not each.enabled and st.button("Switch on …", icon=":material/power_settings_new:", key="switch_on"):
        _ask_on(each)
    if st.button("Remove …", icon=":material/delete:", key="remove_source"):
        _ask_remove(each)


def _ask_off(each: Listed) -> None:
    name = plain(each.name)
    what = f"{name} is no longer asked. Its secret, its connections and their history stay, as old as they then are."
    plan = Plan("Switch off", ":material/power_settings_new:", what, "Switch off", f"{each.name} is switched off.")
    plans.ask(plan, lambda: credentials.set_enabled(resources.desk(), session.actor(), each.name, enabled=False))


def _ask_on(each: Listed) -> None:
    what = f"{plain(each.name)} is asked again with the next sync, with the secret that is stored."
    plan = Plan("Switch on", ":material/power_settings_new:", what, "Switch on", f"{each.name} is switched on.")
    plans.ask(plan, lambda: credentials.set_enabled(resources.desk(), session.actor(), each.name, enabled=True))


def _ask_remove(each: Listed) -> None:
    desk, actor = resources.desk(), session.actor()
    found = credentials.removal(desk, actor, each.name)
    number = found.connections
    stay = (
        f"Its {formats.plural(number, 'connection')} and their history stay." if number else "It told of nothing yet."
    )
    if found.drafts:
        stay += f" {formats.plural(found.drafts, 'draft')} can't be sent until another source is chosen."
    what = f"{stay} Its secret is deleted for good, and it is no longer asked. Nothing changes at the vendor."
    plan = Plan(
        "Remove the source", ":material/delete:", what, "Remove", f"{each.name} was removed; its history stays."
    )
    plans.ask(plan, lambda: credentials.remove(desk, session.actor(), each.name))
