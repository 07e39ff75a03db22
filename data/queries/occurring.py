"""The values of an indexed column, each found by one seek: a table of a million rows is not read for its few words."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from data.store import Session


def values(session: Session, column: ColumnElement[Any]) -> tuple[Any, ...]:
    """Give the values that occur in a column which leads an index, in order, without the missing one."""
    first = select(func.min(column).label("value")).where(column.is_not(None)).cte("occurring", recursive=True)
    following = select(func.min(column)).where(column > first.c.value).scalar_subquery()
    every = first.union_all(select(following).where(first.c.value.is_not(None)))
    query = select(every.c.value).where(every.c.value.is_not(None))
    return tuple(session.connection().execute(query).scalars())
