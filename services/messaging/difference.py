"""In which lines the JSON of a message differs from another one's."""

import difflib
import json
from collections.abc import Mapping
from typing import Any

_OWN_TO_EACH = "callbackUrl"
_HIDDEN = "…"


def shown(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give a payload as people may see it: the address of its callbacks without its end, which is a secret."""
    told = dict(payload)
    address = told.get(_OWN_TO_EACH)
    if isinstance(address, str):
        told[_OWN_TO_EACH] = f"{address.rpartition('/')[0]}/{_HIDDEN}"
    return told


def written(payload: Mapping[str, Any]) -> str:
    """Write a payload as a person reads it."""
    return json.dumps(payload, indent=2, ensure_ascii=False)


def lines(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """Give the lines that differ, those before with "-" and those after with "+", each with one line around it.

    The address of the callbacks is another one for each message, and a kept one lacks it: it is left out.
    """
    if before is None:
        return []
    first, second = (written(_compared(each)).splitlines() for each in (before, after))
    return list(difflib.unified_diff(first, second, n=1, lineterm=""))[2:]


def count(changed: list[str]) -> int:
    """Count the lines of a difference: one that was replaced counts once."""
    less = sum(line.startswith("-") for line in changed)
    return max(less, sum(line.startswith("+") for line in changed))


def _compared(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name != _OWN_TO_EACH}
