"""Our export of everything into a file, in a process of its own so that its memory is its own."""

import json
import os
import sys
import time
from pathlib import Path

from services import exports
from services.access import SYSTEM
from services.desk import open_desk
from services.exports import Form, Question
from tests.benchmarks.processes import memory


def main(file: Path) -> None:
    """Write the file once; print the seconds, the rows and the most that the process held in memory, in MB."""
    desk = open_desk()
    started = time.perf_counter()
    begun = exports.connections(desk, SYSTEM, Form(file.suffix.removeprefix(".")), Question())
    with file.open("wb") as opened:
        for piece in begun.pieces():
            opened.write(piece)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "rows": begun.rows, "peak": memory(os.getpid())}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
