"""How a refresh is asked for, and how it ended, as `sync --json` prints it."""

import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from data.types import RunState

PASSING_BY = frozenset({"rejected_records", "held_back", "stopped"})
"""Problems of a run in which the vendor itself answered well."""


@dataclass(frozen=True)
class Problem:
    """Why a source is not ok: a kind for programs, a sentence, and what to do."""

    kind: str
    message: str
    action: str


@dataclass(frozen=True)
class Report:
    """How the refresh of one source ended (DESIGN.md section 5, `sync --json`)."""

    source: str
    vendor: str
    state: RunState
    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    vanished: int = 0
    held_back: bool = False
    requests: int = 0
    problem: Problem | None = None
    seconds: float = 0.0

    @property
    def failing(self) -> bool:
        """Tell whether the vendor failed us, also if part of the list was read."""
        return self.problem is not None and self.problem.kind not in PASSING_BY

    def document(self) -> dict[str, Any]:
        """Give the report as `sync --json` prints it."""
        return asdict(self) | {"state": self.state.value, "seconds": round(self.seconds, 3)}


@dataclass(frozen=True)
class Wish:
    """How a sync is asked for: by whom, for which instant, and what may stop it."""

    trigger: str = "hand"
    at: datetime | None = None
    accept_loss: bool = False
    unless_since: datetime | None = None
    stop: threading.Event = field(default_factory=threading.Event)
