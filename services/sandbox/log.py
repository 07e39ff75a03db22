"""The sandbox's memory of requests: what was asked and answered, without a single credential in it."""

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEPT = 10_000
REDACTED = "[redacted]"
_LONGEST_TEXT = 4_000
_LARGEST_BODY = 64_000  # bytes that are worth decoding; 10,000 entries stay in memory
_SECRET_KEYS = frozenset(
    {
        "access_token", "fb_token", "token", "state", "temptoken", "connect_token", "pendingdatatoken", "api_key",
        "apikey", "key", "secret", "jwt", "password", "authorization", "authentication", "code",
    }
)  # fmt: skip
_CREDENTIAL_HEADERS = frozenset({"authorization", "authentication", "key", "cookie", "x-connect-token"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer; `path` is the vendor's own path, `fault` the kind of fault that met it."""

    at: datetime
    vendor: str
    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    content_type: str
    body: Any
    status: int
    seconds: float
    fault: str = ""

    def as_json(self) -> dict[str, Any]:
        """The entry as plain JSON values."""
        return {**asdict(self), "at": self.at.isoformat()}


class Log:
    """The last 10,000 requests, oldest first; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, entry: Entry) -> None:
        """Remember one request."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._entries.clear()

    def entries(self) -> list[Entry]:
        """All remembered requests, oldest first."""
        with self._lock:
            return list(self._entries)


def headers(
    told: Mapping[str, str], expected: tuple[str, ...], recognises: Callable[[str, str], bool]
) -> dict[str, str]:
    """Headers with every credential replaced by `present` (right), `wrong` or `missing`."""
    kept = {name: value for name, value in told.items() if name not in _CREDENTIAL_HEADERS}
    for name in (*expected, *_CREDENTIAL_HEADERS.intersection(told)):
        if name in told:
            kept[name] = "present" if recognises(name, told[name]) else "wrong"
        else:
            kept[name] = "missing"
    return kept


def query(raw: str) -> dict[str, Any]:
    """The query string, decoded, with tokens redacted."""
    return _form(raw)


def body(raw: bytes, content_type: str) -> Any:
    """The body, decoded by its content type, with tokens redacted; None when it is empty."""
    if not raw:
        return None
    if len(raw) > _LARGEST_BODY:
        return f"[{len(raw)} bytes of {content_type or 'no type'}]"
    text = raw.decode("utf-8", "replace")
    if content_type == "application/json":
        try:
            return redact(json.loads(text))
        except (ValueError, RecursionError):
            return "[not JSON]"
    if content_type == "application/x-www-form-urlencoded":
        return _form(text)
    return f"[{len(raw)} bytes of {content_type or 'no type'}]"


def redact(value: Any, key: str = "") -> Any:
    """A JSON value without tokens; a callback URL keeps its origin only."""
    if isinstance(value, dict):
        return {str(name): redact(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [redact(inner, key) for inner in value]
    if key.casefold() in _SECRET_KEYS:
        return REDACTED
    if key.casefold() in {"callbackurl", "redirect_url"} and isinstance(value, str):
        return _origin(value)
    return value[:_LONGEST_TEXT] if isinstance(value, str) else value


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return REDACTED
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}/{REDACTED}"


def _form(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        clean = redact(value, name)
        if name in found:
            earlier = found[name]
            found[name] = [*(earlier if isinstance(earlier, list) else [earlier]), clean]
        else:
            found[name] = clean
    return found
