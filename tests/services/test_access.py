"""Who may do what: every guarded function refuses every role that may not, and writes it down."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import services
from data import trail
from data.types import Role
from services import access
from services.access import ALLOWED, REGISTRY, SYSTEM, Actor, Permission, requires
from services.desk import Desk
from services.failures import Forbidden

YES, NO = True, False
TABLE = {  # EXPERIENCE.md, "Shell": analyst, marketer, admin
    Permission.LOOK: (YES, YES, YES),
    Permission.SEE_MESSAGES: (YES, YES, YES),
    Permission.REQUEST_APPROVAL: (NO, YES, YES),
    Permission.WRITE_NOTES: (NO, YES, YES),
    Permission.COMPOSE: (NO, YES, YES),
    Permission.SEND_TESTS: (NO, YES, YES),
    Permission.DECIDE_CASES: (NO, NO, YES),
    Permission.CONNECT: (NO, NO, YES),
    Permission.EDIT_EXTRA: (NO, NO, YES),
    Permission.MANAGE_SOURCES: (NO, NO, YES),
    Permission.MANAGE_PEOPLE: (NO, NO, YES),
    Permission.MANAGE_RECIPIENTS: (NO, NO, YES),
    Permission.READ_AUDIT: (NO, NO, YES),
    Permission.SYNC_NOW: (NO, NO, YES),
}
UNGUARDED = {  # functions that take an actor and are no action of a person
    "services.access.check": "it is the check itself",
    "services.audit.record": "it writes down what a guarded function did",
}


def _modules() -> Iterator[Any]:
    for found in pkgutil.iter_modules(services.__path__, "services."):
        if found.name not in {"services.__main__", "services.sandbox", "services.vendors", "services.cli"}:
            yield importlib.import_module(found.name)


def _acting() -> dict[str, Any]:
    """Every public function of a service that takes an actor."""
    found = {}
    for module in _modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            taken = list(inspect.signature(function).parameters)[:2]
            if not name.startswith("_") and function.__module__ == module.__name__ and {"actor", "_actor"} & set(taken):
                found[f"{module.__name__}.{name}"] = function
    return found


def test_every_function_that_takes_an_actor_is_guarded() -> None:
    assert set(_acting()) - set(UNGUARDED) <= set(REGISTRY)
    assert set(UNGUARDED) <= set(_acting())


def test_every_permission_has_its_row_in_the_table() -> None:
    assert set(TABLE) == set(Permission)


@pytest.mark.parametrize("permission", list(Permission))
def test_roles_have_the_permissions_of_the_table(permission: Permission) -> None:
    assert tuple(Actor("someone", role).may(permission) for role in Role) == TABLE[permission]


@pytest.mark.parametrize("role", list(Role))
def test_each_guarded_function_refuses_the_roles_that_may_not(desk: Desk, role: Role) -> None:
    actor, refused = Actor("someone", role), 0
    for name, function in _acting().items():
        if name in UNGUARDED or REGISTRY[name] in ALLOWED[role]:
            continue
        with pytest.raises(Forbidden):
            function(desk, actor)
        refused += 1
    with desk.store.reading() as session:
        rows = trail.newest(session, 1_000)
    assert [row.outcome for row in rows if row.actor == "someone"] == ["refused"] * refused
    assert refused or role is Role.ADMIN


def test_a_refusal_names_the_role_and_whom_to_ask(desk: Desk) -> None:
    with pytest.raises(Forbidden, match="The role analyst may not manage people") as caught:
        access.check(desk, Actor("ana", Role.ANALYST), Permission.MANAGE_PEOPLE, "people")
    assert caught.value.advice == "Ask a person with the role admin."


def test_the_system_may_do_anything_but_decide_a_case() -> None:
    assert [each for each in Permission if not SYSTEM.may(each)] == [Permission.DECIDE_CASES]
    assert not any(Actor("no role", None).may(each) for each in Permission)


def test_a_refusal_inside_a_unit_of_work_outlives_its_rollback(desk: Desk) -> None:
    reached = []

    @requires(Permission.SYNC_NOW)
    def act(session: trail.Session, actor: Actor) -> None:
        reached.append((session, actor))

    with pytest.raises(Forbidden), desk.store.writing() as session:
        act(session, Actor("ana", Role.ANALYST))
    with desk.store.reading() as session:
        assert [(row.actor, row.outcome) for row in trail.newest(session, 1)] == [("ana", "refused")]
    assert not reached
    REGISTRY.pop(f"{act.__module__}.{act.__qualname__}")
