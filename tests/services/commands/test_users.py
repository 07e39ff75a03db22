"""`users`: people by the command line; a password comes from stdin and goes nowhere else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data import trail
from services.opening import opened

Run = Callable[..., Any]

PASSWORD = b"an obviously fake one"


@pytest.fixture(autouse=True)
def _outside_the_sandbox(real: None) -> None:
    del real


def test_the_first_admin_is_made_from_stdin(run: Run) -> None:
    said = run("users", "add", "Ines", "--role", "admin", "--name", "Inès", "--json", stdin=PASSWORD + b"\n")
    assert said.code == 0
    assert set(said.document) == {"user"}
    assert (said.document["user"]["username"], said.document["user"]["role"]) == ("ines", "admin")
    listed = run("users", "list", "--limit", "0", "--json").document
    assert listed == {"total": 1, "users": []}


def test_the_password_is_in_no_output_and_not_in_the_database(run: Run, tmp_path: Path) -> None:
    said = run("users", "add", "ines", "--role", "admin", "--json", stdin=PASSWORD)
    assert PASSWORD.decode() not in said.out + said.err
    for path in tmp_path.iterdir():
        assert PASSWORD not in path.read_bytes()


@pytest.mark.parametrize(
    ("stdin", "says"),
    [
        (b"", "No password"),
        (b"\n", "No password"),
        (b"an obviously fake one\nand a second line\n", "one line"),
        (b"an obviously fake one\n\n", "one line"),
        (b"fake", "at least 12"),
        (b"\xff" * 20, "UTF-8"),
        (b"fake" * 20_000, "too much"),
        (b"an obviously fake one\ttab", "one line"),
    ],
)
def test_a_password_that_can_not_be_is_refused_without_showing_it(run: Run, stdin: bytes, says: str) -> None:
    said = run("users", "add", "ines", "--role", "admin", "--json", stdin=stdin)
    assert said.code == 2
    assert says in said.error["message"]
    assert "fake" not in said.out + said.err
    assert run("users", "list", "--json").document["total"] == 0
    ((action, subject, reason),) = refusals()
    assert (action, subject) == ("person.add", "person ines")
    assert says in reason


@pytest.mark.parametrize(
    ("arguments", "action", "subject"),
    [
        ("users add jo --role queen", "person.add", "person jo"),
        ("users add a/b --role admin", "person.add", "person a/b"),
        ("users add INES --role admin", "person.add", "person INES"),
        ("users role ines queen", "person.role", "person ines"),
        ("users role ines analyst", "person.role", "person ines"),
        ("users disable ines", "person.disable", "person ines"),
        ("users password nobody", "person.password", "person nobody"),
        ("users disable ines --as nobody", "person.act_as", "person nobody"),
    ],
)
def test_a_refused_change_is_in_the_trail(run: Run, arguments: str, action: str, subject: str) -> None:
    run("users", "add", "ines", "--role", "admin", stdin=PASSWORD)
    assert run(*arguments.split(), "--json", stdin=PASSWORD).code in {1, 2}
    assert [row[:2] for row in refusals()] == [(action, subject)]


def refusals() -> list[tuple[str, str, str]]:
    """Every refused row of the audit trail, oldest first."""
    desk = opened()
    with desk.store.reading() as session:
        rows = trail.newest(session, 100)[::-1]
    desk.store.close()
    return [(row.action, row.subject, row.reason or "") for row in rows if row.outcome == "refused"]


def test_a_password_is_no_argument(run: Run) -> None:
    said = run("users", "add", "ines", "--role", "admin", "--password", "x", "--json")
    assert said.code == 2
    assert run("users", "list", "--json").document["total"] == 0


def test_roles_and_disabling(run: Run) -> None:
    run("users", "add", "ines", "--role", "admin", stdin=PASSWORD)
    run("users", "add", "otto", "--role", "analyst", stdin=PASSWORD)
    assert run("users", "role", "otto", "marketer", "--json").document["user"]["role"] == "marketer"
    assert run("users", "role", "otto", "--role", "analyst", "--json").document["user"]["role"] == "analyst"
    assert run("users", "disable", "otto", "--json").document["user"]["disabled_at"] is not None
    assert run("users", "enable", "otto", "--json").document["user"]["disabled_at"] is None
    assert run("users", "unlock", "otto", "--json").document["user"]["locked_until"] is None
    said = run("users", "disable", "ines", "--json")
    assert (said.code, said.error["kind"]) == (1, "last_admin")
    assert run("users", "password", "otto", "--json", stdin=b"another obviously fake one\n").code == 0
    assert run("users", "password", "nobody", "--json", stdin=PASSWORD).code == 2


def test_who_acts_is_checked_for_their_role(run: Run) -> None:
    run("users", "add", "ines", "--role", "admin", stdin=PASSWORD)
    run("users", "add", "otto", "--role", "analyst", stdin=PASSWORD)
    said = run("users", "role", "otto", "admin", "--as", "otto", "--json")
    assert (said.code, said.error["kind"]) == (1, "forbidden")
    assert run("users", "role", "otto", "marketer", "--as", "ines").code == 0
    run("users", "disable", "otto")
    assert run("users", "list", "--as", "otto", "--json").code == 2
