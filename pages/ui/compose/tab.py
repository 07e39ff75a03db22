"""The draft as this tab holds it: each change is saved at once, and a change by somebody else is never overwritten."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from data.errors import DatabaseProblem
from data.queries.drafts import Draft
from pages.ui import resources, session
from services.failures import Failure
from services.messaging import drafts, editing, places
from services.messaging.drafts import Conflict
from services.messaging.editing import Body
from services.messaging.places import Moved

_TAB = "compose_tab"


@dataclass(frozen=True)
class Tab:
    """What this tab knows of a draft, and why its last change could not be saved, if so."""

    id: str
    version: int
    body: Body
    source: str | None
    recipient: str | None
    unsaved: Failure | DatabaseProblem | None = None
    taken_over: str = ""
    """Who saved what this tab took over from another one."""
    moves: tuple[Moved, ...] = ()
    """What was added, copied, moved and removed in this tab, the first one first."""

    @property
    def theirs(self) -> Draft | None:
        """Give what somebody else saved meanwhile: what is here is not saved until a person chose between the two."""
        return self.unsaved.theirs if isinstance(self.unsaved, Conflict) else None


def of(draft: Draft) -> Tab:
    """Give what this tab holds of a draft: its own changes where they wait, else what was saved last."""
    held = st.session_state.get(_TAB)
    if not isinstance(held, Tab) or held.id != draft.id:
        held = _read(draft)
    elif held.version != draft.version and held.unsaved is None:
        held = replace(_read(draft), taken_over=draft.saved_by, moves=held.moves)
    st.session_state[_TAB] = held
    return held


def _read(draft: Draft) -> Tab:
    return Tab(draft.id, draft.version, draft.body, draft.source, draft.recipient)


def held() -> Tab:
    """Give what this tab holds, in what a press calls."""
    found: Tab = st.session_state[_TAB]
    return found


def edit(change: Callable[..., Body], *args: Any) -> None:
    """Change the body by a step of `editing`, and save it."""
    keep(replace(held(), body=change(held().body, *args)))


def arrange(change: Callable[..., Body], path: str, *told: int) -> None:
    """Add, copy, move or remove a row, and save it; what is still typed into another row finds it."""
    before = held()
    moves = (*before.moves, places.moved(before.body, change, path, *told))
    keep(replace(before, body=change(before.body, path, *told), moves=moves))


def typed(path: str, moves: int, text: str) -> None:
    """Take a text that was typed at a place as it was after so many moves; of a row that is gone it goes too."""
    place = places.now(path, held().moves[moves:])
    if place is not None and editing.is_text(place):
        edit(editing.write, place, text)


def keep(wanted: Tab) -> None:
    """Save what this tab holds; what could not be saved stays here, with the reason."""
    before = held()
    if wanted == before and before.unsaved is None:
        return
    st.session_state[_TAB] = wanted
    if wanted.theirs is None:
        st.session_state[_TAB] = _saved(replace(wanted, taken_over=""))


def _saved(wanted: Tab) -> Tab:
    desk, me = resources.desk(), session.actor()
    source, recipient = wanted.source, wanted.recipient
    try:
        done = drafts.save(desk, me, wanted.id, wanted.version, body=wanted.body, source=source, recipient=recipient)
    except (Failure, DatabaseProblem) as refused:
        return replace(wanted, unsaved=refused)
    return replace(wanted, version=done.version, unsaved=None)


def again() -> None:
    """Try once more to save what could not be saved."""
    keep(held())


def forget() -> None:
    """Let go of what is here: what was saved last is shown."""
    st.session_state.pop(_TAB, None)


def keep_mine() -> None:
    """Keep what is here as a draft of its own, and open it."""
    mine = held()
    made = drafts.create(resources.desk(), session.actor(), mine.body, source=mine.source, recipient=mine.recipient)
    forget()
    st.query_params["draft"] = made.id
