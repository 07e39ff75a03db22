"""People: who may sign in, with what role, and how each stands."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from data.queries._tables import lockouts, sessions, users
from data.store import Session, now
from data.types import Role


class Listed(NamedTuple):
    """One person as the People page and the command line show them.

    `last_seen_at` is of all sessions, ended ones too; `sessions` counts those that are open; `locked_until` is None for
    somebody who may try to sign in.
    """

    username: str
    name: str
    email: str | None
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    last_seen_at: datetime | None
    sessions: int
    locked_until: datetime | None


def everyone(session: Session, *, idle: timedelta, username: str | None = None) -> list[Listed]:
    """Give all people, disabled ones too, by user name, or the one of a name; a session idles away after `idle`."""
    found = session.connection().execute(_query(idle, username))
    return [Listed._make((*row[:3], Role(row[3]), *row[4:])) for row in found]


def names(session: Session) -> dict[str, str]:
    """Give the name of everybody who has one besides the user name, disabled people too."""
    found = session.connection().execute(select(users.c.username, users.c.name))
    return {row.username: row.name for row in found if row.name and row.name != row.username}


def _query(idle: timedelta, username: str | None) -> Select[Any]:
    at = now()
    used = sessions.c.token_hash.is_not(None)
    alive = and_(sessions.c.ended_at.is_(None), sessions.c.expires_at > at, sessions.c.last_seen_at > at - idle)
    theirs = and_(sessions.c.user_id == users.c.id, used)
    lock = and_(lockouts.c.subject == "account:" + users.c.username, lockouts.c.locked_until > at)
    told = (users.c[name] for name in ("username", "name", "email", "role", "created_at", "disabled_at"))
    query = (
        select(*told, func.max(sessions.c.last_seen_at), func.count().filter(theirs, alive), lockouts.c.locked_until)
        .select_from(users.outerjoin(sessions, theirs).outerjoin(lockouts, lock))
        .group_by(users.c.id, lockouts.c.locked_until)
        .order_by(users.c.username)
    )
    return query if username is None else query.where(users.c.username == username)
