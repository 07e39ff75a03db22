"""Sign-in: tickets work once, sessions end when they should, and guessing does not pay."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import bcrypt
import pytest
from sqlmodel import select

from data import trail
from data.models import Lockout, SignInSession
from data.store import now
from services import lockouts, people, sessions
from services.access import SYSTEM
from services.desk import Desk
from services.lockouts import TooMany
from services.sessions import NOBODY, WrongPassword


def _right(_password: str, _hash: str) -> bool:
    return True


def _wrong(_password: str, _hash: str) -> bool:
    return False


def _try(desk: Desk, username: str, *, verify: sessions.Verify = _wrong, address: str = "here") -> str:
    return sessions.sign_in(desk, username, "a password", address=address, agent="a browser", verify=verify)


def _fail(desk: Desk, username: str, times: int, *, address: str = "here") -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            _try(desk, username, address=address)


def _let_pass(desk: Desk, time: timedelta) -> None:
    """Move every lock-out and session back in time, as if that much had passed."""
    with desk.store.writing() as session:
        for lock in session.exec(select(Lockout)):
            lock.locked_until = lock.locked_until - time if lock.locked_until else None
        for row in session.exec(select(SignInSession)):
            row.last_seen_at, row.expires_at = row.last_seen_at - time, row.expires_at - time
            row.ticket_until = row.ticket_until - time if row.ticket_until else None


@pytest.fixture
def demo(desk: Desk) -> Desk:
    people.ensure_demo_people(desk)
    return desk


def test_a_ticket_gives_a_cookie_once(demo: Desk) -> None:
    ticket = _try(demo, " ANA ", verify=_right)
    token = sessions.redeem(demo, ticket)
    someone = sessions.person(demo, token)
    assert someone is not None
    assert someone.username == "ana"
    assert sessions.redeem(demo, ticket) is None
    assert sessions.person(demo, ticket) is None


def test_a_ticket_lasts_sixty_seconds(demo: Desk) -> None:
    ticket = _try(demo, "ana", verify=_right)
    _let_pass(demo, timedelta(seconds=61))
    assert sessions.redeem(demo, ticket) is None


def test_neither_ticket_nor_cookie_is_in_the_database(demo: Desk, cookie: Callable[[str], str]) -> None:
    ticket, token = _try(demo, "ana", verify=_right), cookie("ana")
    path = demo.store.path
    assert path is not None
    kept = b"".join(each.read_bytes() for each in path.parent.glob(path.name + "*"))
    assert ticket.encode() not in kept
    assert token.encode() not in kept


@pytest.mark.parametrize(("idle", "found"), [(timedelta(minutes=119), 1), (timedelta(hours=2), 0)])
def test_an_idle_session_ends_after_two_hours(
    demo: Desk, cookie: Callable[[str], str], idle: timedelta, found: int
) -> None:
    token = cookie("ana")
    _let_pass(demo, idle)
    assert (sessions.person(demo, token) is not None) == found


def test_a_busy_session_ends_after_twelve_hours(demo: Desk, cookie: Callable[[str], str]) -> None:
    token = cookie("ana")
    for _ in range(12):
        someone = sessions.person(demo, token)
        assert someone is not None
        _let_pass(demo, timedelta(hours=1))
        sessions.seen(demo, sessions.Person(**{**vars(someone), "last_seen_at": now() - timedelta(hours=1)}))
    assert sessions.person(demo, token) is None


def test_a_visit_is_written_at_most_once_a_minute(demo: Desk, cookie: Callable[[str], str]) -> None:
    someone = sessions.person(demo, cookie("ana"))
    assert someone is not None
    with demo.store.writing():  # a write now would wait for this lock and fail
        sessions.seen(demo, someone)


def test_signing_out_ends_the_session_and_only_that_one(demo: Desk, cookie: Callable[[str], str]) -> None:
    first, second = cookie("ana"), cookie("ana")
    assert sessions.sign_out(demo, first)
    assert not sessions.sign_out(demo, first)
    assert sessions.person(demo, first) is None
    assert sessions.person(demo, second) is not None


def test_a_new_sign_in_ends_the_session_of_the_cookie_it_replaces(demo: Desk, cookie: Callable[[str], str]) -> None:
    old = cookie("ana")
    new = sessions.redeem(demo, _try(demo, "marek", verify=_right), replacing=old)
    assert new != old
    assert sessions.person(demo, old) is None
    assert sessions.person(demo, new) is not None


def test_the_previous_visit_is_when_the_last_session_was_seen(demo: Desk, cookie: Callable[[str], str]) -> None:
    cookie("ana")
    _let_pass(demo, timedelta(minutes=30))
    someone = sessions.person(demo, cookie("ana"))
    assert someone is not None
    assert someone.previous_visit_at is not None
    assert timedelta(minutes=29) < now() - someone.previous_visit_at < timedelta(minutes=31)


def test_a_reload_or_a_new_sign_in_within_minutes_is_the_same_visit(demo: Desk, cookie: Callable[[str], str]) -> None:
    token = cookie("ana")
    _let_pass(demo, timedelta(minutes=40))
    first = _look_in(demo, token)
    assert first is not None
    _let_pass(demo, timedelta(minutes=5))
    assert _look_in(demo, token) == first
    assert _look_in(demo, cookie("ana")) == first


def test_half_an_hour_away_in_every_tab_begins_a_new_visit(demo: Desk, cookie: Callable[[str], str]) -> None:
    here, there = cookie("ana"), cookie("ana")
    _let_pass(demo, timedelta(minutes=20))
    _look_in(demo, there)
    _let_pass(demo, timedelta(minutes=20))
    assert _look_in(demo, here) is None, "the other tab was used 20 minutes ago"
    _let_pass(demo, timedelta(minutes=31))
    came_back = _look_in(demo, there)
    assert came_back is not None
    assert timedelta(minutes=30) < now() - came_back < timedelta(minutes=32)
    assert _look_in(demo, here) == came_back, "the second tab to come back does not begin another one"


def _look_in(demo: Desk, token: str) -> datetime | None:
    """Run a page: the visit is noted, then the previous one is asked for."""
    someone = sessions.person(demo, token)
    assert someone is not None
    sessions.seen(demo, someone)
    again = sessions.person(demo, token)
    assert again is not None
    return again.previous_visit_at


@pytest.mark.parametrize("token", [None, "", "x", "\ud800", "x" * 10_000])
def test_a_cookie_nobody_gave_is_nobody(demo: Desk, token: str | None) -> None:
    assert sessions.person(demo, token) is None
    assert token is None or sessions.redeem(demo, token) is None


@pytest.mark.parametrize("username", ["ana", "nobody-has-this-name"])
def test_five_failures_lock_an_account_and_each_further_one_doubles_the_wait(demo: Desk, username: str) -> None:
    _fail(demo, username, 5)
    waits = []
    for _ in range(9):
        with pytest.raises(TooMany) as caught:
            _try(demo, username, verify=_right)
        waits.append(caught.value.seconds)
        _let_pass(demo, timedelta(hours=1))
        _fail(demo, username, 1)
    wanted = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert all(want - 2 <= wait <= want for want, wait in zip(wanted, waits, strict=True))


def test_a_lockout_ends_by_time_and_a_success_forgets_the_failures(demo: Desk) -> None:
    _fail(demo, "ana", 5)
    _let_pass(demo, timedelta(seconds=31))
    assert _try(demo, "ana", verify=_right)
    _fail(demo, "ana", 4)
    assert _try(demo, "ana", verify=_right)


def test_other_accounts_and_other_addresses_are_not_touched(demo: Desk) -> None:
    _fail(demo, "ana", 5)
    _try(demo, "marek", verify=_right)
    for number in range(15):
        _fail(demo, f"guess{number}", 1)
    with pytest.raises(TooMany):
        _try(demo, "marek", verify=_right)
    _try(demo, "marek", verify=_right, address="elsewhere")


def test_a_new_password_lifts_the_lockout_of_the_account(demo: Desk) -> None:
    _fail(demo, "ana", 5)
    people.set_password(demo, SYSTEM, "ana", "a long enough one")
    assert _try(demo, "ana", verify=_right)


def test_a_disabled_person_gets_the_same_answer_as_a_wrong_password(demo: Desk) -> None:
    people.disable(demo, SYSTEM, "ana")
    with pytest.raises(WrongPassword) as caught:
        _try(demo, "ana", verify=_right)
    assert caught.value.message == WrongPassword().message


def test_an_unknown_name_costs_the_check_of_a_real_hash(usual_rounds: None, demo: Desk) -> None:
    del usual_rounds
    looked: list[str] = []

    def remember(_password: str, hashed: str) -> bool:
        looked.append(hashed)
        return False

    for name in ("nobody-has-this-name", "ana"):
        with pytest.raises(WrongPassword):
            _try(demo, name, verify=remember)
    unknown, known = looked
    assert unknown == NOBODY
    assert unknown[:7] == known[:7]
    assert len(unknown) == len(known)
    assert not bcrypt.checkpw(b"a password", unknown.encode())


def test_many_tries_at_once_are_no_way_around_the_limit(demo: Desk) -> None:
    checked: list[str] = []
    gate = threading.Barrier(12)

    def verify(password: str, _hash: str) -> bool:
        checked.append(password)
        return False

    def guess() -> None:
        gate.wait()
        with pytest.raises((WrongPassword, TooMany)):
            _try(demo, "ana", verify=verify)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(checked) == lockouts.ACCOUNT_TRIES


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second"), (30, "30 seconds"), (120, "2 minutes"), (3600, "60 minutes")]
)
def test_a_wait_is_said_in_words(seconds: int, words: str) -> None:
    assert lockouts.spoken(seconds) == words


def _told(desk: Desk) -> list[tuple[str, str, str, str]]:
    with desk.store.reading() as session:
        rows = trail.newest(session, 100)[::-1]
    return [(row.actor, row.action, row.subject, row.outcome) for row in rows if row.action.startswith("session.")]


def test_signing_in_and_out_and_being_locked_out_stand_in_the_trail(demo: Desk, cookie: Callable[[str], str]) -> None:
    sessions.sign_out(demo, cookie("ana"))
    _fail(demo, "ANA ", 5)
    assert _told(demo) == [
        ("ana", "session.sign_in", "person ana", "done"),
        ("ana", "session.sign_out", "person ana", "done"),
        *[("(not signed in)", "session.sign_in", "person ana", "refused")] * 5,
        ("(not signed in)", "session.lock_out", "person ana", "done"),
    ]


def test_what_was_typed_is_not_in_the_trail_when_nobody_has_that_name(demo: Desk) -> None:
    for number in range(20):
        _fail(demo, f"s3cret-typed-too-early-{number}", 1)
    assert [row[1:3] for row in _told(demo)] == [
        ("session.sign_in", lockouts.UNKNOWN),
        ("session.lock_out", "address here"),
    ]
    with demo.store.reading() as session:
        assert not any("s3cret" in str(row) for row in trail.newest(session, 100))


def test_a_password_changed_while_the_old_one_is_checked_lets_nobody_in(demo: Desk) -> None:
    def change(_password: str, _hash: str) -> bool:
        people.set_password(demo, SYSTEM, "ana", "a long enough one")
        return True

    with pytest.raises(WrongPassword):
        _try(demo, "ana", verify=change)


@pytest.mark.parametrize("variant", ["ana", "ANA", " ana", "Ana\t", "\u2003aNa "])
def test_case_and_space_are_no_way_around_a_lockout(demo: Desk, variant: str) -> None:
    _fail(demo, "ana", 5)
    with pytest.raises(TooMany):
        _try(demo, variant, verify=_right, address="elsewhere")


def test_half_a_character_in_a_name_is_wrong_and_no_error(demo: Desk) -> None:
    with pytest.raises(WrongPassword):
        _try(demo, "\ud800")
