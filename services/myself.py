"""My account: what everyone may change of their own: the name, the password, and the sessions they have open."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from data import people as table
from data.models import User
from data.store import Session, now
from services import audit, lockouts, people, sessions
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.people import LONGEST_NAME
from services.sessions import IDLE, Verify

_OWN = "own account"


@dataclass(frozen=True)
class Open:
    """One session that a person is signed in with: which browser, from where, since when."""

    number: int
    agent: str
    address: str
    since: datetime
    last_seen_at: datetime


class WrongOldPassword(Failure):
    """The old password, asked for before a new one is taken, is wrong."""

    def __init__(self) -> None:
        super().__init__("password", "The old password is wrong.", "Try again, or ask an admin for a new one.")


@requires(Permission.LOOK, "account.rename", _OWN, _OWN)
def rename(desk: Desk, actor: Actor, name: str) -> None:
    """Change one's own shown name. Raises Misuse for none, a long one, or one with control characters."""
    wanted = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(wanted) <= LONGEST_NAME or not wanted.isprintable():
        raise Misuse(f"A name has 1 to {LONGEST_NAME} letters, without control characters.", "Type it again.")
    with desk.store.writing() as session:
        user = _myself(session, actor)
        if user.name == wanted:
            return
        before, user.name = user.name, wanted
        session.add(user)
        audit.record(session, actor, "account.rename", _OWN, before=before, after=wanted)


@requires(Permission.LOOK, "account.password", _OWN, _OWN)
def change_password(desk: Desk, actor: Actor, here: int, old: str, new: str, *, address: str, verify: Verify) -> None:
    """Take a new password and end all sessions but the one `here`.

    Raises Misuse for a weak one, WrongOldPassword, and lockouts.TooMany: a wrong old password counts like a failed
    sign-in, so that a browser left open is no way to guess it.
    """
    people.refuse_weak(actor.username, new)
    if new == old:
        raise Misuse("The new password is the old one.", "Choose another one.")
    tried = lockouts.count(desk, actor.username, address)
    with desk.store.reading() as session:
        checked = _myself(session, actor).password_hash
    good = verify(old, checked)
    hashed = people.hashed_password(actor.username, new) if good else checked
    with desk.store.writing() as session:
        user = _myself(session, actor)
        if good and user.password_hash == checked:
            lockouts.forgive(session, tried)
            user.password_hash = hashed
            session.add(user)
            table.end_sessions(session, user.id or 0, now(), "password changed", besides=here)
            audit.record(session, actor, "account.password", _OWN)
            return
        sessions.note_waits(session, user, tried, address)
    raise WrongOldPassword


@requires(Permission.LOOK, "account.sessions", _OWN, _OWN)
def signed_in(desk: Desk, actor: Actor) -> list[Open]:
    """List the sessions that one is signed in with, the one used last first."""
    with desk.store.reading() as session:
        found = table.signed_in(session, _myself(session, actor).id or 0, now(), idle=IDLE)
        return [Open(row.id or 0, row.agent, row.address, row.created_at, row.last_seen_at) for row in found]


@requires(Permission.LOOK, "account.sign_out", _OWN, _OWN)
def end(desk: Desk, actor: Actor, number: int) -> None:
    """End one of one's own sessions; nothing happens when it has ended already."""
    with desk.store.writing() as session:
        if table.end_session(session, _myself(session, actor).id or 0, number, now(), "ended by its person"):
            audit.record(session, actor, "account.sign_out", _OWN, after={"session": number})


@requires(Permission.LOOK, "account.sign_out_others", _OWN, _OWN)
def end_others(desk: Desk, actor: Actor, here: int) -> None:
    """End all of one's own sessions but the one `here`."""
    with desk.store.writing() as session:
        table.end_sessions(session, _myself(session, actor).id or 0, now(), "ended by its person", besides=here)
        audit.record(session, actor, "account.sign_out_others", _OWN)


def _myself(session: Session, actor: Actor) -> User:
    user = table.named(session, actor.username)
    if user is None or user.disabled_at is not None:
        raise Misuse(f"{actor.username} is nobody who has an account.", "Sign in as a person.")
    return user
