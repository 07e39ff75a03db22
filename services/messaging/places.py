"""Where a place of a body is found after its rows were added, copied, moved or removed: a text goes where it was typed.

A path counts rows, so that it means another row after each of these steps. What they did is kept as a list of `Moved`;
a text that was typed before some of them is led through those to where its row is now.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from services.messaging import editing
from services.messaging.editing import Body


class Moved(NamedTuple):
    """What one step did to a list: for each row of it now, which one it was before; None for a new one."""

    path: str
    before: tuple[int | None, ...]


def moved(body: Body, change: Callable[..., Body], path: str, *told: int) -> Moved:
    """Tell what a step of `editing` does to the rows of a list of this body."""
    found, name = editing.get(body, path), path.rpartition(".")[2]
    numbers = list(range(len(found))) if isinstance(found, list) else []
    after = change({name: numbers}, name, *told).get(name, [])
    was = [each if isinstance(each, int) else None for each in after]
    return Moved(path, tuple(None if each in was[:place] else each for place, each in enumerate(was)))


def now(path: str, steps: Sequence[Moved]) -> str | None:
    """Give where a place is after these steps; None when its row was removed."""
    for step in steps:
        found = _row(path, step.path)
        if found is None:
            continue
        if found[0] not in step.before:
            return None
        path = f"{step.path}[{step.before.index(found[0])}]{found[1]}"
    return path


def identity(path: str, steps: Sequence[Moved]) -> str:
    """Give what a place is called whatever moved it: where it was before all these steps, or in which it was made."""
    for number, step in reversed(list(enumerate(steps))):
        found = _row(path, step.path)
        if found is None or found[0] >= len(step.before):
            continue
        before = step.before[found[0]]
        if before is None:
            return f"{path}@{number}"
        path = f"{step.path}[{before}]{found[1]}"
    return path


def _row(path: str, of: str) -> tuple[int, str] | None:
    """Part a path that leads through a list into the number of its row and the rest; None for any other path."""
    found = re.match(rf"{re.escape(of)}\[(\d+)\](.*)", path)
    return (int(found[1]), found[2]) if found else None
