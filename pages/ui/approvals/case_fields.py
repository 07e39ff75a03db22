"""The fields of a case's evidence in words: their names, their values, and how two of these differ."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pages.ui import formats, suspects
from pages.ui.text import plain, short

NOT_TOLD = ":gray[not told]"
_CELL = 90
_BREAK = "\u200b"
"""Lets a long address go on in a second line, without a sign of its own."""
_ENDLESS = re.compile(r"[^\s/.\u200b]{10}(?=\S)")
LABELS = {
    "followers": "Followers",
    "handle": "Handle",
    "owner": "Owner at Zocial",
    "status": "Status",
    "url": "Address",
    "name": "Name",
    "category": "Category",
    "verified": "Verified",
    "engagement_rate": "Engagement",
    "health": "Health",
    "platform": "Platform",
    "kind": "Kind",
    "listed": "In Zocial's list",
    "suspect": "Figure in doubt",
    "growth": "Followers in 30 days",
    "external_id": "Platform's id",
}
"""What each field is called, what brings a case back first."""


def label(field: str) -> str:
    """Name a field, escaped."""
    return LABELS.get(field) or plain(field.replace("_", " ").capitalize())


def shown(field: str, value: Any) -> str:
    """Give a value as Markdown; one that nobody told is said to be so."""
    if value is None:
        return NOT_TOLD
    return _SHOWN.get(field, _text)(value) or NOT_TOLD


def ranked(difference: Mapping[str, Any]) -> list[str]:
    """Give the fields of a difference, the gravest first; what follows from another one is left out."""
    order = {field: place for place, field in enumerate(LABELS)}
    told = [field for field in difference if field != "growth" or "followers" not in difference]
    return sorted(told, key=lambda field: order.get(field, len(order)))


def moved(field: str, pair: Any) -> str:
    """Say in words what a field was and what it is: "followers fell from 18,902 to 9,114"."""
    before, after = pair
    if field == "followers" and isinstance(before, int) and isinstance(after, int):
        verb = "fell" if after < before else "rose"
        return f"followers {verb} from {before:,} to {after:,}"
    if field == "listed":
        return "Zocial's list does not show it"
    return f"{label(field).lower()} was {shown(field, before)}, is {shown(field, after)}"


def address(url: str) -> str:
    """Give an address without what all of them begin with; it may break where a part of it ends."""
    bare = url.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return words(short(bare, _CELL)).replace("\\/", f"\\/{_BREAK}").replace("\\.", f"\\.{_BREAK}")


def words(text: str) -> str:
    """Give text escaped; a word without end may break, else a cell of a table cuts it."""
    return plain(_ENDLESS.sub(rf"\g<0>{_BREAK}", text))


def _text(value: Any) -> str:
    return words(short(str(value), _CELL))


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else _text(value)


def _percent(value: Any) -> str:
    return f"{value:.2f}%" if isinstance(value, int | float) else _text(value)


def _change(value: Any) -> str:
    return f"{value:+.1f}%" if isinstance(value, int | float) else _text(value)


def _yes(value: Any) -> str:
    return "yes" if value else "no"


_SHOWN: dict[str, Callable[[Any], str]] = {
    "followers": _number,
    "engagement_rate": _percent,
    "growth": _change,
    "verified": _yes,
    "listed": _yes,
    "url": lambda value: address(str(value)),
    "platform": lambda value: plain(formats.platform(str(value))),
    "status": lambda value: formats.status(str(value)).word.lower(),
    "health": lambda value: formats.health(str(value)).word.lower(),
    "suspect": lambda value: plain(suspects.words(str(value))),
}
