"""A plan of many cases in work, beside the pages."""

from data.store import now
from services import approvals_plans, works
from services.access import Actor, Permission, requires
from services.approvals_plans import Done, Plan
from services.desk import Desk
from services.works import put_away

__all__ = ["Work", "begin", "of", "put_away"]


class Work(works.Work[Plan, Done]):
    """One plan of cases being carried out."""

    def act(self, desk: Desk, actor: Actor) -> tuple[Done, ...]:
        """Request or decide as planned."""
        act = approvals_plans.request_planned if self.plan.action == "request" else approvals_plans.decide_planned
        return act(desk, actor, self.plan, stop=self.halt, told=self.note)


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
