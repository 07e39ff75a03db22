"""The processes of a benchmark: their environment, their ports, and their end."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
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
def running(*words: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a Python command from the checkout for the length of a block."""
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def answer(*words: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a Python command to its end and give the JSON that it printed. Raises CalledProcessError."""
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
