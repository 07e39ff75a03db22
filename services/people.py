"""People: who may sign in, with which role; every change ends the sessions it must and stands in the audit trail."""

import functools
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import bcrypt

from data import people as table
from data.models import User
from data.queries import people as asked
from data.queries.people import Listed
from data.store import Session, now
from data.types import Role
from services import audit
from services.access import SYSTEM, Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.sessions import IDLE

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 72  # bytes: bcrypt reads no further
LONGEST_NAME = 200
RESERVED = {SYSTEM.username}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as while the sandbox is on; the password is public."""

    username: str
    password: str
    name: str
    role: Role


DEMO_PEOPLE = (
    DemoPerson("ana", "look-and-learn", "Ana Ferreira", Role.ANALYST),
    DemoPerson("marek", "hello-there", "Marek Øvergård", Role.MARKETER),
    DemoPerson("ingrid", "all-the-keys", "Ingrid Sjöberg", Role.ADMIN),
)


class NobodyLeft(Failure):
    """The last active admin can't be taken away: nobody could give the right back."""

    def __init__(self, username: str) -> None:
        message = f"{username} is the last active admin and can't lose that."
        super().__init__("last_admin", message, "Make another person admin first.")


@requires(Permission.MANAGE_PEOPLE, "person.list", otherwise="everybody")
def everyone(desk: Desk, _actor: Actor) -> list[Listed]:
    """List all people, disabled ones included, by user name."""
    with desk.store.reading() as session:
        return asked.everyone(session, idle=IDLE)


@requires(Permission.MANAGE_PEOPLE, "person.add", "person {}")
def add(
    desk: Desk, actor: Actor, username: str, *, role: Role, password: str, name: str = "", email: str | None = None
) -> Listed:
    """Add a person. Raises Misuse for a name that is taken or malformed, and for a weak password."""
    wanted = checked_username(username)
    if wanted in RESERVED:
        raise Misuse(f"The user name {wanted} is reserved.", "Choose another one.")
    hashed = hashed_password(wanted, password)
    with desk.store.writing() as session:
        if table.named(session, wanted) is not None:
            raise Misuse(f"The user name {wanted} is taken.", "Choose another one, or change that person's role.")
        user = _new(wanted, name, role, hashed, email)
        session.add(user)
        told = {"role": role.value, "name": user.name, "email": email}
        audit.record(session, actor, "person.add", f"person {wanted}", after=told)
        session.flush()
        (added,) = asked.everyone(session, idle=IDLE, username=wanted)
        return added


@requires(Permission.MANAGE_PEOPLE, "person.role", "person {}")
def set_role(desk: Desk, actor: Actor, username: str, role: Role) -> None:
    """Change a person's role and end their sessions. Raises NobodyLeft for the last active admin."""
    with desk.store.writing() as session:
        user = _found(session, username)
        if user.role == role:
            return
        if role is not Role.ADMIN:
            _keep_an_admin(session, user)
        before, user.role = user.role, role.value
        session.add(user)
        table.end_sessions(session, user.id or 0, now(), "role changed")
        audit.record(session, actor, "person.role", f"person {user.username}", before=before, after=role.value)


@requires(Permission.MANAGE_PEOPLE, "person.password", "person {}")
def set_password(desk: Desk, actor: Actor, username: str, password: str) -> None:
    """Give a person a new password, end their sessions and lift their lock-out."""
    hashed = hashed_password(checked_username(username), password)
    with desk.store.writing() as session:
        user = _found(session, username)
        user.password_hash = hashed
        session.add(user)
        table.end_sessions(session, user.id or 0, now(), "password changed")
        table.clear_lockout(session, f"account:{user.username}")
        audit.record(session, actor, "person.password", f"person {user.username}")


@requires(Permission.MANAGE_PEOPLE, "person.disable", "person {}")
def disable(desk: Desk, actor: Actor, username: str) -> None:
    """Stop a person from signing in and end their sessions. Raises NobodyLeft for the last active admin."""
    with desk.store.writing() as session:
        user = _found(session, username)
        if user.disabled_at is not None:
            return
        _keep_an_admin(session, user)
        user.disabled_at = now()
        session.add(user)
        table.end_sessions(session, user.id or 0, now(), "disabled")
        audit.record(session, actor, "person.disable", f"person {user.username}")


@requires(Permission.MANAGE_PEOPLE, "person.enable", "person {}")
def enable(desk: Desk, actor: Actor, username: str) -> None:
    """Let a disabled person sign in again, with the password they had."""
    with desk.store.writing() as session:
        user = _found(session, username)
        if user.disabled_at is None:
            return
        user.disabled_at = None
        session.add(user)
        audit.record(session, actor, "person.enable", f"person {user.username}")


@requires(Permission.MANAGE_PEOPLE, "person.sign_out", "person {}")
def sign_out_everywhere(desk: Desk, actor: Actor, username: str) -> None:
    """End every session of a person."""
    with desk.store.writing() as session:
        user = _found(session, username)
        table.end_sessions(session, user.id or 0, now(), "signed out everywhere")
        audit.record(session, actor, "person.sign_out", f"person {user.username}")


@requires(Permission.MANAGE_PEOPLE, "person.unlock", "person {}")
def unlock(desk: Desk, actor: Actor, username: str) -> None:
    """Let a person who failed too often try again at once."""
    with desk.store.writing() as session:
        user = _found(session, username)
        table.clear_lockout(session, f"account:{user.username}")
        audit.record(session, actor, "person.unlock", f"person {user.username}")


def anybody(desk: Desk) -> bool:
    """Tell whether there is anybody who may sign in."""
    with desk.store.reading() as session:
        return table.anybody(session)


def acting_as(desk: Desk, username: str) -> Actor:
    """Give the actor of a person named on the command line. Raises Misuse when unknown or disabled."""
    with desk.store.reading() as session:
        user = _found(session, username)
    if user.disabled_at is not None:
        raise Misuse(f"{user.username} is disabled and can't act.", "Name another person.")
    return Actor(user.username, Role(user.role))


def ensure_demo_people(desk: Desk) -> None:
    """In sandbox mode, add the demo people that are missing; outside it, do nothing: no default password exists."""
    if not desk.settings.demo:
        return
    with desk.store.reading() as session:
        missing = [person for person in DEMO_PEOPLE if table.named(session, person.username) is None]
    if not missing:
        return
    with ThreadPoolExecutor(len(missing)) as pool:
        hashes = list(pool.map(_demo_hash, [person.password for person in missing]))
    with desk.store.writing() as session:
        for person, hashed in zip(missing, hashes, strict=True):
            if table.named(session, person.username) is None:
                session.add(_new(person.username, person.name, person.role, hashed, None))
                told = {"role": person.role.value, "name": person.name}
                audit.record(session, SYSTEM, "person.add", f"person {person.username}", after=told)


def checked_username(username: str) -> str:
    """Give a user name in lower case. Raises Misuse when it is malformed."""
    wanted = username.strip().lower()
    if not USERNAME.fullmatch(wanted):
        message = "A user name is 1 to 64 small letters, digits, dots, dashes or underscores, not starting with a mark."
        raise Misuse(message, "For example: ines.moreau")
    return wanted


def role_named(text: str) -> Role:
    """Give the role of a name. Raises Misuse that names all."""
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise Misuse(f"There is no role {text[:40]!r}.", f"There are: {', '.join(Role)}.") from None


def hashed_password(username: str, password: str) -> str:
    """Check a new password and hash it with bcrypt. Raises Misuse that says the rule; never shows the password."""
    refuse_weak(username, password)
    return _hash(password)


def refuse_weak(username: str, password: str) -> None:
    """Check a new password. Raises Misuse that says the rule; never shows the password."""
    if not password.isprintable():
        raise Misuse("A password is one line of printable characters.", "Leave line breaks and tabs out.")
    if len(password) < SHORTEST_PASSWORD:
        raise Misuse(f"A password has at least {SHORTEST_PASSWORD} characters.", "A few words make a good one.")
    if len(password.encode("utf-8")) > LONGEST_PASSWORD:
        message = f"A password has at most {LONGEST_PASSWORD} bytes: bcrypt, which protects it, reads no further."
        raise Misuse(message, "Shorten it. Letters with accents take 2 bytes, an emoji takes 4.")
    if password.strip().lower() == username:
        raise Misuse("A password can't be the user name.", "Choose another one.")
    if password != password.strip():
        raise Misuse("A password can't begin or end with a space.", "Spaces inside are fine.")


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode("utf-8"), bcrypt.gensalt()).decode()


@functools.cache
def _demo_hash(password: str) -> str:
    """Hash a public password once per process."""
    return _hash(password)


def _new(username: str, name: str, role: Role, hashed: str, email: str | None) -> User:
    shown = " ".join(name.split())[:LONGEST_NAME] or username
    mail = email.strip()[:LONGEST_NAME] or None if email else None
    return User(username=username, name=shown, email=mail, role=role.value, password_hash=hashed, created_at=now())


def _found(session: Session, username: str) -> User:
    user = table.named(session, checked_username(username))
    if user is None:
        raise Misuse(f"There is no person {checked_username(username)}.", "`python -m services users list` names all.")
    return user


def _keep_an_admin(session: Session, user: User) -> None:
    if user.role == Role.ADMIN and user.disabled_at is None and table.active_admins(session) == 1:
        raise NobodyLeft(user.username)
