"""A plan of many cases in work: in a thread of its own, so that no reload or closed tab breaks it off.

Each person has one plan in work at a time. How far it is lives in this process alone; what became of each case stands
in its story, whatever becomes of the process.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime

from data.errors import DatabaseProblem
from data.store import now
from services import approvals_plans, jobs
from services.access import Actor, Permission, requires
from services.approvals_plans import Done, Plan
from services.desk import Desk
from services.failures import Failure

_turn = threading.Lock()
_works: dict[str, "Work"] = {}


@dataclass
class Work:
    """One plan being carried out: what became of its rows so far, and why it broke off if it did."""

    plan: Plan
    started_at: datetime
    results: tuple[Done, ...] = ()
    problem: Failure | DatabaseProblem | None = None
    _told: list[Done] = field(default_factory=list)
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
        return sum(not each.ok and each.kind not in {"planned_out", "unknown"} for each in list(self._told))

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

    def carry_out(self, desk: Desk, actor: Actor) -> None:
        """Do it, here and now."""
        act = approvals_plans.request_planned if self.plan.action == "request" else approvals_plans.decide_planned
        self.problem = Failure("broken_off", "It broke off.", "What became of each case stands in its story.")
        try:
            self.results = act(desk, actor, self.plan, stop=self.halt, told=self._told.append)
            self.problem = None
        except (Failure, DatabaseProblem) as problem:
            self.problem = problem
        finally:
            self.results = self.results or tuple(self._told)
            self._over.set()


@requires(Permission.REQUEST_APPROVAL, "case.begin_plan", otherwise="a plan")
def begin(desk: Desk, actor: Actor, plan: Plan) -> Work:
    """Begin to carry out a plan, beside the pages. Raises Failure while another one of the same person is in work."""
    work = Work(plan, now())
    with _turn:
        before = _works.get(actor.username)
        if before is not None and not before.over:
            raise Failure("busy", "Another plan of yours is being carried out.", "Wait for its end, or stop it.")
        _works[actor.username] = work
    jobs.beside(lambda: work.carry_out(desk, actor), "plan of cases", work.halt)
    return work


def of(username: str) -> Work | None:
    """Give the plan that a person has in work, or the last one until it is put away."""
    return _works.get(username)


def put_away(username: str) -> None:
    """Forget the last plan of a person once it is over."""
    with _turn:
        work = _works.get(username)
        if work is not None and work.over:
            del _works[username]
