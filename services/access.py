"""Who may do what: roles, permissions, and the check that stands before every service function."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Concatenate, ParamSpec, TypeVar

from data import trail
from data.store import Session, Store
from data.types import Role
from services import audit
from services.desk import Desk
from services.failures import Forbidden

W = TypeVar("W", bound=Desk | Session)
P = ParamSpec("P")
R = TypeVar("R")


class Permission(StrEnum):
    """What a role allows; each value completes the sentence "… may …"."""

    LOOK = "look at networks, accounts and trends"
    SEE_MESSAGES = "see messages"
    REQUEST_APPROVAL = "request an approval"
    WRITE_NOTES = "write notes"
    COMPOSE = "compose messages"
    SEND_TESTS = "send tests to allowed recipients"
    DECIDE_CASES = "decide cases"
    CONNECT = "connect, reconnect and disconnect"
    EDIT_EXTRA = "edit extra data"
    MANAGE_SOURCES = "manage sources"
    MANAGE_PEOPLE = "manage people"
    MANAGE_RECIPIENTS = "manage recipients"
    READ_AUDIT = "read the audit trail"
    SYNC_NOW = "start a sync"


_LOOKING = frozenset({Permission.LOOK, Permission.SEE_MESSAGES})
_WRITING = frozenset(
    {Permission.REQUEST_APPROVAL, Permission.WRITE_NOTES, Permission.COMPOSE, Permission.SEND_TESTS},
)
ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: _LOOKING,
    Role.MARKETER: _LOOKING | _WRITING,
    Role.ADMIN: frozenset(Permission),
}
REGISTRY: dict[str, Permission] = {}  # every guarded function by its full name, so that a test can check all of them


@dataclass(frozen=True)
class Actor:
    """Who acts: a person with a role, or the system, which has none."""

    username: str
    role: Role | None

    def may(self, permission: Permission) -> bool:
        """Tell whether this actor is allowed to. The system may do anything but decide a case."""
        if self.role is None:
            return self == SYSTEM and permission is not Permission.DECIDE_CASES
        return permission in ALLOWED.get(self.role, frozenset())


SYSTEM = Actor("system", None)


def roles_that_may(permission: Permission) -> list[Role]:
    """Name the roles that have a permission: whom to ask."""
    return [role for role in Role if permission in ALLOWED[role]]


def requires(
    permission: Permission,
) -> Callable[[Callable[Concatenate[W, Actor, P], R]], Callable[Concatenate[W, Actor, P], R]]:
    """Guard a service function that takes `(desk or session, actor, …)`.

    An actor who may not gets Forbidden, and the refusal stands in the audit trail.
    """

    def guard(function: Callable[Concatenate[W, Actor, P], R]) -> Callable[Concatenate[W, Actor, P], R]:
        name = f"{function.__module__}.{function.__qualname__}"
        REGISTRY[name] = permission

        @functools.wraps(function)
        def guarded(where: W, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if not actor.may(permission):
                raise _refused(where, actor, permission, name)
            return function(where, actor, *args, **kwargs)

        return guarded

    return guard


def check(where: Desk | Session, actor: Actor, permission: Permission, subject: str) -> None:
    """Refuse an actor inside a function, where the permission depends on what is asked. Raises Forbidden."""
    if not actor.may(permission):
        raise _refused(where, actor, permission, subject)


def _refused(where: Desk | Session, actor: Actor, permission: Permission, name: str) -> Forbidden:
    def write(store: Store) -> None:
        with store.writing() as session:
            audit.record(session, actor, name, permission.value, outcome="refused", reason=_sentence(actor, permission))

    if isinstance(where, Desk):
        write(where.store)
    else:
        trail.after_rollback(where, write)
    roles = " or ".join(role.value for role in roles_that_may(permission))
    return Forbidden(_sentence(actor, permission), f"Ask a person with the role {roles}." if roles else "Ask an admin.")


def _sentence(actor: Actor, permission: Permission) -> str:
    who = f"The role {actor.role.value}" if actor.role else "The system"
    return f"{who} may not {permission.value}."
