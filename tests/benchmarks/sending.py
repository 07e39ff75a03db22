"""A list of 1,000 recipients, sent by a running server while a person uses its pages.

The vendor answers in 50 ms and allows 50 messages a second. The list is reserved by a process that ends before its
first message leaves, so that the server's own jobs take it up. Raises ValueError if any message ends in another way
than taken, or refused by that limit.
"""

import contextlib
import os
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.types import Role
from services import front, people, sessions
from services.access import SYSTEM
from services.desk import Desk
from services.messaging import lists, recipients
from tests.benchmarks import serving, taking
from tests.benchmarks.browser import Tab
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import PERSON, opened
from tests.benchmarks.processes import running

RECIPIENTS, MOST, MOST_MS = 1_000, 1.2, 150.0
PATIENCE = 120.0
BODY = {"contentType": "TEXT", "content": "Hello {{first_name}}"}


def figures() -> Iterator[Figure]:
    """Send one list, and use a page meanwhile."""
    with tempfile.TemporaryDirectory() as name, running("-m", "tests.benchmarks.taking") as vendor:
        assert vendor.stdout is not None
        port, folder = int(vendor.stdout.readline()), Path(name)
        more = {
            "IMICONNECT__BASE_URL": f"http://127.0.0.1:{port}",
            "IMICONNECT__SERVICE_KEY": "fake",
            "IMICONNECT__APP_ID": "app",
            "IMICONNECT__PER_SECOND": str(taking.PER_SECOND),
        }
        with opened(folder, **more) as desk:
            cookie, reserving = _people(desk), time.perf_counter()
            _reserved(desk)
            reserving = time.perf_counter() - reserving
        with serving.served(folder, **more) as server:
            database = server.folder / "patchbay.db"
            _until(lambda: Counter(_states(database))["reserved"] < RECIPIENTS)
            begun = time.perf_counter()
            with contextlib.closing(Tab.open(server.port, cookie=cookie, page="sent")) as tab:
                busy = list(_reruns(tab, lambda: not _leaving(database)))
                took = time.perf_counter() - begun
                idle = [tab.timed() * 1000 for _ in range(40)]
            refused = _refused(database)
    limit = RECIPIENTS / taking.PER_SECOND
    note = f"{taking.SECONDS * 1000:.0f} ms an answer, {taking.PER_SECOND} a second; floor: the limit's own time"
    yield Figure(f"a list of {RECIPIENTS:,} messages, from its first to its last", "s", took, limit, MOST, note)
    yield Figure("messages of it that met the vendor's limit", "", refused, None, 0.0, "they came closer on their way")
    rerun = "rerun of the sent messages meanwhile, median"
    yield Figure(rerun, "ms", middle(busy), None, MOST_MS, f"worst {max(busy):.0f} ms; idle {middle(idle):.0f} ms")
    yield Figure(f"preparing and reserving a list of {RECIPIENTS:,}", "s", reserving)


def _people(desk: Desk) -> str:
    people.add(desk, SYSTEM, PERSON, role=Role.ADMIN, password="an-obviously-fake-password", name="Bench")
    for number in range(RECIPIENTS):
        name = f"Person {number}"
        recipients.add(desk, SYSTEM, name, f"1784{number:08}", variables={"first_name": name})
    ticket = sessions.sign_in(desk, PERSON, "", address="bench", agent="bench", verify=lambda *_: True)
    return f"{front.COOKIE}={sessions.redeem(desk, ticket)}"


def _reserved(desk: Desk) -> None:
    """Reserve the list in a process that ends before anything of it leaves."""
    names = [f"Person {number}" for number in range(RECIPIENTS)]
    desk.store.close()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    planned = lists.prepare(desk, "bench", BODY, "imiconnect", names)
    lists.jobs.beside = lambda *_: None
    lists.begin(desk, SYSTEM, planned)
    os._exit(0)


def _reruns(tab: Tab, over: Any) -> Iterator[float]:
    """Run a page again five times a second until it is over; gives the milliseconds of each."""
    pause = threading.Event()
    while not over():
        yield tab.timed() * 1000
        pause.wait(0.2)


def _states(database: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as link:
        return dict(link.execute("SELECT state, count(*) FROM messages GROUP BY state").fetchall())


def _leaving(database: Path) -> bool:
    return bool({"reserved", "posting"} & set(_states(database)))


def _refused(database: Path) -> int:
    """Count those that met the vendor's limit; of anything else than taken or that, the list is no measure."""
    found = _states(database)
    if found.get("accepted", 0) + found.get("refused", 0) != RECIPIENTS:
        raise ValueError(f"of {RECIPIENTS} messages the vendor took {found}")
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as link:
        codes = link.execute("SELECT DISTINCT code FROM messages WHERE state = 'refused'").fetchall()
    if codes not in ([], [("7020",)]):
        raise ValueError(f"the vendor refused messages with {codes}")
    return found.get("refused", 0)


def _until(happened: Any) -> None:
    """Wait until something is so. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError("what a benchmark waits for does not happen")
        threading.Event().wait(0.02)
