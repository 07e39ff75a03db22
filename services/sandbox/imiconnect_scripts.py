"""What can happen to a message in the pretended imiconnect: to its answer, and in the callbacks afterwards."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.sandbox.faults import Fault, Kind

READ: Final = ("7501", "7500", "7502")
_LATE: Final = ("late 7501", "7500", "7502")
_KEPT: Final = 1000
_AFTER: Final = {"after_effect": True}


@dataclass(frozen=True)
class Script:
    """The life of one message: `words` for people, its callbacks by code, and what becomes of the answer.

    A callback may be `late`, come only `afterwards` when whoever asked has given up, or go to a `wrong` address.
    `code` is a refusal as the answer; `fault` happens to the answer on its way, with its `details`.
    """

    words: str
    callbacks: tuple[str, ...] = ()
    code: str | None = None
    fault: Kind | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


SCRIPTS: Final[Mapping[str, Script]] = {
    "read": Script("Delivered, then read", READ),
    "delivered": Script("Delivered, and not read", ("7501", "7500")),
    "failed": Script("Fails at Instagram (7010)", ("7501", "7010")),
    "late": Script("Delivered late", ("7501", "late 7500")),
    "twice": Script("Every callback comes twice", ("7501", "7501", "7500", "7500", "7502", "7502")),
    "out_of_order": Script("Callbacks out of order: read comes first", ("7502", "7500", "7501")),
    "wrong_token": Script("Callbacks with a wrong token: all are refused", ("wrong 7501", "wrong 7500")),
    "silent": Script("Accepted, then nothing is heard"),
    "window_closed": Script("Accepted, then fails: the 24-hour window is closed (7313)", ("7313",)),
    "window_closed_at_once": Script("Refused at once: the 24-hour window is closed (7313)", code="7313"),
    "rate_limited": Script("Accepted, then fails: the rate limit is exceeded (7302)", ("7302",)),
    "rate_limited_at_once": Script("Refused at once: the rate limit is exceeded (7302)", code="7302"),
    "no_permission": Script("Accepted, then fails: no permission or a wrong tag (7526)", ("7526",)),
    "expired": Script("Expires before it could be delivered (7301)", ("7501", "7301")),
    "too_many_requests": Script(
        "Refused at once: HTTP 429",
        fault=Kind.STATUS,
        details={"status": 429, "no_effect": True, "headers": {"Retry-After": "2"}, "body": {"message": "Too many"}},
    ),
    "lost_answer": Script(
        "The answer is lost after the vendor took it: unknown, until callbacks tell", _LATE, None, Kind.CLOSE, _AFTER
    ),
    "lost_for_good": Script(
        "The answer is lost and no callback comes: a new attempt is told “duplicate” (7306)",
        (),
        None,
        Kind.CLOSE,
        _AFTER,
    ),
    "time_out": Script(
        "The vendor takes it and never answers: unknown after 10 seconds, until callbacks tell",
        ("afterwards 7501", "7500", "7502"),
        None,
        Kind.HANG,
        _AFTER,
    ),
    "server_error": Script(
        "The vendor answers 500 and did nothing: unknown, and nothing is heard",
        fault=Kind.STATUS,
        details={"status": 500, "no_effect": True, "body": {"code": "7006", "message": "Internal error"}},
    ),
    "html": Script(
        "The vendor took it and answers with a web page: unknown, until callbacks tell", _LATE, None, Kind.HTML
    ),
}


class Chosen:
    """Which script each message follows: its own, or the one for all; thread-safe.

    A message is known by the end of its callbackUrl or by its correlation id; several of one press by what theirs begin
    with, up to the last colon.
    """

    def __init__(self) -> None:
        self.usual = "read"
        self._lock = threading.Lock()
        self._own: OrderedDict[str, str] = OrderedDict()

    def choose(self, message: str, script: str) -> None:
        """Let one message follow a script; of very many the oldest choice is forgotten. Raises ValueError."""
        if script not in SCRIPTS or not message:
            raise ValueError(f"A message follows one of {', '.join(SCRIPTS)}.")
        with self._lock:
            self._own.pop(message, None)
            self._own[message] = script
            while len(self._own) > _KEPT:
                self._own.popitem(last=False)

    def of(self, body: Mapping[str, Any]) -> Script:
        """Give the script that a message follows; what was chosen for its address comes first."""
        correlation = str(body.get("correlationId", ""))
        names = (
            str(body.get("callbackUrl", "")).rpartition("/")[2],
            correlation,
            "".join(correlation.rpartition(":")[:2]),
        )
        with self._lock:
            return SCRIPTS[next((self._own[name] for name in names if name in self._own), self.usual)]

    def fault(self, vendor: str, raw: bytes) -> Fault | None:
        """Give what is to happen to the answer of a request to a vendor, if anything."""
        if vendor != "imiconnect":
            return None
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            return None
        script = self.of(body) if isinstance(body, dict) else SCRIPTS[self.usual]
        if script.fault is None:
            return None
        return Fault(0, vendor, "send", script.fault, 1, details=script.details)
