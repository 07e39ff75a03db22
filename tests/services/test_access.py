"""Who may do what: every guarded function refuses every role that may not, and writes it down."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import services
from data import trail
from data.store import Store
from data.types import Role, Vendor
from services import access, credentials, jobs, people
from services.access import ALLOWED, REGISTRY, SYSTEM, Actor, Permission
from services.credentials import Application
from services.desk import Desk
from services.failures import Failure, Forbidden

ANALYST = Actor("ann", Role.ANALYST)
GOOD, SHORT = "a long enough one", "s3cret-fake"
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
    Permission.RULE_ON_ACCOUNTS: (NO, NO, YES),
    Permission.MANAGE_SOURCES: (NO, NO, YES),
    Permission.MANAGE_PEOPLE: (NO, NO, YES),
    Permission.MANAGE_RECIPIENTS: (NO, NO, YES),
    Permission.READ_AUDIT: (NO, NO, YES),
    Permission.SYNC_NOW: (NO, NO, YES),
}
UNGUARDED = {  # functions that take an actor and are no action of a person
    "services.access.attempt": "it is the check itself",
    "services.audit.record": "it writes down what a guarded function did",
    "services.connecting.attempts.of_person": "it tells an attempt to its own person alone",
}


def _modules() -> Iterator[Any]:
    others = ("services.__main__", "services.sandbox", "services.vendors", "services.cli", "services.commands")
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if not found.name.startswith(others):
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


def _add(desk: Desk, username: str, password: str) -> None:
    people.add(desk, SYSTEM, password=password, role=Role.ANALYST, username=username)


def _source(desk: Desk, name: str) -> None:
    wanted = Application(Vendor.ZOCIAL, "https://vendor.example", secrets={"token": SHORT})
    credentials.add(desk, SYSTEM, name, wanted)


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
        if name in UNGUARDED or REGISTRY[name].permission in ALLOWED[role]:
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
        people.disable(desk, Actor("ana", Role.ANALYST), "marek")
    assert caught.value.advice == "Ask a person with the role admin."


def test_the_system_may_do_anything_but_decide_a_case() -> None:
    assert [each for each in Permission if not SYSTEM.may(each)] == [Permission.DECIDE_CASES]
    assert not any(Actor("no role", None).may(each) for each in Permission)


def test_every_action_is_named_in_one_style() -> None:
    names = [guarded.action for guarded in REGISTRY.values()]
    assert [name for name in names if not re.fullmatch(r"[a-z]+\.[a-z_]+", name)] == []
    assert len(set(names)) == len(names)


def _newest(desk: Desk) -> tuple[str, str, str, str, str | None]:
    with desk.store.reading() as session:
        (row,) = trail.newest(session, 1)
    return row.actor, row.action, row.subject, row.outcome, row.reason


@pytest.mark.parametrize(
    ("ask", "action", "subject", "says"),
    [
        (lambda desk: people.disable(desk, SYSTEM, "ingrid"), "person.disable", "person ingrid", "last active admin"),
        (lambda desk: people.set_role(desk, SYSTEM, "ingrid", Role.ANALYST), "person.role", "person ingrid", "last"),
        (lambda desk: _add(desk, "ANA", GOOD), "person.add", "person ANA", "taken"),
        (lambda desk: _add(desk, "a b", GOOD), "person.add", "person a b", "small letters"),
        (lambda desk: _add(desk, "jo", SHORT), "person.add", "person jo", "at least 12"),
        (lambda desk: people.set_password(desk, SYSTEM, "ana", SHORT), "person.password", "person ana", "at least"),
        (lambda desk: people.enable(desk, SYSTEM, username="nobody"), "person.enable", "person nobody", "no person"),
        (lambda desk: _source(desk, "zocial-emea"), "source.add", "source zocial-emea", "never mix"),
        (lambda desk: credentials.remove(desk, SYSTEM, "late"), "source.remove", "source late", "pretended"),
        (
            lambda desk: credentials.set_enabled(desk, SYSTEM, "x", enabled=True),
            "source.switch",
            "source x",
            "no source",
        ),
        (
            lambda desk: credentials.rotate(desk, SYSTEM, "x", {"token": SHORT}),
            "source.rotate",
            "source x",
            "no source",
        ),
        (lambda desk: jobs.sync_now(desk, ANALYST, ["late"]), "sync.start", "late", "may not start a sync"),
        (lambda desk: jobs.sync_now(desk, ANALYST), "sync.start", "all sources", "may not start a sync"),
    ],
)
def test_a_refused_change_is_in_the_trail_under_its_name(
    desk: Desk, ask: Callable[[Desk], object], action: str, subject: str, says: str
) -> None:
    people.ensure_demo_people(desk)
    with pytest.raises(Failure):
        ask(desk)
    actor, told_action, told_subject, outcome, reason = _newest(desk)
    assert (told_action, told_subject, outcome) == (action, subject, "refused")
    assert actor in {"system", "ann"}
    assert says in (reason or "")
    assert SHORT not in f"{told_subject}{reason}"


def test_done_and_refused_carry_the_same_name_and_the_change_is_undone(desk: Desk) -> None:
    _add(desk, "jo", GOOD)
    done = _newest(desk)
    with pytest.raises(Failure):
        _add(desk, "jo", GOOD)
    assert done[:4] == ("system", "person.add", "person jo", "done")
    assert _newest(desk)[:4] == ("system", "person.add", "person jo", "refused")
    assert len(people.everyone(desk, SYSTEM)) == 1


def test_a_subject_without_an_end_is_cut(desk: Desk) -> None:
    with pytest.raises(Failure):
        people.disable(desk, SYSTEM, "x" * 10_000)
    assert len(_newest(desk)[2]) == access.LONGEST_SUBJECT


def test_a_refusal_that_no_database_takes_is_still_the_refusal_and_in_the_log(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    away = replace(desk, store=Store.at("sqlite:////nowhere/patchbay.db"))
    with pytest.raises(Forbidden):
        people.disable(away, ANALYST, "ingrid")
    told = capfd.readouterr()
    assert "person.disable" in told.out + told.err
