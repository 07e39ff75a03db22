"""Pieces of the Runs page: what is asked for, the table, and one run in words."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries import run_history
from data.queries.newest import Stretch
from data.queries.run_history import Past, Wanted
from data.types import RunState
from pages.ui import cards, choosing, filters, formats, paging, resources
from pages.ui.formats import Look
from pages.ui.text import plain, short

RUN = "run"
_KEYS = ("source", "state", "trigger")
_LONGEST, _SHOWN = 100, 40
_INSTANT = pa.timestamp("us", tz="UTC")
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
    st.markdown(f":small[:gray[Every sync of every source · times in UTC{replays}]]")


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
    drawn = pa.table(
        {
            "began": pa.array([row.started_at for row in rows], _INSTANT),
            "source": pa.array([row.source for row in rows], pa.string()),
            "trigger": pa.array([began_by(row.trigger) for row in rows], pa.string()),
            "state": pa.array([[look(row.state).word] for row in rows], pa.list_(pa.string())),
            "took": pa.array([row.seconds if row.finished_at else None for row in rows], pa.float64()),
            **{name: pa.array([getattr(row, name) for row in rows], pa.int64()) for name in ("seen", "requests")},
            "changed": pa.array([row.created + row.updated + row.vanished for row in rows], pa.int64()),
            "why": pa.array([row.problem_message for row in rows], pa.string()),
        }
    )
    alt = f"Table of {formats.plural(len(rows), 'sync run')}, the newest first"
    ids = [str(row.id) for row in rows]
    choosing.row(drawn, ids, parameter=RUN, columns=_columns(), alt=alt, required=False)


def look(state: str) -> Look:
    """Give the look of a run's state; one that is new is shown as it is."""
    return formats.RUN_STATES.get(state, Look(state, None, "help"))


def began_by(trigger: str) -> str:
    """Say what began a run; one that is new is shown as it is."""
    return _BEGAN_BY.get(trigger, trigger)


_NAMED: dict[str, Callable[[str], str]] = {"state": lambda word: look(word).word, "trigger": began_by}
"""What the words of a choice are called."""


@cache
def _columns() -> dict[str, Any]:
    config = st.column_config
    tints = {each.word: each.tint for each in formats.RUN_STATES.values()}
    return {
        "began": config.DatetimeColumn("Began, UTC", format="YYYY-MM-DD HH:mm:ss", timezone="UTC", width=140),
        "source": config.TextColumn("Source", width=120),
        "trigger": config.TextColumn("Started", width=96),
        "state": config.MultiselectColumn("Result", options=list(tints), color=list(tints.values()), width=84),
        "took": config.NumberColumn("Took", format="%.1f s", width=70),
        "seen": config.NumberColumn("Read", width=70, help="Connections that the source told of"),
        "requests": config.NumberColumn("Calls", width=64),
        "changed": config.NumberColumn("Changed", width=76, help="New, changed and vanished ones together"),
        "why": config.TextColumn("Why", width=320),
    }


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
