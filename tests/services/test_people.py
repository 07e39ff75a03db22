"""People: names, passwords, roles, and that somebody can always let others in."""

from collections.abc import Callable

import bcrypt
import pytest

from data import people as table
from data import trail
from data.models import User
from data.types import Role
from services import audit, lockouts, people, sessions
from services.access import SYSTEM
from services.desk import Desk
from services.failures import Failure, Misuse
from services.people import DEMO_PEOPLE, NobodyLeft

GOOD = "a long enough one"


def _user(desk: Desk, username: str) -> User:
    with desk.store.reading() as session:
        user = table.named(session, username)
    assert user is not None
    return user


def test_a_person_is_kept_with_a_hash_and_never_the_password(desk: Desk) -> None:
    listed = people.add(desk, SYSTEM, "  Ines.Moreau ", role=Role.MARKETER, name="Inès  Moreau", password=GOOD)
    assert (listed.username, listed.name, listed.role) == ("ines.moreau", "Inès Moreau", Role.MARKETER)
    user = _user(desk, "ines.moreau")
    assert user.password_hash.startswith("$2b$")
    assert bcrypt.checkpw(GOOD.encode(), user.password_hash.encode())
    assert desk.store.path is not None
    assert GOOD.encode() not in desk.store.path.read_bytes()


@pytest.mark.parametrize("username", ["", "-a", "a b", "é", "a" * 65, "a/b", "system", "a\nb", "\uff41"])
def test_a_malformed_user_name_is_refused(desk: Desk, username: str) -> None:
    with pytest.raises(Misuse):
        people.add(desk, SYSTEM, username, role=Role.ADMIN, password=GOOD)
    assert people.everyone(desk, SYSTEM) == []


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12"),
        ("two lines\nof password", "one line"),
        ("é" * 37, "72 bytes"),
        ("a-long-username", "user name"),
        (" spaces around it ", "space"),
    ],
)
def test_a_weak_password_is_refused_without_showing_it(desk: Desk, password: str, says: str) -> None:
    with pytest.raises(Misuse, match=says) as caught:
        people.add(desk, SYSTEM, "a-long-username", role=Role.ADMIN, password=password)
    if password != "a-long-username":
        assert password not in f"{caught.value!r} {caught.value.advice}"


def test_a_password_of_exactly_72_bytes_is_accepted(desk: Desk) -> None:
    people.add(desk, SYSTEM, "edge", role=Role.ADMIN, password="é" * 36)
    assert bcrypt.checkpw(("é" * 36).encode(), _user(desk, "edge").password_hash.encode())


def test_a_name_that_is_taken_is_refused(desk: Desk) -> None:
    people.add(desk, SYSTEM, "ines", role=Role.ADMIN, password=GOOD)
    with pytest.raises(Misuse, match="taken"):
        people.add(desk, SYSTEM, "INES", role=Role.ANALYST, password=GOOD)
    assert _user(desk, "ines").role == Role.ADMIN


def test_the_last_active_admin_stays(desk: Desk) -> None:
    people.add(desk, SYSTEM, "first", role=Role.ADMIN, password=GOOD)
    with pytest.raises(NobodyLeft):
        people.disable(desk, SYSTEM, "first")
    with pytest.raises(NobodyLeft):
        people.set_role(desk, SYSTEM, "first", Role.ANALYST)
    people.add(desk, SYSTEM, "second", role=Role.ADMIN, password=GOOD)
    people.disable(desk, SYSTEM, "first")
    with pytest.raises(NobodyLeft):
        people.disable(desk, SYSTEM, "second")
    people.enable(desk, SYSTEM, "first")
    people.set_role(desk, SYSTEM, "second", Role.ANALYST)
    assert [(each.username, each.role) for each in people.everyone(desk, SYSTEM)] == [
        ("first", Role.ADMIN),
        ("second", Role.ANALYST),
    ]


def test_every_change_stands_in_the_trail_without_a_password(desk: Desk) -> None:
    people.add(desk, SYSTEM, "ines", role=Role.ANALYST, password=GOOD)
    people.set_password(desk, SYSTEM, "ines", GOOD + "!")
    people.set_role(desk, SYSTEM, "ines", Role.MARKETER)
    people.disable(desk, SYSTEM, "ines")
    people.enable(desk, SYSTEM, "ines")
    with desk.store.reading() as session:
        rows = trail.newest(session, 10)[::-1]
    told = ["person.add", "person.password", "person.role", "person.disable", "person.enable"]
    assert [row.action for row in rows] == told
    assert not any(GOOD in str(row) or "$2b$" in str(row) for row in rows)
    assert audit.verify(desk) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: people.set_password(desk, SYSTEM, "ana", GOOD),
        lambda desk: people.set_role(desk, SYSTEM, "ana", Role.MARKETER),
        lambda desk: people.disable(desk, SYSTEM, "ana"),
        lambda desk: people.sign_out_everywhere(desk, SYSTEM, "ana"),
    ],
)
def test_a_change_ends_that_persons_sessions_and_nobody_elses(
    desk: Desk, cookie: Callable[[str], str], change: Callable[[Desk], None]
) -> None:
    hers, other = cookie("ana"), cookie("marek")
    assert sessions.person(desk, hers) is not None
    change(desk)
    assert sessions.person(desk, hers) is None
    assert sessions.person(desk, other) is not None


def test_demo_people_exist_once_and_only_in_sandbox_mode(desk: Desk) -> None:
    people.ensure_demo_people(desk)
    people.ensure_demo_people(desk)
    assert [each.username for each in people.everyone(desk, SYSTEM)] == ["ana", "ingrid", "marek"]
    for person in DEMO_PEOPLE:
        assert bcrypt.checkpw(person.password.encode(), _user(desk, person.username).password_hash.encode())


def test_outside_the_sandbox_nobody_exists_by_default(settings_of_test: pytest.MonkeyPatch) -> None:
    from services import desk as desks

    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
    real = desks.current()
    people.ensure_demo_people(real)
    assert not people.anybody(real)
    real.store.close()


def test_acting_as_takes_only_people_who_may_act(desk: Desk) -> None:
    people.ensure_demo_people(desk)
    people.disable(desk, SYSTEM, "ana")
    assert people.acting_as(desk, "Marek").role is Role.MARKETER
    for name in ("ana", "nobody"):
        with pytest.raises(Misuse):
            people.acting_as(desk, name)


def test_the_list_tells_open_sessions_the_last_visit_and_who_has_to_wait(
    desk: Desk, cookie: Callable[[str], str]
) -> None:
    ended, _open = cookie("ana"), cookie("ana")
    sessions.sign_out(desk, ended)
    for _ in range(lockouts.ACCOUNT_TRIES):
        with pytest.raises(Failure):
            sessions.sign_in(desk, "marek", "a guess", address="there", agent="", verify=lambda *_: False)
    ana, ingrid, marek = people.everyone(desk, SYSTEM)
    assert (ana.sessions, ana.last_seen_at is not None, ana.locked_until) == (1, True, None)
    assert (ingrid.sessions, ingrid.last_seen_at) == (0, None)
    assert (marek.sessions, marek.locked_until is not None) == (0, True)


def test_an_admin_unlocks_a_person_who_failed_too_often(desk: Desk) -> None:
    people.ensure_demo_people(desk)
    for _ in range(lockouts.ACCOUNT_TRIES):
        with pytest.raises(Failure):
            sessions.sign_in(desk, "marek", "a guess", address="there", agent="", verify=lambda *_: False)
    people.unlock(desk, SYSTEM, "marek")
    assert sessions.sign_in(desk, "marek", "right", address="there", agent="", verify=lambda *_: True)
    assert {each.username: each.locked_until for each in people.everyone(desk, SYSTEM)}["marek"] is None
