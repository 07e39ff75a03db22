"""Wrong use and wrong settings: a sentence and what to do, the right exit code, and nothing half-started."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.commands.output import shown

Run = Callable[..., Any]


@pytest.fixture
def begun() -> None:
    """Nothing is there: a wrong command or setting leaves it so."""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json"],
        ["nonsense", "--json"],
        ["sync", "--nonsense", "--json"],
        ["sync", "surplus", "--json"],
        ["sync", "--source", "nobody", "--json"],
        ["connections", "--kind", "planet", "--json"],
        ["connections", "--status", "fine", "--json"],
        ["connections", "--health", "fine", "--json"],
        ["connections", "--suspect", "everything", "--json"],
        ["connections", "--limit", "many", "--json"],
        ["connections", "--limit", "-1", "--json"],
        ["connections", "--source", "nobody", "--json"],
        ["users", "--json"],
        ["users", "nonsense", "--json"],
        ["users", "add", "--json"],
        ["users", "add", "jo", "--json"],
        ["users", "add", "jo", "--role", "queen", "--json"],
        ["users", "role", "jo", "--json"],
        ["users", "disable", "nobody", "--json"],
        ["users", "list", "--as", "nobody", "--json"],
        ["sources", "test", "nobody", "--json"],
        ["sources", "remove", "nobody", "--json"],
        ["sources", "add", "x", "--vendor", "myspace", "--base-url", "https://a.example", "--json"],
        ["sandbox", "--port", "99999", "--json"],
        ["connections", "--search", "\udcff", "--json"],
        ["connections", "--as-of", "0001-01-01", "--json"],
        ["connections", "--as-of", "9999-12-31", "--json"],
        ["changes", "--since", "9999-12-31", "--json"],
        ["changes", "--since", "0001-01-01", "--until", "0001-01-01", "--json"],
        ["changes", "--since", "0001-01-01", "--until", "9999-12-31", "--json"],
    ],
)
def test_wrong_use_is_one_json_error_and_exit_code_2(run: Run, arguments: list[str]) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert said.error["kind"] == "misuse"
    assert said.error["message"]
    assert said.error["advice"]


def test_without_json_an_error_is_sentences_on_stderr(run: Run) -> None:
    said = run("sync", "--source", "nobody")
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[0] == "There is no source named 'nobody'."
    assert said.err.splitlines()[1].startswith("There are: ")


@pytest.mark.parametrize(
    "wrong",
    [
        ("PATCHBAY_SYNC_MINUTES", "often", "PATCHBAY_SYNC_MINUTES"),
        ("PATCHBAY_SYNC_MINUTES", "-1", "PATCHBAY_SYNC_MINUTES"),
        ("PATCHBAY_SANDBOX", "perhaps", "PATCHBAY_SANDBOX"),
        ("PATCHBAY_SECRET_KEY", "short", "32 characters"),
        ("PATCHBAY_PUBLIC_URL", "http://desk.example", "https"),
        ("PATCHBAY_ZOCIAL__BASE_URL", "ftp://x", "PATCHBAY_ZOCIAL__BASE_URL"),
        ("PATCHBAY_ZOCIAL__BASE_URL", "https://api.example", "PATCHBAY_ZOCIAL__TOKEN is missing"),
        ("PATCHBAY_ZOCIAL__TOKEN", "fake-token", "PATCHBAY_ZOCIAL__BASE_URL is missing"),
        ("PATCHBAY_ZOCIAL__TOKN", "fake-token", "PATCHBAY_ZOCIAL__TOKN is no setting"),
        ("PATCHBAY_LATE__CONTRACT", "modern", "PATCHBAY_LATE__CONTRACT"),
        ("PATCHBAY_ZOCIAL", "fake", "one by one"),
        ("PATCHBAY_DATABASE_URL", "nonsense", "no URL of a database"),
        ("PATCHBAY_DATABASE_URL", "mysql://somebody:fake@db/x", "SQLite or PostgreSQL"),
        ("PATCHBAY_DATABASE_URL", "postgresql+nodriver://somebody:fake@db/x", "not installed"),
        ("PATCHBAY_DATABASE_URL", "sqlite://", "in memory"),
    ],
)
@pytest.mark.parametrize("command", ["sync", "connections", "doctor"])
def test_a_wrong_setting_is_named_and_nothing_is_made(
    run: Run, settings_of_test: pytest.MonkeyPatch, tmp_path: Path, command: str, wrong: tuple[str, str, str]
) -> None:
    name, value, says = wrong
    settings_of_test.delenv("PATCHBAY_SECRET_KEY")
    settings_of_test.setenv(name, value)
    said = run(command, "--json")
    assert said.code == 1
    if command == "doctor":
        failed = [check for check in said.document["checks"] if not check["ok"]]
        assert [check["name"] for check in failed] == ["settings"]
        assert not said.document["ok"]
        text = failed[0]["detail"]
    else:
        assert said.error["kind"] == "settings"
        text = said.error["message"]
    assert says in text
    assert "fake" not in said.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("token", ["fäke-token-é", "fake token\n", "fake\r\nX-Header: 1", "\tfake"])
def test_a_credential_that_no_header_can_carry_is_a_wrong_setting(
    run: Run, settings_of_test: pytest.MonkeyPatch, token: str
) -> None:
    settings_of_test.setenv("PATCHBAY_ZOCIAL__BASE_URL", "https://zocial.example")
    settings_of_test.setenv("PATCHBAY_ZOCIAL__TOKEN", token)
    said = run("sync", "--json")
    assert said.code == 1
    assert said.error["message"].startswith("PATCHBAY_ZOCIAL__TOKEN must be")
    assert "ke" not in said.error["message"].replace("TOKEN", "")


def test_help_names_every_command(run: Run) -> None:
    said = run("--help")
    assert said.code == 0
    for command in ("sync", "connections", "users", "sources", "doctor", "sandbox"):
        assert f"  {command} " in said.out


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\r\nlines\ttab", "two\\r\\nlines\\ttab"),
        ("[bold]name[/bold]", "[bold]name[/bold]"),
        ("\u202eevil", "\\u202eevil"),
        ("\x9b2J", "\\x9b2J"),
        (None, ""),
        (True, "yes"),
    ],
)
def test_foreign_text_in_a_table_is_text(value: object, expected: str) -> None:
    assert shown(value) == expected
