"""How long `python app.py` takes until its health answers, against the imports that nobody can avoid."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.processes import ROOT, answers, environment, running, taken

PORT, MOST_TIMES = 8501, 3.0
IMPORTS = "import streamlit, pandas, sqlmodel"


def figures(rounds: int) -> Iterator[Figure]:
    """Measure in turns after one uncounted round; nothing when the port is in use."""
    name = "`python app.py` until it answers"
    if taken(PORT):
        yield Figure(name, "s", float("nan"), None, None, f"not measured: port {PORT} is in use")
        return
    pairs = [(_imports(), _start()) for _ in range(rounds + 1)][1:]
    floor, ours = (middle(column) for column in zip(*pairs, strict=True))
    yield Figure(name, "s", ours, floor, MOST_TIMES, f"floor: {IMPORTS}")


def _imports() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, check=True)
    return time.perf_counter() - started


def _start() -> float:
    """Start on a database that does not exist yet, as on a fresh machine."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with running("app.py", env=environment(Path(folder) / "patchbay.db")):
            answers(PORT)
            return time.perf_counter() - started
