"""A CSV of everything against raw `sqlite3` and `csv`, and the memory of a large export beside a small one's."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.population import populated, settings
from tests.benchmarks.processes import answer

MOST_TIMES, MOST_GROWTH = 2.0, 1.25


def figures(rows: int, many: int, few: int, rounds: int) -> Iterator[Figure]:
    """Measure in turns, each export in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder, target = populated(rows), Path(name)
        floors, csvs, parquets = [], [], []
        for _ in range(rounds):
            floors.append(_floor(folder, target))
            csvs.append(_ours(folder, target / "ours.csv", rows))
            parquets.append(_ours(folder, target / "ours.parquet", rows))
        floor, ours, parquet = (middle([told["seconds"] for told in found]) for found in (floors, csvs, parquets))
        yield Figure(f"CSV of {rows:,} connections", "s", ours, floor, MOST_TIMES, "floor: raw sqlite3 and csv")
        yield Figure(f"Parquet of {rows:,} connections", "s", parquet, floor, None, "floor: raw sqlite3 and csv")
        for form in ("csv", "parquet"):
            small, large = (_ours(populated(count), target / f"of.{form}", count)["peak"] for count in (few, many))
            note = f"floor: {few:,} connections"
            yield Figure(f"peak memory of a {form} of {many:,}", "MB", large, small, MOST_GROWTH, note)


def _floor(folder: Path, target: Path) -> dict[str, Any]:
    return answer("-m", "tests.benchmarks.floor_export", str(folder / "patchbay.db"), str(target / "floor.csv"))


def _ours(folder: Path, file: Path, rows: int) -> dict[str, Any]:
    told = answer("-m", "tests.benchmarks.our_export", str(file), env=settings(folder))
    if told["rows"] != rows:
        raise ValueError(f"the export wrote {told['rows']} of {rows} connections")
    return told
