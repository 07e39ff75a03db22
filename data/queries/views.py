"""Saved views: one's own, and those that others share."""

from typing import NamedTuple

from sqlalchemy import func, or_, select

from data.queries._tables import users, views
from data.store import Session


class Saved(NamedTuple):
    """A saved view as a menu shows it: the query of its address, and whose it is."""

    id: int
    name: str
    query: str
    shared: bool
    owner: str
    mine: bool


def mine_and_shared(session: Session, username: str) -> tuple[Saved, ...]:
    """Give a person's own views by name, then those that others share; of people who left, too."""
    mine = users.c.username == username
    query = (
        select(views.c.id, views.c.name, views.c.query, views.c.shared, users.c.name, mine)
        .join(users, users.c.id == views.c.owner_id)
        .where(or_(mine, views.c.shared))
        .order_by(mine.desc(), func.lower(views.c.name), views.c.id)
    )
    return tuple(Saved(*row) for row in session.connection().execute(query))
