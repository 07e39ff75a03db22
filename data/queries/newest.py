"""Walks a list by its growing ids, so that a later page costs what the first one does."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from data.store import Session

SIZE = 50
COUNTED = 10_000
"""Rows that are counted one by one; beyond, there are just more."""


@dataclass(frozen=True)
class Stretch:
    """Rows of a list, the newest first unless asked otherwise, and how many match.

    `newer` is the id before which what came before them is asked for, `older` the one to go on from; None where nothing
    comes.
    """

    rows: list[Any]
    newer: int | None
    older: int | None
    total: int
    total_is_exact: bool


def counted(session: Session, query: Select[Any]) -> int:
    """Count what matches, one beyond `COUNTED` at most."""
    few = query.limit(COUNTED + 1).subquery()
    return int(session.connection().execute(select(func.count()).select_from(few)).scalar_one())


def stretch(
    session: Session,
    query: Select[Any],
    by: ColumnElement[int],
    *,
    after: int | None,
    before: int | None,
    oldest_first: bool = False,
    number: int | None = None,
) -> Stretch:
    """Give the rows that follow `after`, those that come before `before`, or the first; `by` is the first column.

    `number` is what `counted` gave for the same question, if somebody has asked it already.
    """
    link = session.connection()
    number = counted(session, query) if number is None else number
    total, exact = min(number, COUNTED), number <= COUNTED
    forth, back = (by.asc(), by.desc()) if oldest_first else (by.desc(), by.asc())
    if before is not None:
        preceding = by < before if oldest_first else by > before
        rows = list(link.execute(query.where(preceding).order_by(back).limit(SIZE + 1)))
        if len(rows) > SIZE:
            rows = rows[:SIZE][::-1]
            return Stretch(rows, rows[0][0], rows[-1][0], total, exact)
        after = None  # fewer than a page before it: that is the first page
    following = query if after is None else query.where(by > after if oldest_first else by < after)
    rows = list(link.execute(following.order_by(forth).limit(SIZE + 1)))
    more, rows = len(rows) > SIZE, rows[:SIZE]
    newer = rows[0][0] if rows and after is not None else None
    return Stretch(rows, newer, rows[-1][0] if more else None, total, exact)
