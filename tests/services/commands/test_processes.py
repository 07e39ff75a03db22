"""Commands as processes of their own: started at once, stopped in the middle, on a file that can't be written."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from data.store import sqlite_module
from services.commands import sync as command
from services.sandbox import Sandbox

Run = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[3]
NOBODY = 65_534
CANARY = "fake-canary-7f3a-fake-canary-7f3a"
CANARY64 = "ZmFrZS1jYW5hcnktN2YzYQ=="


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "services", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, Any, str]:
    out, err = process.communicate(timeout=40)
    return process.returncode, json.loads(out), err


def test_processes_that_start_at_once_migrate_once_and_share_one_key(
    settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings_of_test.delenv("PATCHBAY_SECRET_KEY")
    processes = [start("connections", "--json") for _ in range(3)]
    told = [ended(process) for process in processes]
    assert [code for code, _, _ in told] == [0, 0, 0], told
    with sqlite3.connect(tmp_path / "patchbay.db") as link:
        assert link.execute("SELECT count(*) FROM installation").fetchone() == (1,)
        assert link.execute("SELECT count(*) FROM sources").fetchone() == (5,)
    link.close()
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_the_sandbox_alone_serves_another_process_and_ends_on_sigterm(settings_of_test: pytest.MonkeyPatch) -> None:
    del settings_of_test
    served = start("sandbox", "--port", "0", "--json")
    try:
        assert served.stdout is not None
        told = json.loads(served.stdout.readline())
        code, document, err = ended(start("sync", "--json", **told["settings"]))
    finally:
        served.send_signal(signal.SIGTERM)
        rest, noise = served.communicate(timeout=20)
    assert (served.returncode, rest, noise) == (0, "", "")
    assert (code, err) == (0, "")
    assert {report["source"]: report["state"] for report in document["sources"]}["zocial"] == "ok"


@contextmanager
def terminated_when(met: Callable[[], bool]) -> Iterator[None]:
    """Send SIGTERM to this process as soon as a condition holds."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            if met():
                os.kill(os.getpid(), signal.SIGTERM)
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_sigterm_while_a_vendor_hangs_closes_the_run(
    run: Run, vendors: Sandbox, settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings_of_test.setattr(command, "GRACE", 0.2)
    fault = vendors.faults.plan("zocial", "pages", kind="hang")
    before = signal.getsignal(signal.SIGTERM)
    with terminated_when(lambda: fault.is_met):
        said = run("sync", "--source", "zocial", "--json")
    assert (said.code, said.error["kind"]) == (1, "stopped")
    assert signal.getsignal(signal.SIGTERM) == before
    with sqlite_module().connect(tmp_path / "patchbay.db") as link:
        runs = link.execute("SELECT state, problem_kind FROM sync_runs").fetchall()
        kept = link.execute("SELECT count(*) FROM connections").fetchone()
    link.close()
    assert runs == [("failed", "stopped")]
    assert kept[0] > 100


def test_sigterm_between_two_batches_reports_what_was_read(run: Run, vendors: Sandbox) -> None:
    fault = vendors.faults.plan("zocial", "pages", kind="slow", seconds=0.5)
    with terminated_when(lambda: fault.is_met):
        said = run("sync", "--source", "zocial", "--json")
    [report] = said.document["sources"]
    assert (said.code, report["state"], report["problem"]["kind"]) == (1, "partial", "stopped")


@contextmanager
def unprivileged() -> Iterator[None]:
    """Work as a user to whom file modes apply, also when the tests run as root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.usefixtures("vendors")
def test_a_read_only_database_is_told_and_still_read(run: Run, settings_of_test: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        path = Path(folder) / "patchbay.db"
        settings_of_test.setenv("PATCHBAY_DATABASE_URL", f"sqlite:///{path}")
        assert run("sync", "--source", "late").code == 0
        total = run("connections", "--json").document["total"]
        run("doctor")
        path.chmod(0o444)
        with unprivileged():
            said = run("sync", "--json")
            read = run("connections", "--json")
            looked = run("doctor", "--json")
        assert (said.code, said.error["kind"]) == (1, "read_only")
        assert read.document["total"] == total
        wrong = {check["name"]: check["detail"] for check in looked.document["checks"] if not check["ok"]}
        assert "read-only" in wrong.get("database", looked.out)


def test_no_secret_is_in_any_output_or_in_the_database(
    run: Run, served: tuple[Sandbox, str], settings_of_test: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fields = {
        "HIGHLEVEL": ("TOKEN",), "GIPPER": ("TOKEN",), "LATE": ("API_KEY", "WEBHOOK_SECRET"), "ZOCIAL": ("TOKEN",),
        "IMICONNECT": ("SERVICE_KEY", "JWT"),
    }  # fmt: skip
    for vendor, names in fields.items():
        settings_of_test.setenv(f"PATCHBAY_{vendor}__BASE_URL", f"{served[1]}/sandbox/{vendor.lower()}")
        for name in names:
            settings_of_test.setenv(f"PATCHBAY_{vendor}__{name}", CANARY)
    settings_of_test.setenv("PATCHBAY_IMICONNECT__JWT_SECRET", CANARY64)
    settings_of_test.setenv("PATCHBAY_IMICONNECT__APP_ID", "app")
    settings_of_test.setenv("PATCHBAY_HIGHLEVEL__LOCATION_ID", "loc")
    settings_of_test.setenv("PATCHBAY_HIGHLEVEL__CONTRACT", "current")
    settings_of_test.setenv("PATCHBAY_LATE__PROFILE_ID", "profile")
    settings_of_test.setenv("PATCHBAY_SECRET_KEY", CANARY)
    told = ""
    for words in ("sync", "doctor", "sources list", "sources test zocial", "sources test imiconnect", "connections"):
        for form in ([], ["--json"]):
            said = run(*words.split(), *form)
            told += said.out + said.err
    assert "Zocial could not" in told
    assert CANARY not in told
    assert CANARY64 not in told
    for path in tmp_path.iterdir():
        assert CANARY.encode() not in path.read_bytes()
        assert CANARY64.encode() not in path.read_bytes()
