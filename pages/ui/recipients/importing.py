"""Recipients from a CSV file: what it would do first, then all of it or nothing."""

from collections.abc import Iterator

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from pages.ui import formats, plans, resources, session
from pages.ui.text import plain, short
from services.failures import Failure
from services.messaging import recipient_files, recipient_rows
from services.messaging.recipient_files import Plan

_FORM, _FILE, _PLAN = "recipients_import", "recipients_file", "recipients_plan"
_ICON = ":material/upload_file:"
_MOST = 500
"""Lines of a plan that are drawn, the wrong ones first."""
_ROW, _HEAD, _TALLEST = 35, 36, 8
_TOLD, _NAME = 3, 40
"""Wrong lines that are told in full above the table, and the letters of each name there."""


def button() -> None:
    """Draw the button that opens the dialog."""
    if st.button("Import …", icon=_ICON, key="import_recipients"):
        st.session_state.pop(_PLAN, None)
        plans.opened("Import recipients", _ICON, _dialog, form=_FORM)


def _dialog() -> None:
    st.markdown(
        ":small[The first line names the columns: `name`, `igsid`, perhaps `consent`; each other one is a variable. "
        "A known name is that recipient: a filled cell replaces what is kept, an empty one leaves it.]"
    )
    st.file_uploader(
        f"CSV file, at most {recipient_rows.MOST:,} recipients",
        type="csv",
        key=_FILE,
        max_upload_size=recipient_rows.LARGEST // 1_048_576,
        on_change=_read,
    )
    found: Plan | Failure | None = st.session_state.get(_PLAN)
    if isinstance(found, Failure):
        st.markdown(f":small[:red[:material/error: {plain(found.message)}]]  \n:small[{plain(found.advice)}]")
    elif found is not None:
        _planned(found)


def _read() -> None:
    """Make the plan of the file that was just chosen; of none there is none."""
    file = st.session_state[_FILE]
    st.session_state.pop(_PLAN, None)
    if file is None:
        return
    try:
        st.session_state[_PLAN] = recipient_files.plan(resources.desk(), session.actor(), file=file.getvalue())
    except Failure as refused:
        st.session_state[_PLAN] = refused


def _planned(found: Plan) -> None:
    new, changed, wrong = len(found.new), len(found.changed), len(found.wrong)
    counts = f"**{new:,} new, {changed:,} changed, {found.same:,} as they are.**"
    if wrong:
        one = f"{formats.plural(wrong, 'line')} can't be taken, so the file can't be imported."
        st.markdown(f":red[:material/error:] **{one}** Correct it, then choose it again.")
        for each in found.wrong[:_TOLD]:
            name = plain(short(each.name, _NAME))
            st.markdown(f":small[**Line {each.line:,}**{name and f' · {name}'}: {plain(each.why)}]")
    else:
        st.markdown(f"{counts} Nothing has happened yet.")
    _table(found)
    plans.wrong(_FORM)
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        st.button(
            f"Import {new + changed:,}" if new + changed else "Import",
            type="primary",
            key="import_do",
            disabled=bool(wrong) or not new + changed,
            on_click=_take,
            args=(found,),
        )


def _table(found: Plan) -> None:
    lines = list(_lines(found))
    if not lines:
        return
    columns = list(zip(*lines[:_MOST], strict=True))
    kinds = {"line": pa.int64(), "name": pa.string(), "what": pa.string()}
    drawn = pa.table({name: pa.array(cells, kinds[name]) for name, cells in zip(kinds, columns, strict=True)})
    config = st.column_config
    st.dataframe(
        drawn,
        hide_index=True,
        row_height=_ROW,
        height=_ROW * min(len(lines), _TALLEST) + _HEAD,
        placeholder=formats.DASH,
        column_config={
            "line": config.NumberColumn("Line", width=50),
            "name": config.TextColumn("Name", width=150),
            "what": config.TextColumn("What happens", width=440),
        },
        key="import_lines",
        alt=f"Table of what {len(lines):,} lines of the file would do",
    )
    if len(lines) > _MOST:
        st.markdown(f":small[:gray[The first {_MOST:,} of {len(lines):,} lines that do something or are wrong.]]")


def _lines(found: Plan) -> Iterator[tuple[int, str, str]]:
    yield from ((each.line, each.name, f"Wrong: {each.why}") for each in found.wrong)
    yield from ((each.line, each.name, f"Changes: {each.what}") for each in found.changed)
    yield from ((each.line, each.name, "New") for each in found.new)


def _take(found: Plan) -> None:
    chosen, desk, actor = st.session_state[_FILE], resources.desk(), session.actor()
    file = chosen.getvalue() if chosen else b""
    told = f"Imported: {len(found.new):,} new, {len(found.changed):,} changed."
    plans.attempted(lambda: recipient_files.take(desk, actor, file=file, digest=found.digest), told, _FORM)
    _read()
