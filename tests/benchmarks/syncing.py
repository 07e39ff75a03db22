"""First and second sync of one large Zocial, against downloading and upserting the same rows."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.processes import answer, environment, running

MOST_TIMES, MOST_MEMORY, SECOND = 6.0, 600.0, 0.5


def figures(count: int, rounds: int) -> Iterator[Figure]:
    """Measure with floor and ours in turns, each on a fresh database."""
    floors, ours = [], []
    with running("-m", "tests.benchmarks.vendor", str(count)) as vendor:
        assert vendor.stdout is not None
        base_url = f"http://127.0.0.1:{int(vendor.stdout.readline())}"
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                floors.append(answer("-m", "tests.benchmarks.floor_sync", base_url, f"{folder}/floor.db"))
                env = environment(
                    Path(folder) / "ours.db", ZOCIAL__BASE_URL=base_url, ZOCIAL__TOKEN="fake", SYNC_MINUTES="0"
                )
                ours.append(answer("-m", "tests.benchmarks.our_sync", env=env))
    for told in ours:
        if (told["created"], told["unchanged"]) != (count, count):
            raise ValueError(f"the sync created {told['created']} and left {told['unchanged']} of {count} unchanged")
    floor = middle([told["seconds"] for told in floors])
    first, second = (middle([told[name] for told in ours]) for name in ("first", "second"))
    yield Figure(f"first sync of {count:,} networks", "s", first, floor, MOST_TIMES, "floor: download and upsert")
    yield Figure(f"second sync of {count:,}, unchanged", "s", second, first, SECOND, "floor: our first sync")
    yield Figure("peak memory of both syncs", "MiB", max(told["peak"] for told in ours), None, MOST_MEMORY)
