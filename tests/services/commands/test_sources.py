"""`sources`: credentials added, tested, renewed and removed by the command line, never shown again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data import sources as table
from data import trail
from services.clients import sealed_row
from services.opening import opened
from services.sandbox import Sandbox, credentials

Run = Callable[..., Any]

CANARY = "sk_fake_canary_7f3a"


def place(vendors: tuple[Sandbox, str], vendor: str) -> str:
    return f"{vendors[1]}/sandbox/{vendor}"


def added(
    run: Run, served: tuple[Sandbox, str], name: str = "zocial-emea", *options: str, stdin: bytes | None = None
) -> Any:
    token = f"token={credentials()['zocial']['token']}\n".encode()
    where = ["--vendor", "zocial", "--base-url", place(served, "zocial")]
    return run("sources", "add", name, *where, *options, "--json", stdin=token if stdin is None else stdin)


def refusals() -> list[tuple[str, str, str, str | None]]:
    """Every refused row of the audit trail, oldest first."""
    desk = opened()
    with desk.store.reading() as session:
        found = [(row.action, row.subject, row.outcome, row.reason) for row in trail.newest(session, 100)[::-1]]
    desk.store.close()
    return [row for row in found if row[2] == "refused"]


@pytest.mark.usefixtures("real")
def test_an_added_source_is_tested_and_synced(run: Run, served: tuple[Sandbox, str]) -> None:
    said = added(run, served)
    assert said.code == 0
    assert said.document["source"]["secret"] == "stored"
    tested = run("sources", "test", "zocial-emea", "--json")
    assert (tested.code, tested.document["ok"], tested.document["answer"]) == (0, True, "ok")
    assert run("sync", "--json").document["sources"][0]["state"] == "ok"
    assert run("connections", "--source", "zocial-emea", "--json").document["total"] > 0


@pytest.mark.usefixtures("real")
def test_a_json_object_on_stdin_and_options_as_arguments(run: Run, served: tuple[Sandbox, str]) -> None:
    given = credentials()["highlevel"]
    where = ["--vendor", "highlevel", "--base-url", place(served, "highlevel"), "--contract", "current"]
    options = ["--option", f"location_id={given['location_id']}", "--option", f"user_id={given['user_id']}"]
    stdin = json.dumps({"token": given["token"]}).encode()
    said = run("sources", "add", "north", *where, *options, "--json", stdin=stdin)
    assert said.code == 0
    assert said.document["source"]["contract"] == "current"
    assert run("sources", "test", "north").code == 0


@pytest.mark.parametrize(
    ("spoken", "secret", "answer"),
    [
        ("late documented", "api_key", "ok"),
        ("late current", "api_key", "ok"),
        ("gipper documented", "token", "nothing to check yet"),
        ("gipper current", "token", "ok"),
        ("highlevel documented", "token", "nothing to check yet"),
        ("imiconnect documented", "service_key", "nothing to check yet"),
    ],
)
@pytest.mark.usefixtures("real")
def test_each_vendor_is_asked_one_harmless_question(
    run: Run, served: tuple[Sandbox, str], spoken: str, secret: str, answer: str
) -> None:
    vendor, contract = spoken.split()
    given = credentials()[vendor]
    plain = [name for name in ("location_id", "user_id", "profile_id", "app_id") if name in given]
    options = [part for name in plain for part in ("--option", f"{name}={given[name]}")]
    stdin = f"{secret}={given[secret]}".encode()
    where = ["--vendor", vendor, "--base-url", place(served, vendor), "--contract", contract]
    assert run("sources", "add", "asked", *where, *options, stdin=stdin).code == 0
    served[0].clear_log()
    said = run("sources", "test", "asked", "--json")
    assert (said.code, said.document["answer"]) == (0, answer)
    assert len(served[0].log) == (1 if answer == "ok" else 0)


@pytest.mark.usefixtures("real")
def test_a_wrong_credential_fails_the_test_with_advice(run: Run, served: tuple[Sandbox, str]) -> None:
    added(run, served, stdin=f"token={CANARY}".encode())
    said = run("sources", "test", "zocial-emea", "--json")
    assert (said.code, said.document["ok"], said.document["answer"]) == (1, False, "failed")
    assert said.document["advice"]
    assert CANARY not in said.out + said.err


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (["Zocial EMEA"], b"token=fake", "name is 1 to 64"),
        (["zocial"], b"token=fake", "belongs to the source that the settings"),
        (["x"], b"", "also needs: token"),
        (["x"], b"fake", "not field=value"),
        (["x"], b"fakefake==", "no secret of zocial"),
        (["x"], b"token=fake\x01", "printable ASCII"),
        (["x"], b'{"token": 3}', "JSON object of texts"),
        (["x"], b'{"token": ', "JSON object of texts"),
        (["x", "--option", "token=fake"], b"", "is a secret and no option"),
        (["x", "--option", "colour=fake"], b"token=fake", "colour is no field"),
        (["x", "--option", "colour"], b"token=fake", "not field=value"),
        (["x", "--contract", "current"], b"token=fake", "one contract only"),
        (["x", "--base-url", "http://vendor.example"], b"token=fake", "https"),
        (["x", "--base-url", "javascript:alert(1)"], b"token=fake", "base_url must be a URL"),
        (["x", "--base-url", "https://me:fake@vendor.example"], b"token=fake", "without user"),
    ],
)
@pytest.mark.usefixtures("real")
def test_what_can_not_be_a_source_is_refused_and_never_repeated(
    run: Run, arguments: list[str], stdin: bytes, says: str
) -> None:
    where = ["--vendor", "zocial"] + ([] if "--base-url" in arguments else ["--base-url", "https://vendor.example"])
    said = run("sources", "add", *where, *arguments, "--json", stdin=stdin)
    assert said.code == 2
    assert says in said.error["message"]
    assert "fake" not in said.out + said.err
    assert run("sources", "list", "--json").document == {"total": 0, "sources": []}
    action, subject, outcome, reason = refusals()[-1]
    assert (action, subject, outcome) == ("source.add", f"source {arguments[0]}", "refused")
    assert says in (reason or "")
    assert "fake" not in (reason or "")


@pytest.mark.usefixtures("real")
def test_a_name_is_taken_once(run: Run, served: tuple[Sandbox, str]) -> None:
    added(run, served)
    assert added(run, served).code == 2


@pytest.mark.usefixtures("real")
def test_a_removed_source_keeps_its_history_and_loses_its_secret(run: Run, served: tuple[Sandbox, str]) -> None:
    added(run, served)
    run("sync")
    before = run("connections", "--json").document["total"]
    assert run("sources", "remove", "zocial-emea").code == 0
    assert run("sources", "list", "--json").document["total"] == 0
    assert run("connections", "--source", "zocial-emea", "--json").document["total"] == before
    desk = opened()
    with desk.store.reading() as session:
        row = table.named(session, "zocial-emea")
    desk.store.close()
    assert row is not None
    assert row.secret is None
    other = ["--vendor", "late", "--base-url", place(served, "late"), "--option", "profile_id=x"]
    assert run("sources", "add", "zocial-emea", *other, stdin=b"api_key=fake").code == 2
    assert added(run, served).code == 0
    assert run("connections", "--json").document["total"] == before


@pytest.mark.usefixtures("real")
def test_new_secrets_replace_the_old_ones(run: Run, served: tuple[Sandbox, str]) -> None:
    added(run, served, stdin=b"token=fake-and-wrong")
    assert run("sources", "test", "zocial-emea").code == 1
    token = f"token={credentials()['zocial']['token']}".encode()
    assert run("sources", "rotate", "zocial-emea", stdin=token).code == 0
    assert run("sources", "test", "zocial-emea").code == 0


@pytest.mark.usefixtures("real")
def test_a_source_switched_off_is_not_asked(run: Run, served: tuple[Sandbox, str]) -> None:
    added(run, served)
    assert run("sources", "disable", "zocial-emea").code == 0
    assert run("sync", "--json").document["sources"] == []
    served[0].clear_log()
    said = run("sync", "--source", "zocial-emea", "--json")
    (report,) = said.document["sources"]
    assert (said.code, report["state"], report["problem"]["kind"], len(served[0].log)) == (0, "skipped", "off", 0)
    assert run("sources", "enable", "zocial-emea").code == 0
    assert len(run("sync", "--json").document["sources"]) == 1


@pytest.mark.usefixtures("vendors")
def test_a_source_of_the_settings_is_changed_there(run: Run) -> None:
    said = run("sources", "remove", "late", "--json")
    assert said.code == 2
    assert "PATCHBAY_LATE__" in said.error["advice"]
    assert run("sources", "disable", "late").code == 2
    secrets = {row["name"]: row["secret"] for row in run("sources", "list", "--json").document["sources"]}
    assert set(secrets.values()) == {"environment"}


def test_in_the_sandbox_no_real_source_is_added(run: Run, served: tuple[Sandbox, str]) -> None:
    said = added(run, served)
    assert (said.code, said.error["kind"]) == (1, "mode")
    assert run("sources", "list", "--json").document["total"] == 5


@pytest.mark.usefixtures("real")
def test_who_may_not_is_refused_before_a_secret_is_read(run: Run, served: tuple[Sandbox, str]) -> None:
    run("users", "add", "otto", "--role", "analyst", stdin=b"an obviously fake one")
    said = added(run, served, "zocial-emea", "--as", "otto")
    assert (said.code, said.error["kind"]) == (1, "forbidden")
    assert [row[:2] for row in refusals()] == [("source.add", "source zocial-emea")]


@pytest.mark.usefixtures("real")
def test_a_secret_exchanged_between_two_sources_is_refused(run: Run, served: tuple[Sandbox, str]) -> None:
    added(run, served, "first")
    added(run, served, "second", stdin=f"token={CANARY}".encode())
    desk = opened()
    with desk.store.writing() as session:
        first, second = table.named(session, "first"), table.named(session, "second")
        assert first is not None
        assert second is not None
        assert desk.vault.open(second.secret or b"", row=sealed_row(second)) == {"token": CANARY}
        first.secret, second.secret = second.secret, first.secret
        session.add(first)
        session.add(second)
    desk.store.close()
    said = run("sync", "--json")
    assert said.code == 1
    assert {report["problem"]["kind"] for report in said.document["sources"]} == {"secret"}


@pytest.mark.usefixtures("real")
def test_a_stored_secret_is_nowhere_in_clear(run: Run, served: tuple[Sandbox, str], tmp_path: Path) -> None:
    told = added(run, served, stdin=f"token={CANARY}".encode())
    for arguments in (["sources", "list"], ["sources", "test", "zocial-emea"], ["sync"], ["doctor"], ["connections"]):
        for form in ([], ["--json"]):
            said = run(*arguments, *form)
            assert CANARY not in said.out + said.err + told.out + told.err
    for path in tmp_path.iterdir():
        assert CANARY.encode() not in path.read_bytes()
    desk = opened()
    with desk.store.reading() as session:
        actions = [row[3] for row in trail.in_order(session)]
    desk.store.close()
    assert "source.add" in actions
