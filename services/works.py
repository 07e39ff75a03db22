"""A plan of many rows in work: in a thread of its own, so that no reload or closed tab breaks it off.

Each person has one plan in work at a time. How far it is lives in this process alone; what became of each row stands
in its own story, whatever becomes of the process.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from data.errors import DatabaseProblem
from services import jobs
from services.access import Actor
from services.desk import Desk
from services.failures import Failure

_NO_FAILURES = frozenset({"planned_out", "unknown", "sent"})
"""Ends of rows that are no failures: left alone by the plan, not known, or said yes to and not proven yet."""


class Rows(Protocol):
    """What is asked of a plan: its rows, and those that can be done."""

    @property
    def rows(self) -> Sequence[Any]:
        """Give every row."""
        ...

    @property
    def doable(self) -> Sequence[Any]:
        """Give the rows that can be done."""
        ...


class Result(Protocol):
    """What is asked of what became of a row."""

    @property
    def kind(self) -> str:
        """Give the kind of its end."""
        ...

    @property
    def ok(self) -> bool:
        """Tell whether it was done as planned."""
        ...


P = TypeVar("P", bound=Rows)
D = TypeVar("D", bound=Result)


@dataclass
class Work(ABC, Generic[P, D]):
    """One plan being carried out: what became of its rows so far, and why it broke off if it did."""

    plan: P
    started_at: datetime
    results: tuple[D, ...] = ()
    problem: Failure | DatabaseProblem | None = None
    _told: list[D] = field(default_factory=list)
    halt: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def over(self) -> bool:
        """Tell whether nothing more happens."""
        return self._over.is_set()

    @property
    def stopping(self) -> bool:
        """Tell whether somebody has asked it to stop."""
        return self.halt.is_set()

    @property
    def done(self) -> int:
        """Count the rows that have a result."""
        return len(self._told)

    @property
    def failed(self) -> int:
        """Count the rows that were not done as planned."""
        return sum(not each.ok and each.kind not in _NO_FAILURES for each in list(self._told))

    @property
    def unclear(self) -> int:
        """Count the rows of which nobody knows yet whether they were done."""
        return sum(each.kind == "unknown" for each in list(self._told))

    def stop(self) -> None:
        """End it before the next row; what has left already can't be taken back."""
        self.halt.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is over; tells whether it is."""
        return self._over.wait(seconds)

    def note(self, result: D) -> None:
        """Take what became of the next row."""
        self._told.append(result)

    def forget(self) -> None:
        """Clear away what it has kept, once it is put away."""

    def end(self, results: tuple[D, ...]) -> None:
        """End it with what became of its rows."""
        self.results, self._told = results, list(results)
        self._over.set()

    @abstractmethod
    def act(self, desk: Desk, actor: Actor) -> tuple[D, ...]:
        """Do what the plan says, row by row, each noted; gives every result."""

    def carry_out(self, desk: Desk, actor: Actor) -> None:
        """Do it, here and now."""
        self.problem = Failure("broken_off", "It broke off.", "What became of each row stands in its own story.")
        try:
            self.results = self.act(desk, actor)
            self.problem = None
        except (Failure, DatabaseProblem) as problem:
            self.problem = problem
        finally:
            self.results = self.results or tuple(self._told)
            self._over.set()


_turn = threading.Lock()
_works: dict[str, Work[Any, Any]] = {}


def begin(work: Work[Any, Any], desk: Desk, by: Actor) -> None:
    """Begin to carry it out, beside the pages. Raises Failure while another one of the same person is in work."""
    with _turn:
        before = _works.get(by.username)
        if before is not None and not before.over:
            raise Failure("busy", "Another plan of yours is being carried out.", "Wait for its end, or stop it.")
        _works[by.username] = work
    jobs.beside(lambda: work.carry_out(desk, by), "plan in work", work.halt)


def take_up(work: Work[Any, D], username: str, results: tuple[D, ...]) -> None:
    """Show a person what an earlier process left of a plan, unless there is another one by now."""
    work.end(results)
    with _turn:
        _works.setdefault(username, work)


def of(username: str) -> Work[Any, Any] | None:
    """Give the plan that a person has in work, or the last one until it is put away."""
    return _works.get(username)


def put_away(username: str) -> None:
    """Forget the last plan of a person once it is over."""
    with _turn:
        work = _works.get(username)
        if work is None or not work.over:
            return
        del _works[username]
    work.forget()
