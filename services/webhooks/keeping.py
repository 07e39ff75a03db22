"""Makes webhooks durable before they are acknowledged: what arrives while one commit is under way goes with the next.

Why they have a file of their own is in docs/decisions/0018.
"""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from anyio.to_thread import run_sync

from data.errors import DatabaseProblem
from data.intake import Entry, Intake
from services.desk import Desk, key_path

_keepers: dict[str, "Keeper"] = {}
_guard = threading.Lock()


@dataclass
class _Batch:
    entries: list[Entry] = field(default_factory=list)
    kept: bool = False
    problem: DatabaseProblem | None = None


class Keeper:
    """Keeps webhooks of one desk in its intake, all that wait together in one commit."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.arrived = threading.Event()
        """Set when something is there to be worked off."""
        self._next = _Batch()
        self._turn = anyio.Lock()

    async def keep(self, entry: Entry) -> None:
        """Return once a webhook is durable. Raises DatabaseProblem when it is not."""
        batch = self._next
        batch.entries.append(entry)
        async with self._turn:
            if batch is self._next:  # nobody has taken it along yet, so this one writes for all
                self._next = _Batch()
                await run_sync(self._commit, batch)
        if not batch.kept:
            told = batch.problem or DatabaseProblem("interrupted", "The webhook could not be kept.", "Send it again.")
            raise DatabaseProblem(told.kind, told.message, told.advice)
        self.arrived.set()

    def _commit(self, batch: _Batch) -> None:
        try:
            self.intake.keep(batch.entries)
            batch.kept = True
        except DatabaseProblem as problem:
            batch.problem = problem


def keeper(desk: Desk) -> Keeper:
    """Give the keeper of a desk; its file lies beside the database."""
    with _guard:
        if desk.store.url not in _keepers:
            _keepers[desk.store.url] = Keeper(Intake(place(desk)))
        return _keepers[desk.store.url]


def place(desk: Desk) -> Path:
    """Give where the intake of a desk lies."""
    path = desk.store.path
    return path.with_name(f"{path.name}-intake") if path else key_path(desk.store).with_name("intake.db")
