"""What journeys share: the pretended vendors' log and faults over HTTP, and a filled demo with its copies."""

import json
import shutil
import sqlite3
import threading
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

LISTING = 4  # vendors with a list to read
LONGEST_FILL = 420.0  # seconds: 15 are usual, but a busy machine is slow, not wrong
PATIENCE = 15.0  # seconds for what comes at once on an idle machine: a busy one is slow, not wrong
_LOOK_AGAIN = 0.1


class Running(Protocol):
    """A running Patchbay, as the fixtures give it."""

    origin: str
    env: dict[str, str]


class Vendors:
    """The five pretended vendors of a running Patchbay, seen from outside."""

    def __init__(self, server: Running) -> None:
        self._control = f"{server.origin}/sandbox/_control"

    def log(self) -> list[dict[str, Any]]:
        """Give every request that they were sent, the oldest first."""
        found: list[dict[str, Any]] = json.loads(self._ask("GET", "log"))
        return found

    def calls(self) -> Counter[tuple[str, str, str]]:
        """Count the requests by vendor, method and path."""
        return Counter((entry["vendor"], entry["method"], entry["path"]) for entry in self.log())

    def forget(self) -> None:
        """Begin the log anew."""
        self._ask("DELETE", "log")

    def plan(self, vendor: str, target: str, **fault: Any) -> None:
        """Let something go wrong, as FIDELITY.md says."""
        self._ask("POST", "faults", {"vendor": vendor, "target": target, **fault})

    def planned(self) -> list[dict[str, Any]]:
        """Give the planned faults and how often each struck."""
        found: list[dict[str, Any]] = json.loads(self._ask("GET", "faults"))
        return found

    def unmet(self) -> list[dict[str, Any]]:
        """Give the planned faults that have not struck."""
        return [fault for fault in self.planned() if not fault["met"]]

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._ask("DELETE", "faults")

    def move_to(self, at: datetime) -> None:
        """Let it be this time at the vendors from now on."""
        self._ask("POST", "clock", {"now": at.isoformat()})

    def hasten(self) -> None:
        """Let imiconnect tell of its messages as fast as a test wants it."""
        self._ask("POST", "imiconnect", {"first": 0.1, "step": 0.2, "late": 0.5, "afterwards": 12.0})

    def usually(self, script: str) -> None:
        """Let all messages follow a script that have none of their own."""
        self._ask("POST", "imiconnect", {"script": script})

    def rehearse(self, message: str, script: str) -> None:
        """Let one message, by its press, follow a script."""
        self._ask("POST", "imiconnect/script", {"message": message, "script": script})

    def _ask(self, method: str, name: str, body: dict[str, Any] | None = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._control}/{name}", data, {"content-type": "application/json"})
        request.method = method
        with urllib.request.urlopen(request, timeout=10) as answer:
            read: bytes = answer.read()
            return read


def database(server: Running) -> Path:
    """Give the file of a server's database."""
    return Path(server.env["PATCHBAY_DATABASE_URL"].removeprefix("sqlite:///"))


def ask(server: Running, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Read from a server's database beside it."""
    link = sqlite3.connect(f"file:{database(server)}?mode=ro", uri=True, timeout=10)
    try:
        return link.execute(query, values).fetchall()
    finally:
        link.close()


def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Look ten times a second until something is true. Raises AssertionError when it does not come true in time."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not true():
        assert time.monotonic() < end, f"Not within {seconds:.0f} s: {what}"
        pause.wait(_LOOK_AGAIN)


def becomes(read: Callable[[], object], wanted: object, what: str = "") -> None:
    """Look until what is read is what is wanted. Raises AssertionError with what was read last."""
    seen: list[object] = []

    def there() -> bool:
        seen[:] = [read()]
        return bool(seen == [wanted])

    try:
        until(there, PATIENCE, what)
    except AssertionError as missed:
        raise AssertionError(f"{missed} {seen[0]!r} is not {wanted!r}") from None


def unused() -> str:
    """Give letters that no journey has typed, a first try of the same one neither."""
    return uuid.uuid4().hex[:6]


def wait_filled(server: Running) -> None:
    """Wait until the 90 days are there and every listing source has answered once after them."""
    query = (
        "select count(distinct source_id) from sync_runs where trigger = 'schedule' and state in ('ok', 'partial')"
        " and not exists (select 1 from sync_runs where state = 'running')"
    )
    until(lambda: ask(server, query)[0][0] >= LISTING, LONGEST_FILL, "the demo is filled")


def copy(server: Running, folder: Path) -> None:
    """Copy a running server's database and its key, so that another one need not be filled."""
    folder.mkdir(exist_ok=True)
    source, target = sqlite3.connect(database(server)), sqlite3.connect(folder / "patchbay.db")
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    for beside in database(server).parent.iterdir():
        if beside.is_file() and not beside.name.startswith("patchbay.db") and beside.suffix != ".log":
            shutil.copy2(beside, folder / beside.name)
