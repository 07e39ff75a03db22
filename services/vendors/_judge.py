"""What an answer means: pure functions from status, headers and body to an error, a wait or a limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from services.vendors import errors
from services.vendors._fields import flag

_EPOCH_FLOOR: Final = 1e9  # a smaller reset is a number of seconds from now
_MILLISECONDS: Final = 1e12  # a larger reset is in milliseconds (Late's own client does the same)
_REDIRECT, _CLIENT, _SERVER = 300, 400, 500
_WORDS_DEPTH: Final = 3
_ENVELOPE: Final = frozenset({"message", "error", "errors", "code", "status", "detail", "type"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a vendor's error body says: words, code, field, and the error it stands for (None: by HTTP status)."""

    message: str = ""
    code: str | None = None
    field: str | None = None
    error: type[errors.VendorError] | None = None
    advice: str | None = None


Dialect = Callable[[int, Any], Refusal | None]
"""Reads an error body: (HTTP status, decoded body) -> a refusal, or None when the body holds none."""


def words(value: Any, depth: int = 0) -> str:
    """A vendor's message, whether it is a text, a list of texts or an object of them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth < _WORDS_DEPTH:
        return "; ".join(filter(None, (words(part, depth + 1) for part in value[:10])))
    if isinstance(value, dict) and depth < _WORDS_DEPTH:
        pairs = ((errors.clean(key, length=60), words(part, depth + 1)) for key, part in list(value.items())[:10])
        return "; ".join(f"{key}: {text}" for key, text in pairs if text)
    return ""


def common(status: int, body: Any) -> Refusal | None:
    """The dialect of most vendors: `message` (text, list or object), `error` (text or object), `code`, `field`.

    A 2xx is a failure too when its body says so; a number such as `statusCode` in a body decides nothing.
    """
    failed = status >= _REDIRECT
    if not failed and not says_failure(body):
        return None
    if not isinstance(body, dict):
        return Refusal(words(body))
    nested = body["error"] if isinstance(body.get("error"), dict) else {}
    code = next((found for found in (_code(body), _code(nested)) if found), None)
    field = body.get("field") or body.get("param")
    message, named = _told(body, nested), _named(body)
    if failed and not message:
        message, named = _by_field(body)
    return Refusal(
        message if failed or message else "its answer says that it did not succeed",
        code,
        field if isinstance(field, str) else named,
        None if failed else errors.Rejected,
    )


def says_failure(body: Any) -> bool:
    """Whether a body under a 2xx says that it failed: `success` is false, or `error` or `errors` holds something."""
    if not isinstance(body, dict):
        return False
    return flag(body.get("success")) is False or any(_filled(body.get(name)) for name in ("error", "errors"))


def _filled(value: Any) -> bool:
    return bool(value.strip() if isinstance(value, str) else value)


def _told(body: dict[str, Any], nested: dict[str, Any]) -> str:
    """The vendor's words, from the most speaking name that holds some."""
    given = (body.get("message"), nested.get("message"), *(body.get(name) for name in ("error", "errors", "detail")))
    return next((found for found in map(words, given) if found.strip()), "")


def _named(body: dict[str, Any]) -> str | None:
    """The first field that a `message` or `errors` with a complaint by field speaks of."""
    given = next((value for value in (body.get("message"), body.get("errors")) if words(value).strip()), None)
    spoken = given if isinstance(given, dict) else {}
    return next((name for name, value in spoken.items() if name not in _ENVELOPE and words(value).strip()), None)


def _by_field(body: dict[str, Any]) -> tuple[str, str | None]:
    """The words of a body that is only fields with their complaints, and the first field (Gipper's document)."""
    found = {name: text for name, value in body.items() if (text := _complaint(value))}
    if not found:
        return "", None
    return (next(iter(found.values())) if len(found) == 1 else words(found)), next(iter(found))


def _complaint(value: Any) -> str:
    """A sentence or a list of texts; a word alone may be a token, and a list of objects is the vendor's data."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return words(value)
    return value if isinstance(value, str) and " " in value.strip() else ""


def _code(body: dict[str, Any]) -> str | None:
    code = body.get("code")
    return str(code) if isinstance(code, str | int) and not isinstance(code, bool) else None


def by_status(status: int, *, written: bool) -> type[errors.VendorError]:
    """The error that an HTTP status stands for; after a write, a 5xx leaves the outcome unknown."""
    exact: dict[int, type[errors.VendorError]] = {
        401: errors.Unauthorised,
        402: errors.LimitReached,
        403: errors.PermissionDenied,
        404: errors.NotFound,
        409: errors.Conflict,
        410: errors.NotFound,
        429: errors.RateLimited,
    }
    if status in exact:
        return exact[status]
    if status >= _SERVER:
        return errors.OutcomeUnknown if written else errors.VendorDown
    if status >= _CLIENT:
        return errors.Rejected
    return errors.RedirectRefused if status >= _REDIRECT else errors.UnexpectedAnswer


def described(status: int, refusal: Refusal | None) -> str:
    """The sentence for an answer that failed: the vendor's words if it has any, and the status."""
    if _REDIRECT <= status < _CLIENT:
        return f"it answered with a redirect (HTTP {status}), which is never followed"
    if refusal is not None and refusal.message.strip():
        return refusal.message.strip()
    if refusal is not None and refusal.code:
        return f"it answered with the code {refusal.code}"
    return f"it answered with HTTP {status}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rate headers of one answer say; seconds, None where nothing was said."""

    limit: int | None = None
    left: int | None = None
    period: float | None = None
    wait: float | None = None


def limits(headers: Mapping[str, str], *, now: float) -> Limits:
    """The vendor's rate headers, by lower-case name (HighLevel: Max, Interval-Milliseconds; Late: Limit, Reset)."""
    limit = _whole(headers.get("x-ratelimit-max") or headers.get("x-ratelimit-limit"))
    left = _whole(headers.get("x-ratelimit-remaining"))
    interval = _whole(headers.get("x-ratelimit-interval-milliseconds"))
    period = interval / 1000 if interval else None
    reset = seconds_until(_whole(headers.get("x-ratelimit-reset")), now=now)
    wait = (reset if reset is not None else period) if left == 0 else None
    return Limits(limit or None, left, period, wait)


def seconds_until(reset: int | None, *, now: float) -> float | None:
    """Seconds until a reset told as epoch seconds, epoch milliseconds or seconds from now."""
    if reset is None:
        return None
    if reset < _EPOCH_FLOOR:
        return float(reset)
    return max(0.0, (reset / 1000 if reset > _MILLISECONDS else reset) - now)


def retry_after(value: str | None, *, now: float) -> float | None:
    """Seconds of a Retry-After: a number or an HTTP date (a past one is 0); nonsense and negatives are absent."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.fromtimestamp(now, UTC)).total_seconds())


def _whole(text: str | None) -> int | None:
    stripped = (text or "").strip()
    return int(stripped) if stripped.isascii() and stripped.isdigit() and len(stripped) <= 15 else None  # noqa: PLR2004 - epoch milliseconds have 13 digits
