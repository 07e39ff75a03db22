"""Planned faults: what shall go wrong at which vendor and path, how often, and whether it did."""

import fnmatch
import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.sandbox.spoil import MUTATIONS


class Kind(StrEnum):
    """Everything that can be planned to go wrong; FIDELITY.md tells what each needs."""

    STATUS = "status"
    HANG = "hang"
    SLOW = "slow"
    DRIP = "drip"
    RESET = "reset"
    CLOSE = "close"
    CUT = "cut"
    HTML = "html"
    NULL = "null"
    WRONG_SHAPE = "wrong_shape"
    EMPTY_BODY = "empty_body"
    EMPTY_LIST = "empty_list"
    TRUNCATED_JSON = "truncated_json"
    REDIRECT = "redirect"
    HUGE = "huge"
    BOMB = "bomb"
    BAD_FIELD = "bad_field"
    DUPLICATE_PAGE = "duplicate_page"
    LOOPING_CURSOR = "looping_cursor"
    DEEP = "deep"
    BIG_HEADER = "big_header"
    BOM = "bom"
    LATIN1 = "latin1"
    TRANSFORM = "transform"


OPERATIONS: Mapping[str, Mapping[str, str]] = {
    "zocial": {
        "networks": "/api/get/networks/",
        "pages": "/api/get/social-pages/",
        "walls": "/api/get/social-walls/",
        "channels": "/api/get/social-channels/",
        "status": "/api/network/status/",
        "disconnect": "/api/network/disconnect/",
        "approval": "/api/action/network/approval/",
        "update_extra": "/api/action/network-extra/update/",
        "authenticate": "/api/auth/*/",
        "add_page": "/api/add/social-page/",
        "add_wall": "/api/add/social-wall/",
        "add_channel": "/api/add/social-channel/",
    },
    "late": {
        "accounts": "/api/v1/accounts",
        "health": "/api/v1/accounts/health",
        "follower_stats": "/api/v1/accounts/follower-stats",
        "connect": "/api/v1/*connect*",
        "social_accounts": "/api/v1/profiles/*/social-accounts",
    },
    "highlevel": {
        "accounts": "/social-media-posting/*/accounts",
        "start": "/social-media-posting/oauth/*/start",
        "account": "/social-media-posting/oauth/*/accounts/*",
        "statistics": "/social-media-posting/statistics",
    },
    "gipper": {
        "accounts": "/api/v[24]/social_accounts",
        "create": "/api/v3/instagram_accounts",
        "delete": "/api/v3/instagram_accounts/*",
        "verify": "/api/v[24]/verify_social_accounts",
    },
    "imiconnect": {"send": "/v[0-9]*/messages"},
}


@dataclass(slots=True)
class Fault:
    """One planned fault; `times` None means for ever (met when it struck once)."""

    number: int
    vendor: str
    target: str
    kind: Kind
    times: int | None
    method: str = ""
    skip: int = 0
    query: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    met: int = 0

    @property
    def is_met(self) -> bool:
        """Whether it struck as often as planned."""
        return self.met >= (1 if self.times is None else self.times)

    def meets(self, vendor: str, method: str, path: str, query: Mapping[str, str]) -> bool:
        """Whether this request is one that the fault waits for."""
        if vendor != self.vendor or (self.method and method != self.method):
            return False
        pattern = OPERATIONS.get(vendor, {}).get(self.target, self.target)
        right_query = all(query.get(name) == value for name, value in self.query.items())
        return right_query and (path == pattern or fnmatch.fnmatchcase(path, pattern))

    def as_json(self) -> dict[str, Any]:
        """What was planned and how often it struck, without its details."""
        return {
            "number": self.number,
            "vendor": self.vendor,
            "target": self.target,
            "kind": self.kind.value,
            "times": self.times,
            "met": self.met,
        }


class Faults:
    """The planned faults of one sandbox; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self._numbers = itertools.count(1)

    def plan(
        self,
        vendor: str,
        target: str,
        *,
        kind: str,
        times: int | None = 1,
        method: str = "",
        skip: int = 0,
        query: Mapping[str, str] | None = None,
        **details: Any,
    ) -> Fault:
        """Plan a fault for a path (shell pattern) or operation of a vendor.

        `skip` lets that many matching requests pass first; `query` narrows it to requests with these parameters.
        """
        if vendor not in OPERATIONS:
            raise ValueError(f"No such vendor: {vendor}. Choose one of {', '.join(OPERATIONS)}.")
        if times is not None and times < 1:
            raise ValueError("A fault is planned for at least one time.")
        _check_details(Kind(kind), details)
        fault = Fault(next(self._numbers), vendor, target, Kind(kind), times, method, skip, query or {}, details)
        with self._lock:
            self._planned.append(fault)
        return fault

    def strike(self, vendor: str, method: str, path: str, query: Mapping[str, str]) -> Fault | None:
        """Take the first planned fault that this request meets, and count it."""
        with self._lock:
            for fault in self._planned:
                if fault.times is not None and fault.met >= fault.times:
                    continue
                if not fault.meets(vendor, method, path, query):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.met += 1
                return fault
        return None

    def planned(self) -> list[Fault]:
        """All planned faults, met ones too."""
        with self._lock:
            return list(self._planned)

    def clear(self) -> None:
        """Forget all planned faults."""
        with self._lock:
            self._planned.clear()

    def assert_all_met(self) -> None:
        """Raise AssertionError naming every planned fault that did not strike as often as planned."""
        unmet = [fault for fault in self.planned() if not fault.is_met]
        if unmet:
            told = "; ".join(f"{f.kind} at {f.vendor} {f.target}: {f.met} of {f.times or 'any'}" for f in unmet)
            raise AssertionError(f"Planned faults were not met: {told}")


def _check_details(kind: Kind, details: Mapping[str, Any]) -> None:
    """Refuse a plan that could not happen, when it is made and not when it strikes."""
    if kind is Kind.BAD_FIELD and not isinstance(details.get("field"), str):
        raise ValueError("A bad field needs the name of its field.")
    if kind is Kind.BAD_FIELD and details.get("mutation", "null") not in MUTATIONS:
        raise ValueError(f"No such mutation. Choose one of {', '.join(sorted(MUTATIONS))}.")
    if kind is Kind.TRANSFORM and not callable(details.get("change")):
        raise ValueError("A transform needs a function as `change`.")
