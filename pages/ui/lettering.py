"""Letters as outlines, for small pictures: a browser lays text out anew in each of them, outlines it only fills."""

import json
from functools import cache

from pages.ui.frame import STATIC

_UNITS = 250
"""Units of the outlines to the size of the font."""
_CAPITAL = 0.66
"""How high a capital is, of the size of the font."""


def outlined(text: str, size: float, middle: float) -> str | None:
    """Give SVG that writes a text in white around the middle of a square; None when a letter has no outline here."""
    letters = _letters()
    if any(letter not in letters for letter in text):
        return None
    scale = size / _UNITS
    place = middle - sum(letters[letter][0] for letter in text) * scale / 2
    drawn = []
    for letter in text:
        width, path = letters[letter]
        line = middle + size * _CAPITAL / 2
        drawn.append(
            f'<path fill="#fff" transform="translate({place:.2f} {line:.2f}) scale({scale:g} -{scale:g})" d="{path}"/>'
        )
        place += width * scale
    return "".join(drawn)


@cache
def _letters() -> dict[str, tuple[int, str]]:
    """Read the widths and outlines of capitals and digits: Source Sans, semi-bold (SIL Open Font License)."""
    found: dict[str, tuple[int, str]] = json.loads((STATIC / "initials.json").read_text(encoding="utf-8"))
    return found
