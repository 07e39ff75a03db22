"""What the columns of a table are, and what its cells hold: text is text, whatever a vendor put into it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pages.ui import formats
from pages.ui.formats import Look

LONGEST = 300
"""Characters of a text that are sent: a cell shows some 30, and the rest on hover."""
_BEYOND = 2**53
"""From here on a browser's numbers have gaps."""
Kind = Literal["text", "link", "tile", "chips", "number", "line", "ago"]
Format = Literal["plain", "grouped", "compact", "change", "rate", "seconds"]
Chip = tuple[str, str]
"""A word and its tint."""
Cell = str | float | None | tuple[str, str] | Sequence[Chip] | Sequence[float | None]


@dataclass(frozen=True)
class Column:
    """A column: its name in code, the title, how its cells are drawn, and its width in pixels."""

    name: str
    label: str
    kind: Kind
    width: int
    help: str = ""
    format: Format = "grouped"
    later: bool = False
    """On a narrow screen it comes after those that matter there."""
    orders: tuple[str, ...] = ()
    """The orders that a press on its title asks for in turn."""
    falls: bool = False
    """Whether the first of them begins with the largest."""


def text(told: str | None) -> str | None:
    """Give the text of a cell; a very long one is cut."""
    return told if told is None or len(told) <= LONGEST else f"{told[:LONGEST]}…"


def figure(told: float | None) -> float | None:
    """Give the number of a cell; one beyond what a browser counts exactly is told as near as it can."""
    if told is None or not math.isfinite(told):
        return None
    return float(told) if abs(told) >= _BEYOND else told


def instant(told: datetime | None) -> int | None:
    """Give an instant as seconds since 1970: a cell tells it as a distance."""
    return None if told is None else int(told.timestamp())


def chip(look: Look) -> Chip:
    """Give a look as a chip: what needs nobody has no tint."""
    return look.word, tint(look)


def tint(look: Look) -> str:
    """Give the tint of a look: hollow where nothing is known."""
    return look.colour or ("plain" if look.tint == formats.PLAIN else "hollow")


def chips(told: Iterable[Chip]) -> list[Chip] | None:
    """Give the chips of a cell, None when there is none."""
    return list(told) or None
