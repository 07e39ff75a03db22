"""The body of a message in the making: kept as it was typed, finished or not, within what a database should hold."""

import json
from collections.abc import Mapping
from typing import Any

from services.failures import Misuse

LARGEST = 64 * 1024
"""Bytes of a body as JSON; the largest that the document allows, with ten cards, takes a third of it."""
_DEEPEST = 8
_OURS = frozenset({"from", "to", "callbackurl"})
"""What is never a person's to say: it comes from the source, the recipient and the settings."""


def checked(body: Any) -> dict[str, Any]:
    """Give a body as it will be read back, without what is ours. Raises Misuse for no JSON object, or too much."""
    if not isinstance(body, Mapping):
        raise Misuse("A message is a JSON object.", "For example: {“contentType”: “TEXT”, “content”: “Hello”}")
    kept = {name: value for name, value in body.items() if str(name).lower() not in _OURS}
    if _depth(kept) > _DEEPEST:
        raise Misuse("This message is nested too deep to be kept.", "The document's own messages have five levels.")
    try:
        written = json.dumps(kept, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        raise Misuse("This message holds a value that JSON has no word for.", "Use texts, lists and objects.") from None
    size = len(written.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        message = f"This message has {size:,} bytes; a draft or a template holds {LARGEST:,} at most."
        raise Misuse(message, "No message of this channel is that long: shorten it.")
    found: dict[str, Any] = json.loads(written)
    return found


def again(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give the body of a message that was sent, for another one: it must not carry the first one's id."""
    return {name: value for name, value in payload.items() if str(name).lower() not in {*_OURS, "correlationid"}}


def _depth(value: Any, level: int = 0) -> int:
    """Count the levels, as far as it matters."""
    if level > _DEEPEST or not isinstance(value, Mapping | list | tuple):
        return level
    inner = value.values() if isinstance(value, Mapping) else value
    return max((_depth(each, level + 1) for each in inner), default=level + 1)
