"""The JSON of a message as a person reads it, and in which lines it differs from another one's."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

_OWN_TO_EACH = "callbackUrl"
_HIDDEN = "…"
_UNSEEN = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What turns the order of other letters round, or breaks a line: JSON may write it as its number."""


def shown(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give a payload as people may see it: the address of its callbacks without its end, which is a secret."""
    told = dict(payload)
    address = told.get(_OWN_TO_EACH)
    if isinstance(address, str):
        told[_OWN_TO_EACH] = f"{address.rpartition('/')[0]}/{_HIDDEN}"
    return told


def written(value: Any) -> str:
    """Write JSON as a person reads it: each letter stands where it leaves, whatever text says of the order."""
    told = json.dumps(value, indent=2, ensure_ascii=False)
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", told)


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
