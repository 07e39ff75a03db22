"""Our first and second sync of one source, in a process of its own so that its memory is its own."""

import json
import resource
import time

from services.desk import open_desk
from services.sync import sync


def main() -> None:
    """Sync twice; print both durations, what they wrote and the peak memory in MiB."""
    desk = open_desk()
    seconds, reports = [], []
    for _ in range(2):
        started = time.perf_counter()
        reports += sync(desk)
        seconds.append(time.perf_counter() - started)
    for report in reports:
        if report.problem is not None:
            raise SystemExit(report.problem.message)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first, second = reports
    told = {"first": seconds[0], "second": seconds[1], "peak": peak}
    print(json.dumps(told | {"created": first.created, "unchanged": second.unchanged}))


if __name__ == "__main__":
    main()
