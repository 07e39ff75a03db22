"""A plan of many cases in work, beside the pages."""

from data.store import now
from services import works
from services.access import Actor, Permission, requires
from services.approvals import carrying, left
from services.approvals.carrying import Done
from services.approvals.plans import Plan
from services.desk import Desk
from services.failures import Failure
from services.works import put_away

__all__ = ["Work", "begin", "of", "put_away", "take_up"]


class Work(works.Work[Plan, Done]):
    """One plan of cases being carried out; it is written down, so that the next server can tell what was done."""

    kept_in: Desk | None = None

    def act(self, desk: Desk, actor: Actor) -> tuple[Done, ...]:
        """Request or decide as planned."""
        act = carrying.request_planned if self.plan.action == "request" else carrying.decide_planned
        if self.plan.actor == actor.username:
            left.keep(desk, self.plan, self.started_at)
            self.kept_in = desk
        results = act(desk, actor, self.plan, stop=self.halt, told=self.note)
        if not any(each.kind == "stopped" for each in results):
            self.forget()
        return results

    def forget(self) -> None:
        """Let no later server tell of it."""
        if self.kept_in is not None:
            left.forget(self.kept_in, self.plan.actor)
            self.kept_in = None


def take_up(desk: Desk) -> int:
    """Show each person again what a server that ended left of their plan; gives how many plans."""
    found = left.left(desk)
    for plan, begun_at, results in found:
        work = Work(plan, begun_at)
        work.kept_in = desk
        if any(each.kind == "stopped" for each in results):
            advice = "What was done, and what was not, stands below: plan anew what is left."
            work.problem = Failure("broken_off", "The server ended while this plan was carried out.", advice)
        works.take_up(work, plan.actor, results)
    return len(found)


@requires(Permission.REQUEST_APPROVAL, "case.begin_plan", otherwise="a plan")
def begin(desk: Desk, actor: Actor, plan: Plan) -> Work:
    """Begin to carry out a plan, beside the pages. Raises Failure while another one of the same person is in work."""
    work = Work(plan, now())
    works.begin(work, desk, actor)
    return work


def of(username: str) -> Work | None:
    """Give the plan of cases that a person has in work, or the last one until it is put away."""
    found = works.of(username)
    return found if isinstance(found, Work) else None
