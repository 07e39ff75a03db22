"""`doctor`: what it looks at, what it says of each fault, and that it prints its document whatever is wrong."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.store import SAFE_SQLITE
from services import doctor
from services.opening import opened
from services.sandbox import Sandbox
from tests import receivers

Run = Callable[..., Any]
CANARY = "sk_fake_canary_7f3a"


def checks(said: Any) -> dict[str, dict[str, Any]]:
    document = said.document
    assert set(document) == {"ok", "checks"}
    assert all(set(check) == {"name", "ok", "detail", "advice"} for check in document["checks"])
    assert document["ok"] == all(check["ok"] for check in document["checks"])
    assert said.code == (0 if document["ok"] else 1)
    return {check["name"]: check for check in document["checks"]}


def failed(said: Any) -> dict[str, dict[str, Any]]:
    wrong = {name: check for name, check in checks(said).items() if not check["ok"]}
    assert all(check["advice"] for check in wrong.values())
    return wrong


@pytest.fixture
def begun() -> None:
    """Nothing is there: what the first command finds and makes is looked at here."""


def database(tmp_path: Path) -> Path:
    return tmp_path / "patchbay.db"


@pytest.mark.usefixtures("vendors")
def test_all_is_well_with_five_sources(run: Run) -> None:
    said = run("doctor", "--json")
    found = checks(said)
    assert failed(said) == {}
    sources = {f"source {vendor}" for vendor in ("highlevel", "gipper", "late", "zocial", "imiconnect")}
    plain = {
        "settings",
        "secrets",
        "sqlite",
        "key",
        "database",
        "migrations",
        "wal",
        "webhooks",
        "disk",
        "clock",
        "people",
        "messages",
    }
    assert set(found) == sources | plain
    assert "users add" in found["people"]["advice"]


def test_in_the_sandbox_all_is_well_without_a_server(run: Run, settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setenv("PATCHBAY_PUBLIC_URL", "http://127.0.0.1:9")
    said = run("doctor")
    assert said.code == 0
    assert said.out.splitlines()[0] == "\tcheck\tseen\twhat to do"


def test_documented_sources_with_nothing_connected_are_well(run: Run, settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setenv("PATCHBAY_HIGHLEVEL__BASE_URL", "http://127.0.0.1:9")
    settings_of_test.setenv("PATCHBAY_HIGHLEVEL__TOKEN", CANARY)
    settings_of_test.setenv("PATCHBAY_HIGHLEVEL__LOCATION_ID", "loc")
    settings_of_test.setenv("PATCHBAY_GIPPER__BASE_URL", "http://127.0.0.1:9")
    settings_of_test.setenv("PATCHBAY_GIPPER__TOKEN", CANARY)
    found = checks(run("doctor", "--json"))
    for name in ("source highlevel", "source gipper"):
        assert found[name]["ok"]
        assert found[name]["detail"].startswith("Nothing to check yet")


def test_a_refused_and_a_silent_source_are_named_side_by_side(
    run: Run, vendors: Sandbox, settings_of_test: pytest.MonkeyPatch
) -> None:
    vendors.faults.plan("gipper", "accounts", kind="status", status=403)
    settings_of_test.setenv("PATCHBAY_ZOCIAL__TOKEN", CANARY)
    said = run("doctor", "--json")
    assert set(failed(said)) == {"source zocial", "source gipper"}
    assert CANARY not in said.out + said.err


@pytest.mark.usefixtures("real")
def test_an_expired_or_broken_jwt_is_told_without_sending(run: Run, settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setenv("PATCHBAY_IMICONNECT__BASE_URL", "http://127.0.0.1:9")
    settings_of_test.setenv("PATCHBAY_IMICONNECT__APP_ID", "app")
    for jwt, says in (("fake.eyJleHAiOiAxfQ.fake", "expired"), ("fake", "three base64 parts")):
        settings_of_test.setenv("PATCHBAY_IMICONNECT__JWT", jwt)
        assert says in failed(run("doctor", "--json"))["source imiconnect"]["detail"]


@pytest.mark.usefixtures("real")
def test_who_is_told_of_incidents_is_reached_without_telling_anything(
    run: Run, settings_of_test: pytest.MonkeyPatch
) -> None:
    with receivers.hook() as hook, receivers.mailbox() as mailbox:
        settings_of_test.setenv("PATCHBAY_NOTIFY_URL", hook.url)
        settings_of_test.setenv("PATCHBAY_SMTP_URL", mailbox.url)
        assert failed(run("doctor", "--json"))["messages"]["advice"] == "Set PATCHBAY_NOTIFY_EMAIL."
        settings_of_test.setenv("PATCHBAY_NOTIFY_EMAIL", "ops@example.com")
        good = checks(run("doctor", "--json"))["messages"]
        assert good["detail"] == "Incidents are told by webhook to 127.0.0.1 and by email to ops@example.com."
        mailbox.faults = ["AUTH 535"]
        refused = failed(run("doctor", "--json"))["messages"]
        assert refused["detail"] == "127.0.0.1 refuses the sign-in (535)."
        assert (hook.told, mailbox.letters) == ([], [])
    assert "s3cret" not in str(failed(run("doctor", "--json"))["messages"])


@pytest.mark.usefixtures("real")
def test_without_a_source_it_says_how_to_begin(run: Run) -> None:
    assert "sources add" in checks(run("doctor", "--json"))["sources"]["advice"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("PATCHBAY_SYNC_MINUTS", "did you mean PATCHBAY_SYNC_MINUTES?"),
        ("PATCHBAY_ZOCIAL_TOKEN", "did you mean PATCHBAY_ZOCIAL__TOKEN?"),
        ("PATCHBAY_XQJ", "it does nothing"),
    ],
)
def test_an_unknown_variable_is_named_with_the_nearest_known_one(
    run: Run, settings_of_test: pytest.MonkeyPatch, typed: str, meant: str
) -> None:
    settings_of_test.setenv(typed, CANARY)
    said = run("doctor", "--json")
    found = checks(said)["settings"]
    assert found["ok"]
    assert f"{typed} is no setting" in found["advice"]
    assert meant in found["advice"]
    assert CANARY not in said.out + said.err


@pytest.mark.usefixtures("real")
def test_a_key_file_that_others_can_read_is_a_warning(
    run: Run, settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings_of_test.delenv("PATCHBAY_SECRET_KEY")
    assert checks(run("doctor", "--json"))["key"]["advice"] is None
    (tmp_path / "secret.key").chmod(0o644)
    found = checks(run("doctor", "--json"))["key"]
    assert (found["ok"], "chmod 600" in found["advice"]) == (True, True)


@pytest.mark.usefixtures("real")
def test_a_secrets_file_that_others_can_read_is_a_warning(
    run: Run, settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / ".streamlit"
    folder.mkdir()
    (folder / "secrets.toml").write_text("[other]\nkey = 'fake'\n")
    settings_of_test.setattr(doctor, "ROOT", tmp_path)
    for mode, warned in ((0o644, True), (0o600, False)):
        (folder / "secrets.toml").chmod(mode)
        found = checks(run("doctor", "--json"))["secrets"]
        assert (found["ok"], found["advice"] is not None) == (True, warned)


@pytest.mark.usefixtures("real")
def test_an_old_sqlite_is_a_warning_and_a_new_one_is_not(run: Run) -> None:
    found = checks(run("doctor", "--json"))["sqlite"]
    version = tuple(int(part) for part in found["detail"].removeprefix("SQLite ").split(" ")[0].strip(".").split("."))
    assert found["ok"]
    assert (found["advice"] is None) == (version >= SAFE_SQLITE)


@pytest.mark.usefixtures("real")
def test_a_huge_log_little_space_and_a_wrong_clock_are_alarms(run: Run, settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setattr(doctor, "LARGEST_WAL", -1)
    settings_of_test.setattr(doctor, "LEAST_SPACE", 1 << 62)
    settings_of_test.setattr(doctor, "FIRST_YEAR", 9_999)
    assert set(failed(run("doctor", "--json"))) == {"wal", "disk", "clock"}


def test_a_damaged_file_of_webhooks_is_named_and_not_the_database(run: Run, tmp_path: Path) -> None:
    run("sync")
    (database(tmp_path).parent / f"{database(tmp_path).name}-intake").write_bytes(b"no database at all" * 999)
    told = failed(run("doctor", "--json"))
    assert set(told) == {"webhooks"}
    assert "-intake" in told["webhooks"]["advice"]
    assert "backup" not in told["webhooks"]["advice"]


@pytest.mark.usefixtures("real")
def test_a_clock_behind_the_last_sync_is_an_alarm(run: Run, tmp_path: Path) -> None:
    run("doctor")
    with sqlite3.connect(database(tmp_path)) as link:
        link.execute(
            "INSERT INTO sources (name, vendor, contract, base_url, options, origin, enabled, created_at, failures)"
            " VALUES ('x', 'zocial', 'documented', 'https://x.example', '{}', 'added', 0, '2026-01-01', 0)"
        )
        columns = [row[1:4] for row in link.execute("PRAGMA table_info(sync_runs)") if row[1] != "id"]
        given = {"source_id": 1, "state": "ok", "observed_at": "2199-01-01 00:00:00.000000"}
        values = [
            given.get(name, "2199-01-01 00:00:00.000000" if kind == "DATETIME" else 0) for name, kind, _ in columns
        ]
        names = ", ".join(f'"{name}"' for name, _, _ in columns)
        link.execute(f"INSERT INTO sync_runs ({names}) VALUES ({', '.join('?' * len(values))})", values)
    link.close()
    assert "2199" in failed(run("doctor", "--json"))["clock"]["detail"]


@pytest.mark.usefixtures("real")
def test_a_deleted_database_is_noticed_and_no_new_one_is_made(run: Run, tmp_path: Path) -> None:
    run("doctor")
    for path in tmp_path.glob("patchbay.db*"):
        if not path.name.endswith("-id"):
            path.unlink()
    said = run("doctor", "--json")
    assert "gone or empty" in failed(said)["database"]["detail"]
    assert run("sync", "--json").error["kind"] == "gone"
    assert not database(tmp_path).exists()


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def _zero_a_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[8192:12288] = bytes(4096)
    path.write_bytes(content)


def _no_database(path: Path) -> None:
    path.write_bytes(b"<html>this is a page and no database</html>" * 200)


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("harm", [_truncate, _zero_a_page, _no_database])
def test_a_damaged_database_is_detected_and_left_alone(run: Run, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    opened().store.close()
    for path in tmp_path.glob("patchbay.db-[ws]*"):
        path.unlink()
    harm(database(tmp_path))
    before = database(tmp_path).read_bytes()
    found = failed(run("doctor", "--json"))["database"]
    assert "damaged" in found["detail"]
    assert "backup" in found["advice"]
    assert run("connections", "--json").error["kind"] == "damaged"
    assert database(tmp_path).read_bytes() == before


@pytest.mark.usefixtures("real")
def test_a_newer_schema_is_refused_with_both_versions(run: Run, tmp_path: Path) -> None:
    opened().store.close()
    with sqlite3.connect(database(tmp_path)) as link:
        link.execute("UPDATE alembic_version SET version_num = '9999'")
    link.close()
    found = failed(run("doctor", "--json"))["migrations"]
    assert "9999" in found["detail"]
    assert run("sync", "--json").error["kind"] == "newer_schema"


@pytest.mark.usefixtures("real")
def test_a_missing_and_a_wrong_key_are_refused_and_none_is_made(
    run: Run, settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened().store.close()
    settings_of_test.delenv("PATCHBAY_SECRET_KEY")
    assert "missing" in failed(run("doctor", "--json"))["key"]["detail"]
    assert run("sync", "--json").error["kind"] == "secret"
    assert not (tmp_path / "secret.key").exists()
    settings_of_test.setenv("PATCHBAY_SECRET_KEY", "another-obviously-fake-key-for-the-tests")
    assert "not the key" in failed(run("doctor", "--json"))["key"]["detail"]


def test_demo_and_real_data_never_mix(run: Run, settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setenv("PATCHBAY_SANDBOX", "true")
    opened().store.close()
    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
    assert "never mix" in failed(run("doctor", "--json"))["database"]["detail"]
    assert run("connections", "--json").error["kind"] == "mode"


@pytest.mark.usefixtures("real")
def test_a_database_of_another_program_is_refused(run: Run, tmp_path: Path) -> None:
    with sqlite3.connect(database(tmp_path)) as link:
        link.execute("CREATE TABLE holidays (day TEXT)")
    link.close()
    shutil.copy(database(tmp_path), tmp_path / "before.db")
    said = run("doctor", "--json")
    assert "holidays" in failed(said)["database"]["detail"]
