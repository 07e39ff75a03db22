"""A burst of webhooks, by itself and while a large sync runs: how soon each is acknowledged, and what a page costs.

1,000 webhooks of Late in a minute, shuffled, each told three times, from 16 connections; with `networks` the same
server syncs a Zocial of so many for the first time when they begin. Some accounts go meanwhile. None may be lost, and
in the end the cache must hold what Late lists. Raises ValueError otherwise.
"""

import contextlib
import hashlib
import hmac
import http.client
import json
import random
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.types import Role
from services import front, people, sandbox, sessions
from services.access import SYSTEM
from tests.benchmarks import serving
from tests.benchmarks.browser import Tab
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import PERSON, opened
from tests.benchmarks.processes import answers, free_port, running
from tests.benchmarks.serving import Server

EVENTS, TIMES, CONNECTIONS, SPREAD = 1_000, 3, 16, 60.0
MOST_MS, MOST_TIMES = 250.0, 3.0
GONE = 5
PATIENCE = 120.0
SECRET = "an-obviously-fake-webhook-secret"


def figures(networks: int) -> Iterator[Figure]:
    """Measure one burst; with 0 networks no large sync runs beside it."""
    with tempfile.TemporaryDirectory() as name, _vendors(networks) as (more, late):
        cookie = _signed_in(Path(name), more)
        with serving.served(Path(name), **more) as server:
            begun = "state = 'running' AND seen > 0" if networks else "state = 'ok' AND seen > 0"
            _until(lambda: _rows(server, f"SELECT 1 FROM sync_runs WHERE {begun}"))
            with contextlib.closing(Tab.open(server.port, cookie=cookie, page="webhooks")) as tab:
                taken, busy = _burst(server, late, tab)
                _until(lambda: not _rows(server, "SELECT 1 FROM inbox WHERE state = 'waiting'"))
                _until(lambda: not _rows(server, "SELECT 1 FROM sync_runs WHERE state = 'running'"))
                idle = [tab.timed() * 1000 for _ in range(40)]
            _see_that_all_is_there(server, late)
    during = f", during a first sync of {networks:,}" if networks else ""
    measure = f"{EVENTS:,} webhooks, each {TIMES} times{during}"
    spread = f"{CONNECTIONS} connections in {SPREAD:g} s; median {middle(taken):.0f}, worst {max(taken):.0f} ms"
    yield Figure(f"{measure}, p99", "ms", _p99(taken), None, MOST_MS, spread)
    rerun = f"rerun of a page meanwhile{during}, median"
    yield Figure(rerun, "ms", middle(busy), middle(idle), MOST_TIMES, "floor: idle")


@contextlib.contextmanager
def _vendors(networks: int) -> Iterator[tuple[dict[str, str], "_Late"]]:
    """Pretend a large Zocial and a Late; gives their settings."""
    port = free_port()
    with (
        running("-m", "tests.benchmarks.vendor", str(networks)) as zocial,
        running("-m", "services", "sandbox", "--port", str(port)),
    ):
        assert zocial.stdout is not None
        place = f"http://127.0.0.1:{int(zocial.stdout.readline())}"
        answers(port, path="/sandbox/_control/clock")
        known = sandbox.credentials()["late"]
        yield (
            {
                "ZOCIAL__BASE_URL": place,
                "ZOCIAL__TOKEN": "fake",
                "LATE__BASE_URL": f"http://127.0.0.1:{port}/sandbox/late",
                "LATE__API_KEY": known["api_key"],
                "LATE__CONTRACT": "current",
                "LATE__WEBHOOK_SECRET": SECRET,
                "SYNC_MINUTES": "60",
            },
            _Late(port, known["api_key"]),
        )


class _Late:
    """The pretended Late, as its own dashboard sees it."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}"}

    def accounts(self) -> list[str]:
        """Give the ids of what it lists."""
        return [row["_id"] for row in json.loads(self._ask("GET", "accounts"))["accounts"]]

    def disconnect(self, account: str) -> None:
        """Let an account go."""
        self._ask("DELETE", f"accounts/{account}")

    def _ask(self, method: str, path: str) -> bytes:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)) as link:
            link.request(method, f"/sandbox/late/api/v1/{path}", headers=self._headers)
            return link.getresponse().read()


def _signed_in(folder: Path, more: dict[str, str]) -> str:
    with opened(folder, **more) as desk:
        people.add(desk, SYSTEM, PERSON, role=Role.ADMIN, password="an-obviously-fake-password", name="Bench")
        ticket = sessions.sign_in(desk, PERSON, "", address="bench", agent="bench", verify=lambda *_: True)
        return f"{front.COOKIE}={sessions.redeem(desk, ticket)}"


def _burst(server: Server, late: _Late, tab: Tab) -> tuple[list[float], list[float]]:
    """Tell everything, and run a page again and again until that is over; gives the milliseconds of each."""
    accounts = late.accounts()
    bodies = [_body(number, accounts[number % len(accounts)]) for number in range(EVENTS)] * TIMES
    random.Random(7).shuffle(bodies)
    over, reruns = threading.Event(), list[float]()

    def rerun() -> None:
        while not over.wait(0.2):
            reruns.append(tab.timed() * 1000)

    beside = threading.Thread(target=rerun)
    beside.start()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = [pool.submit(_tell, server.port, bodies[part::CONNECTIONS]) for part in range(CONNECTIONS)]
        for account in accounts[:GONE]:
            late.disconnect(account)
        taken = [each for part in parts for each in part.result()]
    over.set()
    beside.join()
    return taken, reruns


def _body(number: int, account: str) -> bytes:
    event = "account.disconnected" if number % 2 else "account.connected"
    told = {"accountId": account, "profileId": "p", "platform": "instagram", "username": f"brand{number}"}
    stamp = datetime.now(UTC).isoformat()
    return json.dumps({"id": f"event-{number}", "event": event, "timestamp": stamp, "account": told}).encode()


def _tell(port: int, bodies: list[bytes]) -> list[float]:
    """Tell one after the other on one connection, at an even pace; gives the milliseconds of each."""
    taken, begun, pause = [], time.monotonic(), threading.Event()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as link:
        for number, body in enumerate(bodies):
            pause.wait(max(begun + number * SPREAD / len(bodies) - time.monotonic(), 0))
            signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            started = time.perf_counter()
            link.request(
                "POST", "/hooks/late/late", body, {"content-type": "application/json", "x-late-signature": signature}
            )
            answer = link.getresponse()
            answer.read()
            taken.append((time.perf_counter() - started) * 1000)
            if answer.status != http.HTTPStatus.OK:
                raise ValueError(f"a webhook was answered {answer.status}")
    return taken


def _see_that_all_is_there(server: Server, late: _Late) -> None:
    found = _rows(server, "SELECT state, count(*), sum(repeats) FROM inbox GROUP BY state")
    if found != [("done", EVENTS, EVENTS * (TIMES - 1))]:
        raise ValueError(f"the inbox holds {found}")
    query = "SELECT vendor_id FROM connections JOIN sources ON sources.id = source_id WHERE vendor = 'late'"
    here = {row[0] for row in _rows(server, f"{query} AND vanished_at IS NULL")}
    if here != set(late.accounts()):
        raise ValueError(f"the cache holds {len(here)} accounts of Late, which lists {len(late.accounts())}")


def _rows(server: Server, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(f"file:{server.folder / 'patchbay.db'}?mode=ro", uri=True)) as link:
        return link.execute(query).fetchall()


def _until(happened: Any) -> None:
    """Wait until something is so. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError("what a benchmark waits for does not happen")
        threading.Event().wait(0.05)


def _p99(values: list[float]) -> float:
    return sorted(values)[-(-len(values) * 99 // 100) - 1]
