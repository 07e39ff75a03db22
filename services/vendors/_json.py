"""JSON as vendors send it: believed only under its Content-Type, read so that a bad value spoils only its own field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from services.vendors._fields import Impossible

_BOM: Final = b"\xef\xbb\xbf"


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether the headers (lower-case names) say JSON: application/json or application/*+json."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def decode(content: bytes) -> Any:
    """The JSON of a body; bytes that are no UTF-8 and numbers that no program holds spoil only their own field.

    Raises:
        ValueError: it is no JSON, or nested beyond reason (with a sentence).
    """
    text = content.removeprefix(_BOM).decode("utf-8", "surrogateescape")
    try:
        return json.loads(text, parse_constant=Impossible)
    except json.JSONDecodeError:
        raise ValueError("its answer is not valid JSON") from None
    except RecursionError:
        raise ValueError("its answer is nested too deeply") from None
    except ValueError:  # an integer of thousands of digits
        return json.loads(text, parse_constant=Impossible, parse_int=_integer)


def _integer(digits: str) -> Any:
    with suppress(ValueError):
        return int(digits)
    return Impossible(digits[:100])


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "null" if value is None else names.get(type(value), "something else")
