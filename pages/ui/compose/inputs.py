"""The fields of the composer: each with its counter, what is wrong with it, and the press that mends it."""

import streamlit as st

from pages.ui.compose import field, tab, words
from pages.ui.compose.field import Place
from pages.ui.compose.sheet import Sheet
from pages.ui.text import plain
from services.messaging import editing, fields, places
from services.messaging.editing import Body
from services.messaging.examples import Fix
from services.messaging.wire import Problem


def text(sheet: Sheet, label: str, path: str, *, area: bool = False, narrow: bool = False, hint: str = "") -> None:
    """Draw the field of a place in the body; in a narrow one its place is not repeated."""
    limit, wrong, moves = fields.limit(path), sheet.at(path), sheet.tab.moves
    field.field(
        label,
        editing.text(sheet.body, path),
        place=Place(
            path, len(moves), f"{sheet.draft.id}:{places.identity(path, moves)}", words.begun(words.place(path))
        ),
        limit=limit.most if limit else None,
        unit=limit.unit if limit else "characters",
        whose=limit.whose if limit else "",
        area=area,
        error=_all(wrong, "" if narrow else path),
        placeholder=hint,
        variables=sheet.values,
        told=tab.typed,
    )
    if not narrow:
        fix(sheet, path)


def fix(sheet: Sheet, path: str) -> None:
    """Offer the press that mends a place."""
    found = sheet.fix(path)
    if found is not None:
        label, icon = plain(found.words), ":material/auto_fix_high:"
        st.button(label, icon=icon, type="tertiary", key=f"fix_{path}", on_click=_mend, args=(found,))


def under(sheet: Sheet, path: str) -> None:
    """Say under a place without a field of its own what is wrong with it."""
    for each in sheet.at(path):
        st.markdown(f":small[:red[:material/error: {plain(_said(each, path))}]]")


def _said(problem: Problem, path: str) -> str:
    return f"{words.begun(words.place(path))}: {_whole(problem)}"


def _all(problems: list[Problem], path: str) -> str:
    """Say all that is wrong with a place, which is named once, if it is named."""
    said = " ".join(_whole(each) for each in problems)
    return f"{words.begun(words.place(path))}: {said}" if said and path else said


def _whole(problem: Problem) -> str:
    """Give the sentence of a problem with whose rule it is."""
    return f"{problem.message.rstrip('.')} ({problem.source.partition(', ')[0].removesuffix(' document')})."


def _mend(found: Fix) -> None:
    tab.edit(_put, found)


def _put(body: Body, found: Fix) -> Body:
    return editing.put(body, found.field, found.value)
