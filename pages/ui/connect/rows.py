"""The attempts as rows: those that go on first, then those that ended, each leading to its own page."""

from collections.abc import Sequence

import streamlit as st

from data.queries import attempts
from data.queries.attempts import Shown
from data.types import AttemptState
from pages.ui import cards, formats, resources
from pages.ui.connect import beginning, words
from pages.ui.text import plain, short

_ENDED = 12
_SHORT, _WHOLE = 90, 1_000
_EVERY = 4.0


def going_on() -> None:
    """Draw everybody's open attempts, drawn anew every few seconds while there are some."""
    with resources.reading() as session:
        found = attempts.open_now(session)
    if found:
        st.fragment(run_every=_EVERY)(_open)()


def _open() -> None:
    with resources.reading() as session:
        found = attempts.open_now(session)
    if not found:
        st.rerun(scope="app")
    with cards.card("Going on now", formats.plural(len(found), "attempt"), key="attempts_open"):
        _rows(found)


def results(numbers: Sequence[int]) -> None:
    """Draw what became of each account of a form; drawn anew while any of them is open."""
    st.fragment(run_every=_EVERY)(_results)(tuple(numbers))


def _results(numbers: Sequence[int]) -> None:
    with resources.reading() as session:
        found = [each for number in numbers if (each := attempts.one(session, number)) is not None]
    done = sum(each.state == AttemptState.CONNECTED.value for each in found)
    with cards.card(f"{done} of {formats.plural(len(found), 'account')} connected", key="attempts_results"):
        _rows(found, _WHOLE)


def ended() -> None:
    """Draw the attempts that ended, the newest first."""
    with resources.reading() as session:
        found = attempts.ended(session, limit=_ENDED)
    if not found:
        return
    aside = f"the last {len(found)}" if len(found) == _ENDED else ""
    with cards.card("Earlier attempts", aside, key="attempts_ended"):
        _rows(found)


def _rows(found: Sequence[Shown], longest: int = _SHORT) -> None:
    with st.container(gap="xsmall"):
        for each in found:
            _row(each, longest)


def _row(each: Shown, longest: int) -> None:
    at = each.ended_at or each.began_at
    said = plain(short(each.message, longest))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(words.state(each.state, each.problem).badge, width=112)
        with st.container(width=200):
            st.button(
                f"**{_named(each)}**",
                icon=":material/chevron_right:",
                icon_position="right",
                type="tertiary",
                help=plain(f"Begun {formats.exact(each.began_at)} by {each.person}"),
                key=f"attempt_{each.id}",
                on_click=beginning.show,
                args=(each.id,),
            )
        st.markdown(f":small[**{formats.ago(at)}** :gray[· {plain(each.person)} · {said}]]", width="stretch")


def _named(each: Shown) -> str:
    account = each.account or (words.expected(each.expects) if each.reconnects else "")
    told = words.about(each.platform, each.kind, each.vendor)
    return f"{plain(short(account, 18))} · {formats.vendor(each.vendor)}" if account else told
