"""How a genuine answer is spoilt: the faults of content, as pure functions over an answer."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.sandbox.answers import Captured, captured

HTML = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form><h1>Please sign in</h1></form></body></html>"
)
_RAW_VALUES: Mapping[str, str] = {
    "nan": "NaN",
    "infinity": "Infinity",
    "overflow": "1e999",
    "huge_number": "1" + "0" * 5000,
    "int64": str(2**63),
    "lone_surrogate": '"caf\\ud800"',
    "nul": '"a\\u0000b"',
    "negative": "-1",
    "fraction": "3.5",
    "text_number": '"5,000"',
    "short_number": '"5K"',
    "true": "true",
    "null": "null",
    "object": '{"unexpected":[]}',
    "unknown_status": '"archived"',
    "unknown_network": '"threads"',
    "future_date": '"9999-12-31T23:59:59Z"',
    "bad_date": '"2024-13-01"',
    "epoch_millis": "1704067200000",
    "far_zone": '"2024-01-01T00:00:00+14:00"',
    "html": '"<img src=x onerror=alert(1)>"',
}
MUTATIONS = frozenset({*_RAW_VALUES, "absent", "duplicate_key"})
_MARK = "\u0001planned\u0001"


def spoil(kind: str, answer: Captured, details: Mapping[str, Any]) -> Captured:
    """The answer with one fault of content in it."""
    return _WAYS[kind](answer, details)


def rows_of(content: Any) -> list[Any] | None:
    """The list of records in an answer: the answer itself, or the longest list of objects in it."""
    if isinstance(content, list):
        return content
    lists = [rows for rows in _lists(content) if rows and isinstance(rows[0], dict)]
    return max(lists, key=len, default=None)


def _lists(content: Any) -> Iterator[list[Any]]:
    if isinstance(content, dict):
        for value in content.values():
            if isinstance(value, list):
                yield value
            else:
                yield from _lists(value)


def _rewrite(answer: Captured, text: str | bytes) -> Captured:
    body = text.encode() if isinstance(text, str) else text
    return Captured(answer.status, answer.headers, body)


def _wrong_shape(answer: Captured, _: Mapping[str, Any]) -> Captured:
    content = json.loads(answer.body)
    if isinstance(content, list):
        return _rewrite(answer, json.dumps({"items": content}))
    rows = rows_of(content)
    if rows is None:
        return _rewrite(answer, json.dumps([content]))
    swapped = {name: (dict(enumerate(value)) if value is rows else value) for name, value in content.items()}
    return _rewrite(answer, json.dumps(swapped if any(v is rows for v in content.values()) else [content]))


def _empty_list(answer: Captured, _: Mapping[str, Any]) -> Captured:
    return _rewrite(answer, json.dumps(_emptied(json.loads(answer.body))))


def _emptied(content: Any) -> Any:
    if isinstance(content, list):
        return []
    if isinstance(content, dict):
        return {name: 0 if name in {"total", "total_count"} else _emptied(value) for name, value in content.items()}
    return content


def _bad_field(answer: Captured, details: Mapping[str, Any]) -> Captured:
    """Replace one field of one record (`field`, `row`) or of all (`row=None`) by `value` or a named `mutation`."""
    content = json.loads(answer.body)
    rows = rows_of(content)
    records = [content] if rows is None else rows
    row, mutation, field = details.get("row", 0), details.get("mutation"), details["field"]
    before = None
    for record in records if row is None else records[row : row + 1]:
        before = record.pop(field, None)
        if mutation != "absent":
            record[field] = _MARK if mutation else details.get("value")
    twice = f"{json.dumps(before)}, {json.dumps(field)}: {json.dumps(details.get('value'))}"
    raw = twice if mutation == "duplicate_key" else _RAW_VALUES.get(mutation or "", "null")
    return _rewrite(answer, json.dumps(content).replace(json.dumps(_MARK), raw))


def _latin1(answer: Captured, details: Mapping[str, Any]) -> Captured:
    content = json.loads(answer.body)
    for record in (rows_of(content) or [content])[:1]:
        record[details.get("field", "name")] = "Café Müller"
    text = json.dumps(content, ensure_ascii=False)
    return _rewrite(answer, text.encode("latin-1", "replace"))


def _transform(answer: Captured, details: Mapping[str, Any]) -> Captured:
    """Let a function of the test change the decoded content (`change`)."""
    change: Callable[[Any], Any] = details["change"]
    return _rewrite(answer, json.dumps(change(json.loads(answer.body))))


def _looping(answer: Captured, _: Mapping[str, Any]) -> Captured:
    content = json.loads(answer.body)
    for place in ("pagination", "meta"):
        if isinstance(content.get(place), dict):
            content[place].update({"total": 99_999, "pages": 9_999, "totalPages": 9_999, "total_count": 99_999})
            content[place].update({"hasMore": True, "nextCursor": "again"})
    return _rewrite(answer, json.dumps(content))


def _status(_: Captured, details: Mapping[str, Any]) -> Captured:
    body = details.get("body", "")
    text = body if isinstance(body, str) else json.dumps(body)
    content_type = details.get("content_type", "text/plain" if isinstance(body, str) else "application/json")
    return captured(int(details.get("status", 503)), text.encode(), content_type, details.get("headers", {}).items())


def _html(_: Captured, details: Mapping[str, Any]) -> Captured:
    return captured(int(details.get("status", 200)), HTML, details.get("content_type", "application/json"))


def _deep(answer: Captured, details: Mapping[str, Any]) -> Captured:
    depth = int(details.get("depth", 100_000))
    return _rewrite(answer, "[" * depth + "]" * depth)


def _big_header(answer: Captured, details: Mapping[str, Any]) -> Captured:
    header = (b"x-padding", b"x" * int(details.get("size", 300_000)))
    return Captured(answer.status, [*answer.headers, header], answer.body)


_WAYS: Mapping[str, Callable[[Captured, Mapping[str, Any]], Captured]] = {
    "status": _status,
    "html": _html,
    "null": lambda answer, _: _rewrite(answer, "null"),
    "wrong_shape": _wrong_shape,
    "empty_body": lambda answer, details: Captured(int(details.get("status", 200)), answer.headers, b""),
    "empty_list": _empty_list,
    "truncated_json": lambda answer, _: _rewrite(answer, answer.body[: len(answer.body) * 2 // 3]),
    "bad_field": _bad_field,
    "bom": lambda answer, _: _rewrite(answer, b"\xef\xbb\xbf" + answer.body),
    "latin1": _latin1,
    "transform": _transform,
    "looping_cursor": _looping,
    "duplicate_page": lambda answer, _: answer,
    "deep": _deep,
    "big_header": _big_header,
}
