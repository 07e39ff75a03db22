"""The plan of disconnects in its dialog, from a selection of the list or from one account, and its results."""

from collections import Counter
from collections.abc import Callable, Sequence

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries.filters import Filter
from pages.ui import formats, resources, session, works
from pages.ui.disconnecting import results
from pages.ui.disconnecting.results import mark
from pages.ui.plans import outcomes
from pages.ui.text import plain, short
from services.disconnecting import plan as plans
from services.disconnecting import work as work_
from services.disconnecting.plan import Plan, Row
from services.disconnecting.work import Work

ICON = ":material/link_off:"
_FEW, _ROW, _HEAD, _SHOWN = 8, 36, 36, 10
_LEFT = {
    "not_here": "can't be disconnected from here",
    "vanished": "its source no longer lists it",
    "disconnected": "it is disconnected already",
    "busy": "it is being disconnected already",
    "off": "its source is switched off or removed",
}


def ask(wanted: Sequence[str] | Filter, *, whole: bool, begun: Callable[[], None] | None = None) -> None:
    """Show the plan for these connections, or all that match; `whole` takes all connections of their accounts."""
    desk, me = resources.desk(), session.actor()
    _kind.ask(lambda: plans.plan(desk, me, wanted, whole=whole), begun)


def standing() -> None:
    """Draw what is in work or over, and open the dialog that was asked for."""
    _kind.standing()


def _shown(plan: Plan) -> None:
    """Draw what will happen to how many, who is asked afterwards, and where the accounts live on."""
    st.markdown(f"**{plain(_sentence(plan))}** Nothing has happened yet.")
    if len(plan.rows) > _FEW:
        outcomes(map(_outcome, plan.rows), "Connections")
        fold = st.expander(
            f"Show the {formats.plural(len(plan.rows), 'connection')}", key="part_rows", on_change="rerun"
        )
        if fold.open:
            with fold:
                _table(plan)
    else:
        with st.container(gap="xsmall", key="part_lines"):
            for row in sorted(plan.rows, key=lambda row: bool(row.problem)):
                _line(row)
    if plan.doable:
        _afterwards(plan)


def _sentence(plan: Plan) -> str:
    done, left = len(plan.doable), len(plan.rows) - len(plan.doable)
    parts = [f"{done:,} will be disconnected", f"{left:,} will be left alone" if left else ""]
    return ", ".join(part for part in parts if part) + "."


def _line(row: Row) -> None:
    name, source = plain(short(row.name, 60)), plain(row.source)
    if row.problem:
        why = f"{plain(row.problem)} {plain(row.advice)}"
        title = f":gray[:material/do_not_disturb_on:] **{source}** · {name}" if source else f"**{name}**"
        st.markdown(f"{title}  \n:small[:gray[Left alone: {why}]]")
    else:
        told = f"It is sent as {plain(row.called)}"
        st.markdown(f":red[:material/link_off:] **{source}** · {name}  \n:small[:gray[{told}]]")


def _afterwards(plan: Plan) -> None:
    """Say who is asked afterwards, where the accounts live on, which cases they have, and what stays."""
    asked = ", ".join(plain(name) for name in plan.asked)
    gone = "is it" if len(plan.rows) == 1 else "are they"
    st.markdown(f":blue[:material/fact_check:] Afterwards {asked} will be asked for the list: {gone} gone?")
    alive = sorted(Counter(each.source for each in plan.left_alive).items())
    if alive:
        where = ", ".join(f"{plain(source)} ({number:,})" if number > 1 else plain(source) for source, number in alive)
        what = "It" if sum(number for _, number in alive) == 1 else "Accounts"
        st.markdown(f":orange[:material/warning:] **{what} will live on at {where}**: this plan does not end that.")
    numbers = sorted({number for row in plan.doable for number in row.cases})
    if numbers:
        told = ", ".join(f"[case {number}](/approvals?case={number})" for number in numbers[:_FEW])
        more = f" and {len(numbers) - _FEW:,} more" if len(numbers) > _FEW else ""
        st.markdown(f":orange[:material/approval:] Open cases of what is disconnected: {told}{more}. They stay open.")
    none = "" if numbers else "No open case of these accounts. "
    st.markdown(f":gray[:material/drafts: {none}{plans.NO_DRAFT}]")
    st.caption(
        "Each request leaves once and is never repeated by itself. It can't be undone here: to have an account back, "
        "connect it again. Its history stays."
    )


def _outcome(row: Row) -> str:
    if not row.problem:
        return f":red[:material/link_off:] Disconnect at {plain(row.source)}"
    why = _LEFT.get(row.why, "it is not known")
    return f":gray[:material/do_not_disturb_on:] :gray[Left alone: {why}]"


def _table(plan: Plan) -> None:
    rows = plan.rows
    table = pa.table(
        {
            "name": pa.array([row.name for row in rows], pa.string()),
            "source": pa.array([row.source or None for row in rows], pa.string()),
            "what": pa.array([row.problem or f"It is sent as {row.called}" for row in rows], pa.string()),
            "advice": pa.array([row.advice or None for row in rows], pa.string()),
        }
    )
    columns = {
        "name": st.column_config.TextColumn("Account", width=150),
        "source": st.column_config.TextColumn("Source", width=90),
        "what": st.column_config.TextColumn("What will happen", width=280),
        "advice": st.column_config.TextColumn("What to do", width=180),
    }
    height = _ROW * min(max(table.num_rows, 1), _SHOWN) + _HEAD
    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW,
        height=height,
        placeholder=formats.DASH,
        column_config=columns,
        key="part_table",
        alt=f"Table of {len(rows):,} rows of the plan",
    )


def _title(plan: Plan) -> str:
    return f"Plan: disconnect {formats.plural(len(plan.rows), 'connection')}"


def _verb(plan: Plan) -> str:
    doable, rows = len(plan.doable), len(plan.rows)
    if doable == rows == 1:
        return f"Disconnect {plain(short(plan.rows[0].name, 30))} at {plain(plan.rows[0].source)}"
    return f"Disconnect {doable:,} of {rows:,}"


def _doing(work: Work) -> str:
    return f"Disconnecting {formats.plural(len(work.plan.doable), 'connection')}"


def _ended(work: Work) -> str:
    return f"Disconnecting: {results.counted(work)}"


def _again(work: Work) -> tuple[int, Callable[[], Plan]]:
    """Count what nothing was sent for though the plan said so, and give what makes its plan as it is now."""
    left = [each.row.connection for each in work.results if each.receipt is None and each.kind != "planned_out"]
    return len(left), lambda: plans.plan(resources.desk(), session.actor(), left)


_kind = works.Kind(
    key="part",
    icon=ICON,
    title=_title,
    draw=_shown,
    verb=_verb,
    begin=work_.begin,
    of=work_.of,
    doing=_doing,
    ended=_ended,
    mark=mark,
    last="Every source that knows them is asked for its list",
    results=results.told,
    again=_again,
)
