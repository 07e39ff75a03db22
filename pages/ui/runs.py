"""Pieces of the Runs page: what is asked for, the table, and one run in words."""

from collections.abc import Callable

import streamlit as st

from data.queries import run_history
from data.queries.newest import Stretch
from data.queries.run_history import Past, Wanted
from data.types import RunState
from pages.ui import cards, choosing, filters, formats, paging, resources
from pages.ui.formats import Look
from pages.ui.table import cells
from pages.ui.table.cells import Column
from pages.ui.table.draw import Parts, Sheet
from pages.ui.text import plain, short

RUN = "run"
_KEYS = ("source", "state", "trigger")
_LONGEST, _SHOWN = 100, 40
_BEGAN_BY = {
    "hand": "by hand",
    "schedule": "on schedule",
    "replay": "filling the demo",
    "proof": "to prove a disconnect",
    "webhook": "by a webhook",
}


def wanted() -> Wanted:
    """Read what the address asks for."""
    return Wanted(*(st.query_params.get(key, "")[:_LONGEST] or None for key in _KEYS))


def line() -> None:
    """Say what this is, and what is left out."""
    replays = f" · those that filled the demo under “{began_by('replay')}”" if resources.desk().settings.demo else ""
    st.markdown(f":small[:gray[Every sync of every source{replays}]]")


def chosen() -> int | None:
    """Give the number of the run that the address names."""
    return paging.number(RUN)


def choices(asked: Wanted) -> None:
    """Draw the row of choices; what the address names is a choice even where there was none of it."""
    known = resources.kept(run_history.words)
    options = {"source": known.sources, "state": tuple(RunState), "trigger": known.triggers}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_choices"):
        for key, words in options.items():
            filters.one_of(key, words, getattr(asked, key) or "", _NAMED.get(key, str))
        if any(vars(asked).values()):
            st.button("Clear", type="tertiary", key="clear_runs", on_click=_clear)


def _clear() -> None:
    filters.write(dict.fromkeys(_KEYS, ()))


def table(found: Stretch) -> None:
    """Draw the runs; the one that is chosen stands in the address."""
    rows: list[Past] = found.rows
    label = f"Table of {formats.plural(len(rows), 'sync run')}, the newest first"
    choosing.row(Sheet.of(_PARTS, rows, [str(row.id) for row in rows]), parameter=RUN, label=label, required=False)


def look(state: str) -> Look:
    """Give the look of a run's state; one that is new is shown as it is."""
    return formats.RUN_STATES.get(state, Look(state, None, "help"))


def began_by(trigger: str) -> str:
    """Say what began a run; one that is new is shown as it is."""
    return _BEGAN_BY.get(trigger, trigger)


_NAMED: dict[str, Callable[[str], str]] = {"state": lambda word: look(word).word, "trigger": began_by}
"""What the words of a choice are called."""


_PARTS: Parts[Past] = [
    (Column("began", "Began", "ago", 96), lambda row: cells.instant(row.started_at)),
    (Column("source", "Source", "link", 130), lambda row: cells.text(row.source)),
    (Column("trigger", "Started", "text", 116, later=True), lambda row: cells.text(began_by(row.trigger))),
    (Column("state", "Result", "chips", 88), lambda row: [cells.chip(look(row.state))]),
    (Column("took", "Took", "number", 76, format="seconds"), lambda row: row.seconds if row.finished_at else None),
    (Column("seen", "Read", "number", 76, "Connections that the source told of"), lambda row: row.seen),
    (Column("requests", "Calls", "number", 70), lambda row: row.requests),
    (
        Column("changed", "Changed", "number", 82, "New, changed and vanished ones together"),
        lambda row: row.created + row.updated + row.vanished,
    ),
    (Column("why", "Why", "text", 330), lambda row: cells.text(row.problem_message)),
]


def empty(asked: Wanted) -> None:
    """Say why nothing is shown."""
    told = ", ".join(
        f"{key} {plain(short(_NAMED.get(key, str)(word), _SHOWN))}" for key, word in vars(asked).items() if word
    )
    with st.container(border=True, gap="small", key="empty"):
        st.markdown(f"**No run matches**: {told}." if told else "**No sync has run yet.** :gray[See Health.]")
        if told:
            st.button("Clear all", type="tertiary", key="clear_all", on_click=_clear)


def card(number: int | None) -> None:
    """Draw the run of a number: what it read, what that changed, why it ended."""
    row = resources.kept(run_history.one, number) if number else None
    if row is None:
        cards.empty("There is no such run.", "Choose one in the table.")
        return
    with cards.card(plain(row.source), f"run {row.id:,}", key="run_card"):
        st.table(_facts(row), border="horizontal", alt=f"Table of what run {row.id} read and changed")
        if row.problem_message:
            advice = (
                f"  \n:small[:gray[:material/arrow_forward: {plain(row.problem_action)}]]" if row.problem_action else ""
            )
            st.markdown(f":small[{plain(row.problem_message)}]{advice}")


def _facts(row: Past) -> dict[str, str]:
    ended = formats.exact(row.finished_at) if row.finished_at else ":gray[still running]"
    held = " :orange-badge[:material/front_hand: held back]" if row.held_back else ""
    facts = {
        "Result": look(row.state).badge + held,
        "Started": plain(began_by(row.trigger)),
        "Began": formats.exact(row.started_at),
        "Ended": ended + (f" :gray[· after {row.seconds:,.1f} s]" if row.finished_at else ""),
        "Read": f"{formats.plural(row.seen, 'connection')} :gray[in {formats.plural(row.requests, 'call')}]",
        "New": f"{row.created:,}",
        "Changed": f"{row.updated:,}",
        "The same": f"{row.unchanged:,}",
        "Vanished": f"{row.vanished:,}",
        "Could not be taken": f"{row.rejected:,}",
    }
    return {f":gray[{name}]": value for name, value in facts.items()}
