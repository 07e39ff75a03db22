"""Plan, then do: the dialog that every destructive button opens first, and what is said once it is done.

Also the way of every form here: what was typed is taken out of the form and acted on before the page is drawn again, so
that a secret stays nowhere; how it ended is said under the form, or at the corner of the page once it is done.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.ui import dialogs
from pages.ui.dialogs import Dialog
from pages.ui.text import plain
from services.failures import Failure, Misuse

_SAID, _WRONG, _DONE, _TURN = "plans_said", "plans_wrong", "plans_done", "plans_turn"


@dataclass(frozen=True)
class Plan:
    """What a button would do: what it is called, what will happen, and the sentence for when it has."""

    title: str
    icon: str
    what: str
    verb: str
    after: str


def said() -> None:
    """Say what was done in the run before, once."""
    sentence = st.session_state.pop(_SAID, None)
    if sentence:
        st.toast(plain(sentence), icon=":material/check:")


def ask(plan: Plan, do: Callable[[], object]) -> None:
    """Open the dialog that shows a plan, and does it at the second press."""
    opened(plan.title, plan.icon, lambda: _shown(plan, do), form="plan")


def opened(title: str, icon: str, draw: Callable[[], None], *, form: str) -> None:
    """Open a dialog with a form of that name; it closes when the form has done what it was asked."""
    _forget()
    dialogs.show(Dialog(form, title, icon, partial(_drawn, draw, form)))


def _drawn(draw: Callable[[], None], form: str) -> None:
    if st.session_state.get(_DONE) == form:
        dialogs.close()
    draw()


def _shown(plan: Plan, do: Callable[[], object]) -> None:
    st.markdown("**Nothing has happened yet.**")
    st.markdown(plan.what)
    wrong("plan")
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="plan_cancel"):
            dialogs.close()
        st.button(plan.verb, type="primary", key="plan_do", on_click=attempted, args=(do, plan.after, "plan"))


def _forget() -> None:
    """Forget how the form before ended."""
    st.session_state.pop(_WRONG, None)
    st.session_state.pop(_DONE, None)


def attempted(do: Callable[[], object], after: str, form: str) -> None:
    """Do it, and keep how it ended for the page: the sentence of the refusal under a form, or what is done."""
    _forget()
    try:
        do()
    except Failure as refused:
        st.session_state[_WRONG] = (form, refused.message, refused.advice)
    else:
        st.session_state[_SAID], st.session_state[_DONE] = after, form


def wrong(form: str) -> None:
    """Say under a form why it was refused: once, and in a dialog for as long as it stands there."""
    told = st.session_state.get(_WRONG)
    if told and told[0] == form:
        if not dialogs.is_open(form):
            del st.session_state[_WRONG]
        st.markdown(f":small[:red[:material/error: {plain(told[1])}]]  \n:small[{plain(told[2])}]")


def outcomes(told: Iterable[str], noun: str) -> None:
    """Draw how many rows of a plan come to what, what will be done first: what is left alone is gray."""
    ordered = sorted(Counter(told).items(), key=lambda each: (":gray[" in each[0], -each[1]))
    rows = {"What will happen": [words for words, _ in ordered], noun: [f"{number:,}" for _, number in ordered]}
    st.table(rows, border="horizontal", hide_index=True, alt="Table of what will happen to how many")


def secret(label: str, name: str, *, new: bool = True) -> None:
    """Draw an input for a password or another secret; after it was taken, another one takes its place."""
    autocomplete = "new-password" if new else "current-password"
    st.text_input(label, key=_turned(name), type="password", autocomplete=autocomplete)


def taken(*names: str) -> list[str]:
    """Take what was typed out of secret inputs, in a form's own callback.

    Emptying an input is not enough: Streamlit keeps what the browser sent until the next run. An input that is drawn no
    more is forgotten at the end of this one (but not of one that `st.stop` ends).
    """
    found = [str(st.session_state.get(_turned(name)) or "") for name in names]
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    return found


def _turned(name: str) -> str:
    return f"{name}_{st.session_state.get(_TURN, 0)}"


def refuse_different(first: str, again: str) -> None:
    """See that a password was typed the same twice. Raises Misuse."""
    if first != again:
        raise Misuse("The two new passwords differ.", "Type the same one twice.")
