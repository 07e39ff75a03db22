"""`python -m tests.benchmarks`: measures, prints one table, and writes it as JSON when asked. It judges nothing."""

import argparse
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    acting,
    asking,
    burst,
    composing,
    crowd,
    exporting,
    opening,
    paging,
    population,
    queue,
    queue_page,
    sending,
    sent,
    starting,
    syncing,
)
from tests.benchmarks.figures import Figure

FEW = 10_000


def figures(*, quick: bool) -> Iterator[Figure]:
    """Measure everything; `quick` with a tenth of the rows and fewer rounds, to see that it works."""
    networks, many, rounds = (10_000, 100_000, 3) if quick else (100_000, 1_000_000, 7)
    yield from population.figures(many)
    yield from syncing.figures(networks, rounds if quick else 5)
    yield from starting.figures(rounds)
    yield from exporting.figures(networks, many, FEW, rounds)
    yield from opening.figures(many, rounds * 3, 3)
    yield from acting.figures(many, FEW, 1)
    yield from crowd.figures(many, 4 if quick else 8)
    yield from paging.figures(many, FEW, rounds * 5)
    yield from asking.figures(many, rounds)
    yield from queue.figures(networks, rounds)
    yield from burst.figures(0)
    yield from burst.figures(networks)
    yield from sending.figures()
    yield from queue_page.figures(networks, FEW if not quick else FEW // 10, rounds)
    yield from sent.figures(FEW, FEW // 10, rounds)
    yield from composing.figures(rounds)


HEADS = ("measure", "floor", "ours", "ratio", "bound", "held", "note")


def cells(figure: Figure) -> tuple[str, ...]:
    """Write a figure as one row."""
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}x"
    bound = "" if figure.bound is None else f"{figure.bound:g}{'x' if figure.floor else f' {figure.unit}'}"
    held = {None: "", True: "yes", False: "NO"}[figure.held]
    values = (_value(figure.floor, figure.unit), _value(figure.ours, figure.unit))
    return (figure.measure, *values, ratio, bound, held, figure.note)


def table(found: list[Figure]) -> Table:
    """Lay the figures out."""
    drawn = Table(*HEADS)
    for figure in found:
        drawn.add_row(*cells(figure))
    return drawn


def markdown(found: list[Figure]) -> str:
    """Lay the figures out for docs/performance.md."""
    rows = [HEADS, ("---",) * len(HEADS), *map(cells, found)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _value(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:,.{0 if value >= 100 else 3}{'f' if value >= 100 else 'g'}} {unit}"


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows: to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there as Markdown")
    chosen = parser.parse_args()
    found: list[Figure] = []
    before = os.getloadavg()
    try:
        for figure in figures(quick=chosen.quick):
            Console(stderr=True).print(f"[dim]{figure.measure}: {_value(figure.ours, figure.unit)}")
            found.append(figure)
    finally:  # what was measured until an error is told all the same
        machine = {"cores": os.cpu_count(), "load_before": before, "load_after": os.getloadavg()}
        _tell(found, machine, chosen.json, chosen.markdown)


def _tell(found: list[Figure], machine: dict[str, Any], as_json: Path | None, as_markdown: Path | None) -> None:
    Console(width=170).print(table(found))
    failing = [figure.measure for figure in found if figure.held is False]
    bounds = sum(figure.held is not None for figure in found)
    print(f"{len(failing)} of {bounds} bounds do not hold{':' if failing else '.'}", *failing, sep="\n- ")
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    if as_markdown:
        as_markdown.write_text(markdown(found), encoding="utf-8")
    if as_json:
        told = {"at": datetime.now(UTC).isoformat(), "machine": machine, "figures": [each.told() for each in found]}
        as_json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
