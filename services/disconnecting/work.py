"""A plan of disconnects in work, beside the pages."""

from data.store import now
from services import works
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.disconnecting import doing
from services.disconnecting.doing import Done
from services.disconnecting.plan import Plan


class Work(works.Work[Plan, Done]):
    """One plan of disconnects being carried out."""

    def act(self, desk: Desk, actor: Actor) -> tuple[Done, ...]:
        """Disconnect as planned, then prove it."""
        return doing.carry_out(desk, actor, self.plan, stop=self.halt, told=self.note)


@requires(Permission.CONNECT, "connection.begin_plan", otherwise="a plan")
def begin(desk: Desk, actor: Actor, plan: Plan) -> Work:
    """Begin to carry out a plan, beside the pages. Raises Failure while another one of the same person is in work."""
    work = Work(plan, now())
    works.begin(work, desk, actor)
    return work


def of(username: str) -> Work | None:
    """Give the plan of disconnects that a person has in work, or the last one until it is put away."""
    found = works.of(username)
    return found if isinstance(found, Work) else None
