"""Walks a list by its growing ids, the newest first, so that a later page costs what the first one does."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from data.store import Session

SIZE = 50
COUNTED = 10_000
"""Rows that are counted one by one; beyond, there are just more."""


@dataclass(frozen=True)
class Stretch:
    """Rows of a list, the newest first: the ids to go on from, None where nothing follows, and how many match."""

    rows: list[Any]
    newer: int | None
    older: int | None
    total: int
    total_is_exact: bool


def stretch(
    session: Session, query: Select[Any], by: ColumnElement[int], *, after: int | None, before: int | None
) -> Stretch:
    """Give the rows older than `after`, newer than `before`, or the newest; `by` is the query's first column."""
    link = session.connection()
    number = int(link.execute(select(func.count()).select_from(query.limit(COUNTED + 1).subquery())).scalar_one())
    total, exact = min(number, COUNTED), number <= COUNTED
    if before is not None:
        rows = list(link.execute(query.where(by > before).order_by(by).limit(SIZE + 1)))
        if len(rows) > SIZE:
            rows = rows[:SIZE][::-1]
            return Stretch(rows, rows[0][0], rows[-1][0], total, exact)
        after = None  # fewer than a page before it: that is the first page
    older = query if after is None else query.where(by < after)
    rows = list(link.execute(older.order_by(by.desc()).limit(SIZE + 1)))
    more, rows = len(rows) > SIZE, rows[:SIZE]
    newer = rows[0][0] if rows and after is not None else None
    return Stretch(rows, newer, rows[-1][0] if more else None, total, exact)
