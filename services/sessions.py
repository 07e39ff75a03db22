"""Sign-in and sessions: a password gives a one-time ticket, the ticket gives a cookie, the cookie names a row.

The row is asked on every run, so that signing out, a new password, a new role and disabling hit open tabs too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from data import people as table
from data.errors import DatabaseProblem
from data.models import SignInSession, User
from data.store import Session, now
from data.types import Role
from services import audit, lockouts, logs
from services.access import Actor
from services.desk import Desk
from services.failures import Failure
from services.lockouts import Tried
from services.vault import new_token

TICKET_LASTS = timedelta(seconds=60)
LASTS = timedelta(hours=12)
IDLE = timedelta(hours=2)
SEEN_EVERY = timedelta(seconds=60)
AWAY = timedelta(minutes=30)
"""So long an absence, in every tab and session of a person, ends a visit; a reload or a new sign-in before does not."""
# A hash of nothing anybody knows, with the cost of a real one: an unknown name takes the same time as a known one.
NOBODY = "$2b$12$lxuOyZpgBdAGySRL2oT0FOVglE.YV5jjTksIxe3Jhv3612CwOYMzm"

SIGN_IN = "session.sign_in"
NOT_SIGNED_IN = Actor("(not signed in)", None)
_REFUSED = {"outcome": "refused", "reason": "The user name or the password is wrong."}

Verify = Callable[[str, str], bool]


@dataclass(frozen=True)
class Person:
    """Who is signed in, as the row says at this moment."""

    username: str
    name: str
    role: Role
    email: str | None
    previous_visit_at: datetime | None
    session: int
    expires_at: datetime
    last_seen_at: datetime = field(compare=False)

    @property
    def actor(self) -> Actor:
        """Give the actor that services ask for."""
        return Actor(self.username, self.role)


class WrongPassword(Failure):
    """The user name or the password is wrong: which one is not told."""

    def __init__(self) -> None:
        super().__init__("sign_in", "The user name or the password is wrong.", "Try again, or ask an admin.")


def sign_in(desk: Desk, username: str, password: str, *, address: str, agent: str, verify: Verify) -> str:
    """Check a password and give a one-time ticket of 60 seconds.

    Raises WrongPassword, or lockouts.TooMany with the seconds to wait; both are the same for names nobody has.
    The try is counted before the password is looked at, so that many at once are no way around the limit. The check
    takes a while: a password or a person that changed meanwhile is asked for again, and is wrong.
    """
    name = username.encode("utf-8", "replace").decode().strip().lower()
    tried = lockouts.count(desk, name, address)
    with desk.store.reading() as session:
        found = table.named(session, name)
    checked = found.password_hash if found else NOBODY
    good = verify(password, checked)
    ticket = new_token()
    with desk.store.writing() as session:
        user = table.named(session, name)
        if good and user is not None and user.password_hash == checked and user.disabled_at is None:
            lockouts.forgive(session, tried)
            table.forget_unused_tickets(session, now() - LASTS)
            session.add(_ticket(desk, user, ticket, address, agent))
            return ticket
        _note_failure(session, user, tried, address)
    raise WrongPassword


def redeem(desk: Desk, ticket: str, *, replacing: str | None = None) -> str | None:
    """Swap a ticket for a new cookie value, once; None when it is unknown, used or too old.

    The session of the cookie that the browser had before ends.
    """
    with desk.store.writing() as session:
        row = table.ticket(session, desk.vault.token_hash(ticket))
        if row is None or row.ticket_until is None or row.ticket_until < now():
            return None
        user = table.by_id(session, row.user_id)
        if user is None or user.disabled_at is not None:
            return None
        if replacing:
            _end(session, desk, replacing, "replaced")
        token = new_token()
        row.ticket_hash, row.token_hash = None, desk.vault.token_hash(token)
        row.last_seen_at = now()
        last = table.last_seen(session, row.user_id, besides=row.id)
        if last is not None and now() - last >= AWAY:
            user.previous_visit_at = last
        session.add_all([row, user])
        audit.record(session, user, SIGN_IN, f"person {user.username}", after={"address": row.address})
    return token


def person(desk: Desk, token: str | None) -> Person | None:
    """Tell who is signed in with a cookie, or None when its session has ended, expired or idled away."""
    if not token:
        return None
    with desk.store.reading() as session:
        found = table.here(session, desk.vault.token_hash(token))
    if found is None or found.disabled_at is not None:
        return None
    if found.expires_at <= now() or found.last_seen_at + IDLE <= now():
        return None
    return _person(found)


def seen(desk: Desk, someone: Person) -> bool:
    """Write down that a person is here, at most once a minute, and tell whether that was done.

    A busy database is no reason to fail the page.
    """
    if now() - someone.last_seen_at < SEEN_EVERY:
        return False
    try:
        with desk.store.writing() as session:
            table.seen(session, someone.session, now(), away=AWAY)
    except DatabaseProblem as problem:
        logs.logger(__name__).warning("the last visit could not be written", problem=problem.message)
        return False
    return True


def sign_out(desk: Desk, token: str) -> bool:
    """End the session of a cookie; False when it had ended already."""
    with desk.store.writing() as session:
        user = _end(session, desk, token, "signed out")
        if user is None:
            return False
        audit.record(session, user, "session.sign_out", f"person {user.username}")
    return True


def _end(session: Session, desk: Desk, token: str, why: str) -> User | None:
    found = table.open_session(session, desk.vault.token_hash(token))
    if found is None:
        return None
    row, user = found
    row.ended_at, row.ended_why = now(), why
    session.add(row)
    return user


def _ticket(desk: Desk, user: User, ticket: str, address: str, agent: str) -> SignInSession:
    return SignInSession(
        user_id=user.id or 0,
        ticket_hash=desk.vault.token_hash(ticket),
        ticket_until=now() + TICKET_LASTS,
        address=address[:64],
        agent="".join(character for character in agent if character.isprintable())[:200],
        created_at=now(),
        last_seen_at=now(),
        expires_at=now() + LASTS,
    )


def _person(found: table.Here) -> Person:
    return Person(
        username=found.username,
        name=found.name,
        role=Role(found.role),
        email=found.email,
        previous_visit_at=found.previous_visit_at,
        session=found.session,
        expires_at=found.expires_at,
        last_seen_at=found.last_seen_at,
    )


def _note_failure(session: Session, user: User | None, tried: Tried, address: str) -> None:
    """Write down a failure without what was typed, which may be a password: a name only if it is a person's."""
    told: dict[str, object] = {"address": address[:64]}
    if user is not None:
        audit.record(session, NOT_SIGNED_IN, SIGN_IN, f"person {user.username}", after=told, **_REFUSED)
    elif tries := lockouts.unknown_tries(session):
        told["tries"] = tries
        audit.record(session, NOT_SIGNED_IN, SIGN_IN, lockouts.UNKNOWN, after=told, **_REFUSED)
    note_waits(session, user, tried, address)


def note_waits(session: Session, user: User | None, tried: Tried, address: str) -> None:
    """Write down who has to wait after a failed try: the person, the address, or neither."""
    if tried.account in tried.waits and user is not None:
        _note_wait(session, f"person {user.username}", tried.waits[tried.account])
    if tried.address in tried.waits:
        _note_wait(session, f"address {address[:64]}", tried.waits[tried.address])


def _note_wait(session: Session, subject: str, seconds: int) -> None:
    audit.record(session, NOT_SIGNED_IN, "session.lock_out", subject, after={"seconds": seconds})
