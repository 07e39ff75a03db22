"""Walks a sorted list by places instead of offsets, so that a later page costs what the first one does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, select, union_all

from data.queries import cursors
from data.queries.cursors import Nonsense, Place
from data.queries.orders import Phase, told, understood
from data.store import Session


@dataclass(frozen=True)
class Walk:
    """A list: its phases, the conditions on its rows, and the mark that its places carry."""

    session: Session
    phases: list[Phase]
    matching: list[ColumnElement[bool]]
    mark: int
    narrowing: Sequence[Sequence[ColumnElement[bool]]] = ()
    """Further conditions on the rows of each phase."""
    parts: Sequence[ColumnElement[bool]] = ()
    """Conditions that part the rows, each with an index of its own: walked one beside the other, and merged."""


@dataclass(frozen=True)
class Stretch:
    """Rows in order, how many come before them, and the places of what comes next and what came before."""

    rows: list[Any]
    before: int
    next: str | None
    previous: str | None


def stretch(
    walk: Walk, query: Callable[[], Select[Any]], *, after: str | None, before: str | None, size: int
) -> tuple[Stretch, bool]:
    """Give `size` rows after or before a place, and whether that place was one."""
    try:
        place = _place(walk, after or before)
    except Nonsense:
        return _forward(walk, query, None, size), False
    if place is None or after:
        return _forward(walk, query, place, size), True
    rows = _rows(walk, query, place, size + 1, backwards=True)
    if len(rows) <= size:  # fewer than a page before it: that is the first page
        return _forward(walk, query, None, size), True
    rows = rows[:size][::-1]
    start = max(place.before - size, 1)
    return Stretch(
        [row for _, row in rows], start, _written(walk, rows[-1], start + size), _written(walk, rows[0], start)
    ), True


def _forward(walk: Walk, query: Callable[[], Select[Any]], place: Place | None, size: int) -> Stretch:
    rows = _rows(walk, query, place, size + 1, backwards=False)
    start = place.before if place else 0
    if not rows and place is not None:  # the list has shrunk since the place was written
        return _forward(walk, query, None, size)
    more, rows = len(rows) > size, rows[:size]
    following = _written(walk, rows[-1], start + len(rows)) if more else None
    preceding = _written(walk, rows[0], start) if rows and place is not None else None
    return Stretch([row for _, row in rows], start, following, preceding)


def _rows(
    walk: Walk, query: Callable[[], Select[Any]], place: Place | None, size: int, *, backwards: bool
) -> list[tuple[int, Any]]:
    """Take rows phase by phase from a place on, each with the number of its phase."""
    numbers = range(len(walk.phases))
    start = place.phase if place else 0
    found: list[tuple[int, Any]] = []
    for number in reversed(numbers[: start + 1]) if backwards else numbers[start:]:
        phase = walk.phases[number]
        here = [*walk.matching, *phase.where, *(walk.narrowing[number] if walk.narrowing else ())]
        if place is not None and number == start:
            here.append(phase.beyond(place.values, backwards=backwards))
        hidden = [item.label(f"_place_{index}") for index, item in enumerate(phase.columns)]
        statement = query().add_columns(*hidden).where(*here).order_by(*phase.sorting(backwards=backwards))
        statement = statement.limit(size - len(found))
        merged = _merged(statement, walk.parts, phase, backwards=backwards) if walk.parts else statement
        rows = walk.session.connection().execute(merged.limit(size - len(found))).all()
        found += [(number, row) for row in rows]
        if len(found) == size:
            break
    return found


def _merged(
    statement: Select[Any], parts: Sequence[ColumnElement[bool]], phase: Phase, *, backwards: bool
) -> Select[Any]:
    """Give the rows that a statement gives of each part, in the order of the phase."""
    whole = union_all(*(select(statement.where(part).subquery()) for part in parts)).subquery()
    columns = tuple(whole.c[f"_place_{index}"] for index in range(len(phase.columns)))
    return select(whole).order_by(*replace(phase, columns=columns).sorting(backwards=backwards))


def _place(walk: Walk, text: str | None) -> Place | None:
    """Read a place; one of another list is None: the list starts anew. Raises Nonsense for any other text."""
    if not text:
        return None
    place = cursors.read(text)
    if place.mark != walk.mark:
        return None
    if place.phase >= len(walk.phases):
        raise Nonsense
    values = understood(walk.phases[place.phase], list(place.values))
    if values is None:
        raise Nonsense
    return Place(place.mark, place.phase, values, place.before)


def _written(walk: Walk, found: tuple[int, Any], before: int) -> str:
    number, row = found
    width = len(walk.phases[number].columns)
    return cursors.written(Place(walk.mark, number, tuple(told(value) for value in row[-width:]), before))
