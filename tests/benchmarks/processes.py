"""The processes of a benchmark: their environment, their ports, and their end."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
LOOK_EVERY = 0.005  # seconds between two looks whether a server answers: far below what is measured
FAKE_KEY = "an-obviously-fake-key-for-the-benchmarks"


def environment(database: Path, **settings: str) -> dict[str, str]:
    """Give an environment with no setting of ours but a database, a fake key and what is named."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("PATCHBAY_")}
    ours = {"PATCHBAY_DATABASE_URL": f"sqlite:///{database}", "PATCHBAY_SECRET_KEY": FAKE_KEY}
    return kept | ours | {f"PATCHBAY_{name}": value for name, value in settings.items()}


def free_port() -> int:
    """Find a port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(
    *words: str, env: dict[str, str] | None = None, program: str | Path = sys.executable
) -> Iterator[subprocess.Popen[str]]:
    """Run a command from the checkout for the length of a block; a Python one unless told."""
    process = subprocess.Popen([program, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def answer(*words: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a Python command to its end and give the JSON that it printed. Raises CalledProcessError."""
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def taken(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int, within: float = 60.0, path: str = "/_stcore/health") -> None:
    """Wait until a server says that it is healthy. Raises TimeoutError."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            link.request("GET", path)
            if link.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            threading.Event().wait(LOOK_EVERY)
        finally:
            link.close()
    raise TimeoutError(f"nothing healthy answers on port {port}")


def memory(process: int) -> float:
    """Give the most that a process has held in memory, in MB."""
    told = Path(f"/proc/{process}/status")
    if not told.exists():
        return float(psutil.Process(process).memory_info().rss / 1e6)
    peak = next(line for line in told.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024 / 1e6
