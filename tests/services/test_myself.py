"""My account: a new name, a new password that ends the other sessions, and sessions of one's own alone."""

from collections.abc import Callable
from typing import Any

import bcrypt
import pytest

from data import people as table
from data import trail
from data.types import Role
from services import myself, people, sessions
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.failures import Misuse
from services.lockouts import ACCOUNT_TRIES, TooMany
from services.myself import WrongOldPassword

ANA = Actor("ana", Role.ANALYST)
OLD, NEW = "look-and-learn", "another long enough one"


def _right(password: str, hashed: str) -> bool:
    return bcrypt.checkpw(password.encode(), hashed.encode())


def _change(desk: Desk, here: int, old: str = OLD, new: str = NEW) -> None:
    myself.change_password(desk, ANA, here, old, new, address="here", verify=_right)


def _number(desk: Desk, token: str) -> int:
    someone = sessions.person(desk, token)
    assert someone is not None
    return someone.session


def _told(desk: Desk) -> list[tuple[str, str, str, Any]]:
    with desk.store.reading() as session:
        rows = [row for row in trail.newest(session, 100) if row.action.startswith(("account.", "session.lock"))]
    return [(row.action, row.subject, row.outcome, row.reason) for row in reversed(rows)]


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(desk: Desk, cookie: Callable[[str], str]) -> None:
    here, beside, other = cookie("ana"), cookie("ana"), cookie("marek")
    _change(desk, _number(desk, here))
    assert [sessions.person(desk, token) is not None for token in (here, beside, other)] == [True, False, True]
    with desk.store.reading() as session:
        user = table.named(session, "ana")
    assert user is not None
    assert _right(NEW, user.password_hash)
    assert _told(desk) == [("account.password", "own account", "done", None)]


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [("not the old one", NEW, WrongOldPassword), (OLD, "short", Misuse), (OLD, OLD, Misuse), (OLD, "ana", Misuse)],
)
def test_a_refused_password_changes_nothing_and_is_in_no_audit_row(
    desk: Desk, cookie: Callable[[str], str], old: str, new: str, wrong: type[Exception]
) -> None:
    here, beside = cookie("ana"), cookie("ana")
    with pytest.raises(wrong):
        _change(desk, _number(desk, here), old, new)
    assert sessions.person(desk, beside) is not None
    ((action, subject, outcome, reason),) = _told(desk)
    assert (action, subject, outcome) == ("account.password", "own account", "refused")
    assert "not the old one" not in reason


def test_guessing_the_old_password_locks_out_like_a_sign_in(desk: Desk, cookie: Callable[[str], str]) -> None:
    here = _number(desk, cookie("ana"))
    for _ in range(ACCOUNT_TRIES):
        with pytest.raises(WrongOldPassword):
            _change(desk, here, "a wild guess")
    with pytest.raises(TooMany):
        _change(desk, here)
    assert ("session.lock_out", "person ana", "done", None) in _told(desk)


def test_a_weak_new_password_counts_as_no_guess(desk: Desk, cookie: Callable[[str], str]) -> None:
    here = _number(desk, cookie("ana"))
    for _ in range(ACCOUNT_TRIES + 1):
        with pytest.raises(Misuse):
            _change(desk, here, OLD, "short")
    _change(desk, here)


def test_a_password_that_changed_meanwhile_is_wrong(desk: Desk, cookie: Callable[[str], str]) -> None:
    here = _number(desk, cookie("ana"))

    def slow(password: str, hashed: str) -> bool:
        people.set_password(desk, SYSTEM, "ana", "set by an admin meanwhile")
        return _right(password, hashed)

    with pytest.raises(WrongOldPassword):
        myself.change_password(desk, ANA, here, OLD, NEW, address="here", verify=slow)


def test_own_sessions_are_listed_and_ended_and_nobody_elses(desk: Desk, cookie: Callable[[str], str]) -> None:
    here, beside, other = cookie("ana"), cookie("ana"), cookie("marek")
    sessions.sign_in(desk, "ana", OLD, address="an unused ticket", agent="", verify=_right)
    found = myself.signed_in(desk, ANA)
    assert {(each.number, each.address, each.agent) for each in found} == {
        (_number(desk, token), "test", "test") for token in (here, beside)
    }
    myself.end(desk, ANA, _number(desk, other))
    assert sessions.person(desk, other) is not None
    myself.end(desk, ANA, _number(desk, beside))
    assert sessions.person(desk, beside) is None
    assert _told(desk) == [("account.sign_out", "own account", "done", None)]


def test_all_others_end_at_once(desk: Desk, cookie: Callable[[str], str]) -> None:
    here, beside, third = cookie("ana"), cookie("ana"), cookie("ana")
    myself.end_others(desk, ANA, _number(desk, here))
    assert [sessions.person(desk, token) is not None for token in (here, beside, third)] == [True, False, False]


def test_a_name_is_put_right_and_kept(desk: Desk, cookie: Callable[[str], str]) -> None:
    token = cookie("ana")
    myself.rename(desk, ANA, "  Ana   de Sá ")
    someone = sessions.person(desk, token)
    assert someone is not None
    assert someone.name == "Ana de Sá"


@pytest.mark.parametrize("name", ["", "   ", "a" * 201, "two\u202elines", "nul\x00"])
def test_a_name_that_is_none_is_refused(desk: Desk, cookie: Callable[[str], str], name: str) -> None:
    cookie("ana")
    with pytest.raises(Misuse):
        myself.rename(desk, ANA, name)


def test_the_system_has_no_account(desk: Desk) -> None:
    with pytest.raises(Misuse):
        myself.signed_in(desk, SYSTEM)
