"""The servers of the benchmarks: Patchbay, single pages beside it, and the peers on the very same database."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services import front, sessions
from tests.benchmarks.population import PERSON, opened, populated, settings
from tests.benchmarks.processes import ROOT, answers, environment, free_port, memory, running

PEERS = ROOT / ".venv" / "peers" / "bin"


@dataclass(frozen=True)
class Server:
    """A running server: its folder with the populated database, its port and its process."""

    folder: Path
    port: int
    process: int

    @property
    def origin(self) -> str:
        """Give its address."""
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> float:
        """Give the most that it has held in memory, in MB."""
        return memory(self.process)

    def cookies(self, number: int = 1) -> list[str]:
        """Sign in so many times, each a session of its own."""
        with opened(self.folder) as desk:
            tickets = [
                sessions.sign_in(desk, PERSON, "", address="bench", agent="bench", verify=lambda *_: True)
                for _ in range(number)
            ]
            return [f"{front.COOKIE}={sessions.redeem(desk, ticket)}" for ticket in tickets]


@contextlib.contextmanager
def patchbay(count: int) -> Iterator[Server]:
    """Serve Patchbay with so many connections."""
    with served(populated(count)) as server:
        yield server


@contextlib.contextmanager
def served(folder: Path, **more: str) -> Iterator[Server]:
    """Serve Patchbay with the database of a folder."""
    port = free_port()
    with running("-m", "tests.benchmarks.serve", "patchbay", str(port), env=settings(folder, **more)) as process:
        answers(port)
        yield Server(folder, port, process.pid)


@contextlib.contextmanager
def page(name: str, count: int) -> Iterator[Server]:
    """Serve one page of this folder, with the same database to read."""
    folder, port = populated(count), free_port()
    env = environment(folder / "patchbay.db")
    with running("-m", "tests.benchmarks.serve", name, str(port), env=env) as process:
        answers(port)
        yield Server(folder, port, process.pid)


@contextlib.contextmanager
def datasette(count: int) -> Iterator[Server]:
    """Serve the database with Datasette, as it comes: it only reads."""
    folder, port = populated(count), free_port()
    words = ("serve", str(folder / "patchbay.db"), "--port", str(port), "--setting", "default_page_size", "50")
    with running(*words, program=PEERS / "datasette") as process:
        answers(port, path="/-/versions.json")
        yield Server(folder, port, process.pid)


@contextlib.contextmanager
def sqlite_web(count: int) -> Iterator[Server]:
    """Serve the database with sqlite-web, read-only."""
    folder, port = populated(count), free_port()
    words = ("--port", str(port), "--no-browser", "--read-only", "--quiet", str(folder / "patchbay.db"))
    with running(*words, program=PEERS / "sqlite_web") as process:
        answers(port, path="/connections/")
        yield Server(folder, port, process.pid)
