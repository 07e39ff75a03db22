"""`send` and `messages`: one message from a file, and what became of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.types import Role
from services import people
from services.access import SYSTEM
from services.messaging import recipients
from services.opening import opened
from services.sandbox import Sandbox

Run = Callable[..., Any]
HELLO = {"contentType": "TEXT", "content": "Hello {{first_name}}"}


@pytest.fixture
def ann(vendors: Sandbox) -> str:
    """A test recipient, and the people around."""
    desk = opened()
    recipients.add(desk, SYSTEM, "Ann", "178400001", variables={"first_name": "Ann"})
    for name, role in (("mia", Role.MARKETER), ("ana", Role.ANALYST)):
        people.add(desk, SYSTEM, name, role=role, password="a long enough one", name=name)
    vendors.clear_log()
    return "Ann"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "message.json"
    path.write_text(json.dumps(HELLO), encoding="utf-8")
    return path


def _arrived(vendors: Sandbox) -> int:
    return sum(entry.path.endswith("/messages") for entry in vendors.log)


def send(run: Run, file: Path | str, *more: str, to: str = "Ann", stdin: bytes = b"") -> Any:
    return run("send", str(file), "--source", "imiconnect", "--to", to, *more, stdin=stdin)


def test_a_message_is_sent_and_listed_as_the_design_says(run: Run, vendors: Sandbox, ann: str, file: Path) -> None:
    said = send(run, file, "--as", "mia", "--json")
    assert (said.code, set(said.document), _arrived(vendors)) == (0, {"message", "payload"}, 1)
    message = said.document["message"]
    assert (message["to"], message["source"], message["family"]) == (ann, "imiconnect", "TEXT")
    assert (message["state"], message["code"], message["reason"]) == ("accepted", None, None)
    assert message["correlation_id"] == said.document["payload"]["correlationId"]
    assert said.document["payload"]["content"] == "Hello Ann"
    assert [step["after"] for step in message["events"]] == ["reserved", "posting", "accepted"]

    listed = run("messages", "--json")
    assert (listed.code, listed.document) == (0, {"total": 1, "messages": [message]})
    assert set(message) == {
        "id", "source", "to", "family", "state", "transid", "correlation_id", "code", "reason", "created_at", "events",
    }  # fmt: skip
    assert run("messages", "--state", "refused", "--json").document == {"total": 0, "messages": []}
    assert run("messages", "--by", "mia", "--since", "2020-01-01", "--limit", "0", "--json").document["total"] == 1
    assert "accepted" in run("messages").out
    assert "accepted as" in send(run, "-", stdin=json.dumps(HELLO).encode()).out


def test_what_a_killed_command_had_on_its_way_is_listed_as_unknown(run: Run, ann: str, file: Path) -> None:
    """FAULTS.md 44, where no server runs."""
    assert send(run, file, to=ann).code == 0
    with opened().store.writing() as session:
        session.connection().exec_driver_sql("UPDATE messages SET state = 'posting', sent_until = 0")
    assert [each["state"] for each in run("messages", "--json").document["messages"]] == ["unknown"]


def test_a_dry_run_shows_the_payload_and_writes_nothing(run: Run, vendors: Sandbox, ann: str, file: Path) -> None:
    del ann
    before = _written()
    said = send(run, file, "--dry-run", "--json")
    assert (said.code, said.document["message"]) == (0, None)
    assert said.document["payload"]["to"] == "178400001"
    assert json.loads(send(run, file, "--dry-run").out)["content"] == "Hello Ann"
    assert send(run, file, "--dry-run", to="Nobody").code == 2
    assert (_arrived(vendors), _written()) == (0, before)


def _written() -> list[int]:
    with opened().store.reading() as session:
        tables = ("messages", "message_events", "audit")
        return [session.connection().exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in tables]


@pytest.mark.parametrize(
    ("fault", "code", "state"),
    [
        ({"kind": "status", "status": 400, "no_effect": True, "body": {"code": "7313", "message": "x"}}, 1, "refused"),
        ({"kind": "status", "status": 500, "no_effect": True}, 1, "unknown"),
    ],
)
def test_what_is_not_accepted_exits_with_one_and_says_why(
    run: Run, vendors: Sandbox, ann: str, file: Path, *, fault: dict[str, Any], code: int, state: str
) -> None:
    del ann
    vendors.faults.plan("imiconnect", "send", **fault)
    said = send(run, file)
    assert (said.code, f"to Ann: {state}" in said.out, _arrived(vendors)) == (code, True, 1)
    (listed,) = run("messages", "--json").document["messages"]
    assert (listed["state"], bool(listed["reason"])) == (state, True)


def test_what_breaks_a_limit_is_invalid_and_names_the_field(run: Run, vendors: Sandbox, ann: str) -> None:
    del ann
    long = json.dumps({"contentType": "TEXT", "content": "x" * 1001}).encode()
    for more in ([], ["--dry-run"]):
        said = send(run, "-", "--json", *more, stdin=long)
        assert (said.code, [row["field"] for row in said.document["invalid"]]) == (2, ["content"])
        assert set(said.document["invalid"][0]) == {"field", "limit", "source", "message"}
        assert "1000 bytes" in send(run, "-", *more, stdin=long).out
    assert send(run, "-", "--json", stdin=b"[1]").code == 2
    assert _arrived(vendors) == 0


@pytest.mark.parametrize(
    ("stdin", "says"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b'{"content": NaN}', "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b" " * 300_000, "more than 262,144 bytes"),
    ],
)
def test_a_file_that_is_none_is_told(run: Run, ann: str, *, stdin: bytes, says: str) -> None:
    del ann
    said = send(run, "-", "--json", stdin=stdin)
    assert (said.code, said.error["kind"]) == (2, "misuse")
    assert says in said.error["message"]


def test_wrong_names_and_roles_are_told_and_nothing_leaves(
    run: Run, vendors: Sandbox, ann: str, file: Path, tmp_path: Path
) -> None:
    del ann
    for said in (
        send(run, file, "--json", to="Nobody"),
        run("send", str(file), "--source", "zocial", "--to", "Ann", "--json"),
        run("send", str(file), "--source", "nobody", "--to", "Ann", "--json"),
        send(run, tmp_path, "--json"),
        send(run, tmp_path / "missing.json", "--json"),
        run("messages", "--source", "nobody", "--json"),
        run("messages", "--state", "lost", "--json"),
    ):
        assert (said.code, said.error["kind"]) == (2, "misuse")
    for more in ([], ["--dry-run"]):
        said = send(run, file, "--as", "ana", "--json", *more)
        assert (said.code, said.error["kind"]) == (1, "forbidden")
    assert _arrived(vendors) == 0


def test_the_sandbox_is_started_for_one_command_and_says_that_nothing_is_heard(
    run: Run, settings_of_test: pytest.MonkeyPatch, file: Path
) -> None:
    settings_of_test.setenv("PATCHBAY_PUBLIC_URL", "http://127.0.0.1:9")
    recipients.add(opened(), SYSTEM, "Ann", "178400001", variables={"first_name": "Ann"})
    said = send(run, file, "--json")
    assert (said.code, said.document["message"]["state"]) == (0, "accepted")
    assert "No server runs" in said.err
