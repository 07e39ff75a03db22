"""Who may do what: roles, permissions, and the check that stands before every service function.

Every attempt that is refused stands in the audit trail under the name of its action, whether the role did not allow
it or the question was wrong. That is why the guarded functions take the desk: it can always write.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from data.errors import DatabaseProblem
from data.types import Role
from services import audit, logs
from services.desk import Desk
from services.failures import Failure, Forbidden

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
    RULE_ON_ACCOUNTS = "decide which connections are one account"
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
LONGEST_SUBJECT = 200  # characters of what an action was about


class Guarded(NamedTuple):
    """What stands before a function: the permission it asks for, and the action's name in the audit trail."""

    permission: Permission
    action: str


REGISTRY: dict[str, Guarded] = {}  # every guarded function by its full name, so that a test can check all of them


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
    permission: Permission, action: str, about: str = "{}", otherwise: str = ""
) -> Callable[[Callable[Concatenate[Desk, Actor, P], R]], Callable[Concatenate[Desk, Actor, P], R]]:
    """Guard a service function that takes `(desk, actor, …)`; `action` names it in the audit trail ("person.add").

    An actor who may not gets Forbidden. That, and every Failure of the function, is written down as refused, about
    its first argument (`about` says how: "person {}"), or `otherwise` when it has none.
    """

    def guard(function: Callable[Concatenate[Desk, Actor, P], R]) -> Callable[Concatenate[Desk, Actor, P], R]:
        REGISTRY[f"{function.__module__}.{function.__qualname__}"] = Guarded(permission, action)
        third = next(iter(list(inspect.signature(function).parameters)[2:]), "")

        @functools.wraps(function)
        def guarded(desk: Desk, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            subject = _subject(args[0] if args else kwargs.get(third), about, otherwise)
            with attempt(desk, actor, permission, action, subject):
                return function(desk, actor, *args, **kwargs)

        return guarded

    return guard


@contextmanager
def attempt(desk: Desk, actor: Actor, permission: Permission, action: str, subject: str) -> Iterator[None]:
    """Check an actor, run the block, and write down the refusal if there is one. Raises Forbidden.

    The block's own unit of work must have ended (and been undone) when its Failure arrives here.
    """
    try:
        if not actor.may(permission):
            raise _forbidden(actor, permission)
        yield
    except Failure as failure:
        _write_down(desk, actor, action, subject, failure)
        raise


def _subject(first: Any, about: str, otherwise: str) -> str:
    told = ", ".join(str(each) for each in first) if isinstance(first, list | tuple) else first
    return about.replace("{}", str(told)) if told else otherwise


def _write_down(desk: Desk, actor: Actor, action: str, subject: str, failure: Failure) -> None:
    """Append the refusal; when the database can't take it either, the log is what remains."""
    about, reason = subject[:LONGEST_SUBJECT], failure.message
    try:
        with desk.store.writing() as session:
            audit.record(session, actor, action, about, outcome="refused", reason=reason)
    except DatabaseProblem as problem:
        told = {"actor": actor.username, "action": action, "subject": about, "reason": reason}
        logs.logger(__name__).warning("a refusal could not be written", problem=problem.message, **told)


def _forbidden(actor: Actor, permission: Permission) -> Forbidden:
    who = f"The role {actor.role.value}" if actor.role else "The system"
    roles = " or ".join(role.value for role in roles_that_may(permission))
    advice = f"Ask a person with the role {roles}." if roles else "Ask an admin."
    return Forbidden(f"{who} may not {permission.value}.", advice)
