"""Changing a body in the making: each step gives a new body and leaves the old one as it was.

A path names a place as the document does: `content`, `template[0].title`, `template[0].buttons[1].payload`. What is
empty is left out of a body, so that a field nobody filled never leaves as an empty text.
"""

import re
from copy import deepcopy
from typing import Any, Final

from data.types import Family
from services.vendors.imiconnect import limits

Body = dict[str, Any]
MOST: Final = {"template": limits.CARDS, "buttons": limits.BUTTONS, "quickReplies": limits.QUICK_REPLIES}
"""How many rows a list holds."""
CARDS, REPLIES = "template", "quickReplies"
_STEP = re.compile(r"([A-Za-z]+)|\[(\d{1,4})\]")
_TEXTS = re.compile(
    r"content|url|callbackData|correlationId|quickReplies\[\d{1,4}\]\.(?:title|payload)|template\[\d{1,4}\]\."
    r"(?:title|subtitle|imageUrl|defaultAction\.url|buttons\[\d{1,4}\]\.(?:title|url|payload))"
)
_SHOWN = re.compile(
    r"from|to|contentType|template|quickReplies|quickReplies\[\d+\]\.type|template\[\d+\]"
    r"(?:\.defaultAction(?:\.type)?|\.buttons(?:\[\d+\]\.type)?)?"
)
_TAP = re.compile(rf"{CARDS}\[(\d{{1,4}})\]\.defaultAction\.url")
_FRESH: Final[dict[str, Body]] = {
    "template": {},
    "buttons": {"type": "web_url"},
    "quickReplies": {"type": "TEXT"},
}
_KINDS_OF_TYPE: Final = {Family.STICKER: limits.STICKER}


def get(body: Body, path: str) -> Any:
    """Give what stands at a place; None where nothing does."""
    found: Any = body
    for step in _steps(path):
        if isinstance(step, str):
            found = found.get(step) if isinstance(found, dict) else None
        else:
            found = found[step] if isinstance(found, list) and step < len(found) else None
    return found


def text(body: Body, path: str) -> str:
    """Give the text at a place; empty where none stands."""
    found = get(body, path)
    return found if isinstance(found, str) else ""


def rows(body: Body, path: str) -> list[Body]:
    """Give the rows of a list that are objects: anything else can't be edited row by row."""
    found = get(body, path)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def put(body: Body, path: str, value: str) -> Body:
    """Write a text at a place; an empty one takes its field away."""
    changed = deepcopy(body)
    way, name = _split(path)
    place = _walked(changed, way)
    if value and place is not None:
        place[name] = value
    elif place is not None:
        place.pop(name, None)
    return changed


def has_field(path: str) -> bool:
    """Tell whether the composer has a field for a place, or a list that it stands in."""
    return is_text(path) or _SHOWN.fullmatch(path) is not None


def is_text(path: str) -> bool:
    """Tell whether a path names a text that a person types."""
    return _TEXTS.fullmatch(path) is not None


def write(body: Body, path: str, value: str) -> Body:
    """Write a text that was typed at a place, with what belongs to it."""
    card = _TAP.fullmatch(path)
    return tap(body, int(card[1]), value) if card else put(body, path, value)


def without(body: Body, path: str) -> Body:
    """Take away what a problem names by this path, however the body spells it."""
    kept: Body = _pruned(body, "", path.replace("_", "").lower())
    return kept


def tap(body: Body, card: int, url: str) -> Body:
    """Let a tap on a card open an address, or nothing when it is empty."""
    at = f"{CARDS}[{card}]"
    changed = put(body, f"{at}.defaultAction.url", url)
    return put(changed, f"{at}.defaultAction.type", "WEB_URL") if url else _without(changed, f"{at}.defaultAction")


def turn(body: Body, family: Family) -> Body:
    """Make it a message of another family; what was typed for the others stays in the draft."""
    changed = {name: value for name, value in deepcopy(body).items() if name != "type"}
    changed["contentType"] = family.value
    if family in _KINDS_OF_TYPE:
        changed["type"] = _KINDS_OF_TYPE[family]
    if family is Family.TEMPLATE and not rows(changed, CARDS):
        changed[CARDS] = [{}]
    return changed


def family(body: Body) -> Family:
    """Tell of which family a body is; one that says nothing is a text."""
    told = str(body.get("contentType") or "").upper()
    return Family(told) if told in set(Family) else Family.TEXT


def turn_button(body: Body, path: str, kind: str) -> Body:
    """Let a button open an address (`web_url`) or send something back (`postback`), never both."""
    changed = put(body, f"{path}.type", kind)
    return put(changed, f"{path}.{'payload' if kind == 'web_url' else 'url'}", "")


def add(body: Body, path: str) -> Body:
    """Add an empty row at the end of a list, unless it is full."""
    changed = deepcopy(body)
    found = _list(changed, path)
    if len(found) < most(path):
        found.append(deepcopy(_FRESH[_name(path)]))
    return changed


def copy(body: Body, path: str, place: int) -> Body:
    """Put a copy of a row behind it, unless the list is full."""
    changed = deepcopy(body)
    found = _list(changed, path)
    if place < len(found) < most(path):
        found.insert(place + 1, deepcopy(found[place]))
    return changed


def move(body: Body, path: str, place: int, by: int) -> Body:
    """Move a row forward or back; at the end of the list it stays."""
    changed = deepcopy(body)
    found = _list(changed, path)
    if place < len(found) and 0 <= place + by < len(found):
        found.insert(place + by, found.pop(place))
    return changed


def remove(body: Body, path: str, place: int) -> Body:
    """Take a row away; a list that is empty goes with its last row."""
    changed = deepcopy(body)
    found = _list(changed, path)
    if place < len(found):
        del found[place]
    return changed if found else _without(changed, path)


def most(path: str) -> int:
    """Tell how many rows a list may hold."""
    return MOST[_name(path)]


def _pruned(value: Any, at: str, gone: str) -> Any:
    if isinstance(value, dict):
        inside = {name: f"{at}.{name}" if at else str(name) for name in value}
        return {name: _pruned(value[name], way, gone) for name, way in inside.items() if not _is_same(way, gone)}
    if isinstance(value, list):
        ways = [f"{at}[{place}]" for place in range(len(value))]
        return [_pruned(each, way, gone) for each, way in zip(value, ways, strict=True) if not _is_same(way, gone)]
    return value


def _is_same(way: str, gone: str) -> bool:
    return way.replace("_", "").lower() == gone


def _without(body: Body, path: str) -> Body:
    way, name = _split(path)
    place = _walked(body, way)
    if place is not None:
        place.pop(name, None)
    return body


def _list(body: Body, path: str) -> list[Any]:
    """Give the list at a place, made when there is none; one of its own where the place is gone."""
    way, name = _split(path)
    place = _walked(body, way)
    if place is None:
        return []
    if not isinstance(place.get(name), list):
        place[name] = []
    found: list[Any] = place[name]
    return found


def _walked(body: Body, way: list[str | int]) -> Body | None:
    """Give the object at the end of a way, made where it is missing; None for a row that is not there (any more)."""
    place: Any = body
    for step in way:
        if isinstance(step, str):
            if not isinstance(place.get(step), dict | list):
                place[step] = {}
            place = place[step]
        else:
            place = place[step] if isinstance(place, list) and step < len(place) else None
        if place is None:
            return None
    return place if isinstance(place, dict) else None


def _name(path: str) -> str:
    return path.rpartition(".")[2]


def _steps(path: str) -> list[str | int]:
    return [name or int(number) for name, number in _STEP.findall(path)]


def _split(path: str) -> tuple[list[str | int], str]:
    """Part a path into the way to an object and the name in it."""
    *way, name = _steps(path)
    return way, str(name)
