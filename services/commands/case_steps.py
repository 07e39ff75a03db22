"""The steps of `cases`: deciding one case or many by a plan, and what the one who asked may do."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

import typer

from data.queries import cases as query
from services import pretended
from services.access import Actor
from services.approvals import carrying, decisions, own, plans
from services.approvals.steps import Outcome
from services.commands import output
from services.commands.case_telling import Due, Id, Ids, Note, OnlyPlan, Reason, tell_plan, told_all, told_one, wished
from services.commands.users import actor_of
from services.desk import Desk
from services.opening import opened


def approve(
    numbers: Ids,
    *,
    note: Note = "",
    plan: OnlyPlan = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Approve cases: each is sent to Zocial once."""

    def one(desk: Desk, actor: Actor, number: int, seen: int) -> Outcome:
        return decisions.approve(desk, actor, number, seen=seen, note=note)

    _decide("approve", numbers, note, one, only_plan=plan, acting_as=acting_as, as_json=as_json)


def decline(
    numbers: Ids,
    *,
    reason: Reason = "",
    plan: OnlyPlan = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Decline cases; a reason is required."""
    one = _with_reason(decisions.decline, reason)
    _decide("decline", numbers, reason, one, only_plan=plan, acting_as=acting_as, as_json=as_json)


def changes(
    numbers: Ids,
    *,
    reason: Reason = "",
    plan: OnlyPlan = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Ask the requester for changes; the reason says which."""
    one = _with_reason(decisions.request_changes, reason)
    _decide("changes", numbers, reason, one, only_plan=plan, acting_as=acting_as, as_json=as_json)


def hold(
    numbers: Ids,
    *,
    reason: Reason = "",
    plan: OnlyPlan = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Put cases aside."""
    one = _with_reason(decisions.hold, reason)
    _decide("hold", numbers, reason, one, only_plan=plan, acting_as=acting_as, as_json=as_json)


def release(
    numbers: Ids,
    *,
    reason: Reason = "",
    plan: OnlyPlan = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Put held cases back into the queue."""
    one = _with_reason(decisions.release, reason)
    _decide("release", numbers, reason, one, only_plan=plan, acting_as=acting_as, as_json=as_json)


def withdraw(
    number: Id, *, reason: Reason = "", acting_as: output.ActingAs = None, as_json: output.Json = False
) -> None:
    """Take a request of one's own back."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    outcome = own.withdraw(desk, actor, number, seen=_version(desk, number), reason=reason)
    told_one(desk, outcome, as_json=as_json)


def resubmit(
    number: Id, *, note: Note = "", due: Due = None, acting_as: output.ActingAs = None, as_json: output.Json = False
) -> None:
    """Request a declined case of one's own again, or one that changes were asked for."""
    desk = opened()
    actor, wish = actor_of(desk, acting_as), wished(note, due)
    seen = _version(desk, number)
    told_one(desk, own.resubmit(desk, actor, number, seen=seen, note=wish.note, due=wish.due), as_json=as_json)


def send(number: Id, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Send a case that was approved while there was no Zocial source."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    with _vendors(desk, sends=True):
        outcome = decisions.send(desk, actor, number, seen=_version(desk, number))
    told_one(desk, outcome, as_json=as_json)


def assign(
    number: Id,
    username: Annotated[str | None, typer.Argument(metavar="USERNAME", help="Nobody when left out.")] = None,
    *,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Give a case to a person who may decide it."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    told_one(desk, decisions.assign(desk, actor, number, username, seen=_version(desk, number)), as_json=as_json)


def _with_reason(function: Callable[..., Outcome], reason: str) -> Callable[[Desk, Actor, int, int], Outcome]:
    return lambda desk, actor, number, seen: function(desk, actor, number, seen=seen, reason=reason)


def _decide(
    action: str,
    numbers: list[int],
    reason: str,
    one: Callable[[Desk, Actor, int, int], Outcome],
    *,
    only_plan: bool,
    acting_as: str | None,
    as_json: bool,
) -> None:
    """Decide one case, or several by a plan that is carried out at once."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    if len(numbers) == 1 and not only_plan:
        with _vendors(desk, sends=action == "approve"):
            outcome = one(desk, actor, numbers[0], _version(desk, numbers[0]))
        told_one(desk, outcome, as_json=as_json)
        return
    planned = plans.plan_decisions(desk, actor, action, numbers, reason=reason)
    if only_plan:
        tell_plan(planned, as_json=as_json)
        return
    with _vendors(desk, sends=action == "approve"):
        results = carrying.decide_planned(desk, actor, planned)
    told_all(desk, results, as_json=as_json)


def _vendors(desk: Desk, *, sends: bool) -> AbstractContextManager[object]:
    """Let the pretended vendors answer where something is sent while the demo is on."""
    return pretended.reachable(desk.settings.public_url) if sends and desk.settings.demo else nullcontext()


def _version(desk: Desk, number: int) -> int:
    """Give the version of a case as it is now; 0 for one that is not there, which the service says in words."""
    with desk.store.reading() as session:
        row = query.some(session, [number]).get(number)
    return row.version if row else 0


STEPS = (approve, decline, changes, hold, release, withdraw, resubmit, send, assign)
"""The commands of this module, in the order that the help names them."""
