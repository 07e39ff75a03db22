"""Plan, then do, for many rows: the dialog that shows a plan, carries it out, and gives a result per row.

A page calls `standing()` of a kind of plans once, anywhere; a button calls `ask()` with what makes the plan, best as
its `on_click` (inside another dialog: `ask()`, then `dialogs.close()`). What is in work goes on
whatever the page does: it is shown again after a reload.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import streamlit as st

from data.errors import DatabaseProblem
from pages.ui import dialogs, formats, resources, session
from pages.ui.dialogs import Dialog
from pages.ui.text import plain
from services import works
from services.access import Actor
from services.desk import Desk
from services.failures import Failure

P = TypeVar("P", bound=works.Rows)
W = TypeVar("W", bound=works.Work[Any, Any])
Maker = Callable[[], P]
Begun = Callable[[], None]
_EVERY = 0.5


@dataclass(frozen=True)
class Kind(Generic[P, W]):
    """One kind of plans, in its words: how a plan and its results are drawn, and what carries it out.

    `key` begins the names of its buttons; `again` gives how many rows were left, and what makes their new plan.
    """

    key: str
    icon: str
    title: Callable[[P], str]
    draw: Callable[[P], None]
    verb: Callable[[P], str]
    begin: Callable[[Desk, Actor, P], object]
    of: Callable[[str], W | None]
    doing: Callable[[W], str]
    ended: Callable[[W], str]
    mark: Callable[[W], str]
    last: str
    """What is done once every row has its first result."""
    results: Callable[[W], None]
    again: Callable[[W], tuple[int, Callable[[], P]]]

    def ask(self, make: Callable[[], P], begun: Begun | None = None) -> None:
        """Show the plan that `make` gives, in a dialog that `standing()` opens; its second press carries it out.

        `begun` is called once the plan is being carried out, for example to choose nothing any more.
        """
        st.session_state[f"{self.key}_asked"] = (make, begun)

    def standing(self) -> None:
        """Draw what is in work, or its results until they are put away; and open the dialog that was asked for."""
        work = self.of(session.actor().username)
        if work is not None and not dialogs.is_open(self.key):
            self._strip(work)
        wish = f"{self.key}_asked"
        asked: tuple[Callable[[], P], Begun | None] | None = st.session_state.get(wish)
        if asked is not None:
            shown = self._planned(*asked)
            del st.session_state[wish]  # a run that is broken off does not come so far: the next one grants it
            dialogs.show(shown)

    def _planned(self, make: Callable[[], P], begun: Begun | None) -> Dialog:
        st.session_state.pop(f"{self.key}_refused", None)
        name = f"{self.key}_plan"
        try:
            with st.spinner("The plan is made …"):
                plan = make()
        except (Failure, DatabaseProblem) as refused:
            return Dialog(name, "No plan", self.icon, partial(self._no_plan, refused), width="small")
        return Dialog(name, self.title(plan), self.icon, partial(self._shown, plan, begun))

    def _no_plan(self, refused: Failure | DatabaseProblem) -> None:
        st.markdown(f"{plain(refused.message)}  \n:gray[{plain(refused.advice)}]")
        if st.button("Close", key=f"{self.key}_close"):
            dialogs.close()

    def _shown(self, plan: P, begun: Begun | None) -> None:
        """Draw the plan, and the button that does it."""
        self.draw(plan)
        self._wrong()
        with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if st.button("Cancel", key=f"{self.key}_cancel"):
                dialogs.close()
            if st.button(
                self.verb(plan),
                type="primary",
                icon=":material/check:",
                disabled=not plan.doable,
                key=f"{self.key}_do",
                on_click=partial(self._begin, plan, begun),
            ):
                st.rerun()

    def _begin(self, plan: P, begun: Begun | None) -> None:
        st.session_state.pop(f"{self.key}_refused", None)
        try:
            self.begin(resources.desk(), session.actor(), plan)
        except Failure as refused:
            st.session_state[f"{self.key}_refused"] = refused
        else:
            self.open()
            if begun is not None:
                begun()

    def _wrong(self) -> None:
        refused: Failure | None = st.session_state.get(f"{self.key}_refused")
        if refused is not None:
            st.markdown(f":small[:red[:material/error: {plain(refused.message)}]]  \n:small[{plain(refused.advice)}]")

    def _going(self, work: W) -> None:
        """Draw how far it is."""
        st.caption("You can close this: it goes on, and its results wait here.")
        _progress(self, work, strip=False)

    def _strip(self, work: W) -> None:
        """Draw what is in work, or that it is over, in one line of the page."""
        with st.container(border=True, gap="small", key=f"{self.key}_strip"):
            if not work.over:
                st.markdown(f"**{self.doing(work)}**")
                _progress(self, work, strip=True)
                return
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{self.mark(work)} **{self.ended(work)}** :gray[{formats.ago(work.started_at)}]")
                st.space("stretch")
                icon = ":material/list_alt:"
                st.button("Show the results", icon=icon, key=f"{self.key}_show", on_click=self.open)
                st.button("Put away", type="tertiary", key=f"{self.key}_away", on_click=_put_away)

    def open(self) -> None:
        """Let the next run open the dialog of what is in work or over."""
        work = self.of(session.actor().username)
        if work is None:
            return
        if work.over:
            dialogs.ask(Dialog(self.key, self.ended(work), self.icon, partial(self._results, work), width="large"))
        else:
            dialogs.ask(Dialog(self.key, self.doing(work), self.icon, partial(self._going, work)))

    def _results(self, work: W) -> None:
        """Draw what became of each row, and the way to plan anew what was not done."""
        self.results(work)
        left, make = self.again(work)
        with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if left:
                label = f"Plan {left:,} anew"
                icon = ":material/replay:"
                if st.button(label, icon=icon, key=f"{self.key}_anew", on_click=self.ask, args=(make,)):
                    dialogs.close()
            if st.button("Done", type="primary", key=f"{self.key}_done", on_click=_put_away):
                dialogs.close()


@st.fragment(run_every=_EVERY)
def _progress(kind: Kind[Any, Any], work: works.Work[Any, Any], *, strip: bool) -> None:
    """Draw the bar, anew twice a second, and the page once it is over."""
    if work.over:
        if not strip:
            kind.open()
        st.rerun(scope="app")
    rows, done = len(work.plan.rows), work.done
    bad = [
        f", {number:,} {what}"
        for number, what in ((work.failed, "not done"), (work.unclear, "not known yet"))
        if number
    ]
    words = f":small[**{done:,} of {rows:,}**{''.join(bad)}]" if done < rows else f":small[{kind.last}]"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.progress(done / rows if rows else 1.0, text=words, width="stretch")
        stopping = work.stopping
        label, icon, key = "Stopping" if stopping else "Stop", ":material/stop_circle:", f"{kind.key}_stop_{strip}"
        st.button(label, icon=icon, disabled=stopping, key=key, on_click=work.stop)


def _put_away() -> None:
    works.put_away(session.actor().username)
