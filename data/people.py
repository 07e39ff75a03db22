"""Statements for people, their sessions, and who has to wait before the next try."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Table, bindparam
from sqlalchemy import select as rows
from sqlmodel import SQLModel, col, delete, func, select, update

from data.models import Lockout, SignInSession, User
from data.store import Session
from data.types import Role


class Here(NamedTuple):
    """A session that has not ended, with what is shown of its person: plain values, read on every run of a page."""

    session: int
    expires_at: datetime
    last_seen_at: datetime
    username: str
    name: str
    role: str
    email: str | None
    previous_visit_at: datetime | None
    disabled_at: datetime | None


_sessions: Table = SQLModel.metadata.tables[SignInSession.__tablename__]
_users: Table = SQLModel.metadata.tables[User.__tablename__]
_here = rows(
    *(_sessions.c[name] for name in ("id", *Here._fields[1:3])), *(_users.c[name] for name in Here._fields[3:])
).where(
    _sessions.c.user_id == _users.c.id,
    _sessions.c.token_hash == bindparam("token_hash"),
    _sessions.c.ended_at.is_(None),
)


def here(session: Session, token_hash: str) -> Here | None:
    """Tell whose session a cookie opens, if it has not ended."""
    found = session.connection().execute(_here, {"token_hash": token_hash}).one_or_none()
    return None if found is None else Here._make(found)


def named(session: Session, username: str) -> User | None:
    """Find a person by user name (lower case)."""
    return session.exec(select(User).where(User.username == username)).one_or_none()


def by_id(session: Session, number: int) -> User | None:
    """Find a person by number."""
    return session.get(User, number)


def anybody(session: Session) -> bool:
    """Tell whether there is anybody who may sign in."""
    return session.exec(select(User.id).where(col(User.disabled_at).is_(None)).limit(1)).first() is not None


def active_admins(session: Session) -> int:
    """Count the admins who may sign in."""
    counted = select(func.count()).select_from(User).where(User.role == Role.ADMIN, col(User.disabled_at).is_(None))
    return session.exec(counted).one()


def open_session(session: Session, token_hash: str) -> tuple[SignInSession, User] | None:
    """Find the session of a cookie that has not ended, with its person."""
    found = session.exec(
        select(SignInSession, User)
        .where(SignInSession.user_id == User.id)
        .where(SignInSession.token_hash == token_hash, col(SignInSession.ended_at).is_(None))
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def ticket(session: Session, ticket_hash: str) -> SignInSession | None:
    """Find the session that a one-time ticket opens."""
    wanted = select(SignInSession).where(SignInSession.ticket_hash == ticket_hash)
    return session.exec(wanted.where(col(SignInSession.ended_at).is_(None))).one_or_none()


def last_seen(session: Session, user: int, *, besides: int | None) -> datetime | None:
    """Tell when a person was last here, leaving one session and unused tickets out."""
    wanted = select(func.max(SignInSession.last_seen_at)).where(SignInSession.user_id == user)
    wanted = wanted.where(SignInSession.id != besides, col(SignInSession.token_hash).is_not(None))
    return session.exec(wanted).one()


def seen(session: Session, number: int, at: datetime, *, away: timedelta) -> None:
    """Write down that a session was used; so long after its person was last here, that begins a new visit."""
    user = session.exec(select(SignInSession.user_id).where(SignInSession.id == number)).one()
    last = last_seen(session, user, besides=None)
    if last is not None and at - last >= away:
        session.exec(update(User).where(col(User.id) == user).values(previous_visit_at=last))
    session.exec(update(SignInSession).where(col(SignInSession.id) == number).values(last_seen_at=at))


def signed_in(session: Session, user: int, at: datetime, *, idle: timedelta) -> list[SignInSession]:
    """Give the sessions that a person is signed in with, the one used last first."""
    theirs = select(SignInSession).where(SignInSession.user_id == user, col(SignInSession.ended_at).is_(None))
    alive = (
        col(SignInSession.token_hash).is_not(None),
        col(SignInSession.expires_at) > at,
        col(SignInSession.last_seen_at) > at - idle,
    )
    return list(session.exec(theirs.where(*alive).order_by(col(SignInSession.last_seen_at).desc())))


def end_session(session: Session, user: int, number: int, at: datetime, why: str) -> bool:
    """End one open session of a person; False when it is none."""
    wanted = update(SignInSession).where(col(SignInSession.id) == number, col(SignInSession.user_id) == user)
    ended = session.exec(wanted.where(col(SignInSession.ended_at).is_(None)).values(ended_at=at, ended_why=why))
    return bool(ended.rowcount)


def end_sessions(session: Session, user: int, at: datetime, why: str, *, besides: int | None = None) -> None:
    """End every open session and ticket of a person, but for one if it is named."""
    theirs = update(SignInSession).where(col(SignInSession.user_id) == user, col(SignInSession.ended_at).is_(None))
    if besides is not None:
        theirs = theirs.where(col(SignInSession.id) != besides)
    session.exec(theirs.values(ended_at=at, ended_why=why, ticket_hash=None))


def forget_unused_tickets(session: Session, before: datetime) -> None:
    """Remove tickets that nobody used in time."""
    unused = delete(SignInSession).where(col(SignInSession.token_hash).is_(None))
    session.exec(unused.where(col(SignInSession.created_at) < before))


def lockout(session: Session, subject: str) -> Lockout | None:
    """Find the failed tries of an account or an address."""
    return session.get(Lockout, subject)


def clear_lockout(session: Session, subject: str) -> None:
    """Forget the failed tries of an account or an address."""
    session.exec(delete(Lockout).where(col(Lockout.subject) == subject))


def forget_lockouts(session: Session, before: datetime) -> None:
    """Forget failed tries whose last one is older than this."""
    session.exec(delete(Lockout).where(col(Lockout.last_at) < before))
