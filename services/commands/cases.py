"""`cases`: approvals. Lists them, tells one's story, requests them, decides them, each with its plan."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from data.queries import cases as query
from data.queries.cases import CaseFilter, Tab
from data.queries.filters import Filter
from data.store import now
from data.types import CaseState
from services import dates, listing_address, pretended
from services.access import Actor
from services.approvals import asking, decisions, plans, story
from services.approvals.asking import Wish
from services.approvals.plans import Done, Plan
from services.approvals.steps import Outcome
from services.approvals.typed import Account
from services.commands import case_rules, output
from services.commands.connections import MOST
from services.commands.drafts import whole
from services.commands.users import actor_of
from services.desk import Desk
from services.failures import Misuse
from services.opening import opened

COLUMNS = ("id", "state", "platform", "handle", "source", "requested_by", "decided_by", "due_at", "reason")
PLANNED = ("case", "connection", "name", "what", "problem")
Ids = Annotated[list[int], typer.Argument(metavar="ID…", min=1, help="Numbers of cases, as `cases list` shows.")]
Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="The number of a case.")]
Reason = Annotated[str, typer.Option(help="Why; the requester reads it.")]
Note = Annotated[str, typer.Option(help="Words for the reviewer.")]
Due = Annotated[str | None, typer.Option(metavar="DATE", help="Until when it should be decided.")]
OnlyPlan = Annotated[bool, typer.Option("--plan", help="Only tell what would happen.")]

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="Approvals: list, show, request and decide cases.")


@app.callback(invoke_without_command=True)
def cases(context: typer.Context, *, limit: output.Limit = None, as_json: output.Json = False) -> None:
    """List the cases; or show, request and decide them."""
    if context.invoked_subcommand is None:
        listing(limit=limit, as_json=as_json)


@app.command("list")
def listing(
    *,
    tab: Annotated[Tab, typer.Option(help="Only those of this tab of the queue.")] = Tab.ALL,
    state: Annotated[list[CaseState] | None, typer.Option(help="Only in this state; may be repeated.")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="Only of this platform; may be repeated.")] = None,
    search: Annotated[str, typer.Option(help="Any part of a name or handle; case does not matter.")] = "",
    acting_as: output.ActingAs = None,
    limit: output.Limit = None,
    as_json: output.Json = False,
) -> None:
    """List cases, the newest first."""
    desk = opened()
    persons = (actor_of(desk, acting_as).username,) if acting_as else ()
    if tab is Tab.MINE and not persons:
        raise Misuse("Whose cases?", "Name the person with --as.")
    named = tuple(name.strip().lower() for name in platform or ())
    wanted = CaseFilter(tab=tab, persons=persons, search=search, states=tuple(state or ()), platforms=named)
    with desk.store.reading() as session:
        total, rows = query.listing(session, wanted, None if limit is None else min(limit, MOST))
    if as_json:
        output.document({"total": total, "cases": [query.document(row, now()) for row in rows]})
        return
    output.table(COLUMNS, ([getattr(row, name) for name in COLUMNS] for row in rows), cut=True)
    if len(rows) < total:
        typer.echo(f"{len(rows)} of {total} cases.", err=True)


@app.command()
def show(number: Id, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Tell one case's story: its evidence, its steps, and its rows of the audit trail."""
    desk = opened()
    told = story.exported(desk, actor_of(desk, acting_as), number)
    if as_json:
        with desk.store.reading() as session:
            row = query.some(session, [number])[number]
        output.document({"total": 1, "cases": [query.document(row, now())]} | told)
        return
    case = told["case"]
    output.line(f"Case {number}: {case['handle'] or case['name']} on {case['platform']} is {case['state']}.")
    steps = (("at", "actor", "action", "before", "after", "reason"), told["steps"])
    output.table(steps[0], ([step[name] for name in steps[0]] for step in steps[1]))


@app.command()
def export(
    number: Id,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write: JSON.")],
    *,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Write one case into a file: its story, its evidence, and its rows of the audit trail with their chain."""
    desk = opened()
    told = story.exported(desk, actor_of(desk, acting_as), number)
    text = output.written(told)
    with whole(file) as draft:
        draft.write(text.encode())
    if as_json:
        output.document({"file": str(file), "case": number, "bytes": len(text)})
    else:
        output.line(f"{file}: case {number}, {len(told['steps'])} steps.")


@app.command()
def request(
    connections: Annotated[list[str] | None, typer.Argument(metavar="CONNECTION…", help="Ids of connections.")] = None,
    *,
    matching: Annotated[
        str | None, typer.Option("--filter", metavar="QUERY", help="All that match, as the list's address says it.")
    ] = None,
    note: Note = "",
    due: Due = None,
    plan: OnlyPlan = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Request the approval of connections of any source, by their ids or all that match a filter."""
    if bool(connections) is (matching is not None):
        raise Misuse(
            "Name connections, or a filter.", "For example: cases request --filter 'source=late&status=Accepted'"
        )
    desk = opened()
    actor, wish = actor_of(desk, acting_as), _wish(note, due)
    if connections and len(connections) == 1 and not plan:
        _told_one(desk, asking.request(desk, actor, connections[0], wish), as_json=as_json)
        return
    wanted = connections or _filter(desk, matching or "")
    planned = plans.plan_requests(desk, actor, wanted, wish)
    if plan:
        _tell_plan(planned, as_json=as_json)
        return
    _told_all(desk, plans.request_planned(desk, actor, planned), as_json=as_json)


@app.command()
def submit(
    *,
    platform: Annotated[str, typer.Option(help="For example instagram.")],
    handle: Annotated[str, typer.Option(help="The account's name at its platform.")],
    url: Annotated[str, typer.Option(help="The address of its profile.")],
    followers: Annotated[int | None, typer.Option(help="Left out when it is not known.")] = None,
    category: Annotated[str | None, typer.Option(help="What the account is about.")] = None,
    note: Note = "",
    due: Due = None,
    plan: OnlyPlan = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Request the approval of an account that no source reports yet."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    account = Account(platform, handle, url, followers, category)
    if plan:
        _tell_plan(plans.plan_submission(desk, actor, account), as_json=as_json)
        return
    _told_one(desk, asking.submit(desk, actor, account, _wish(note, due)), as_json=as_json)


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
def withdraw(
    number: Id, *, reason: Reason = "", acting_as: output.ActingAs = None, as_json: output.Json = False
) -> None:
    """Take a request of one's own back."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    outcome = decisions.withdraw(desk, actor, number, seen=_version(desk, number), reason=reason)
    _told_one(desk, outcome, as_json=as_json)


@app.command()
def resubmit(
    number: Id, *, note: Note = "", due: Due = None, acting_as: output.ActingAs = None, as_json: output.Json = False
) -> None:
    """Request a declined case of one's own again, or one that changes were asked for."""
    desk = opened()
    actor, wish = actor_of(desk, acting_as), _wish(note, due)
    seen = _version(desk, number)
    _told_one(desk, decisions.resubmit(desk, actor, number, seen=seen, note=wish.note, due=wish.due), as_json=as_json)


@app.command()
def send(number: Id, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Send a case that was approved while there was no Zocial source."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    with _vendors(desk, sends=True):
        outcome = decisions.send(desk, actor, number, seen=_version(desk, number))
    _told_one(desk, outcome, as_json=as_json)


@app.command()
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
    _told_one(desk, decisions.assign(desk, actor, number, username, seen=_version(desk, number)), as_json=as_json)


app.command()(case_rules.rules)
app.command()(case_rules.away)


def _filter(desk: Desk, address: str) -> Filter:
    """Read the address of the list of networks, whole or its query alone. Raises Misuse for a word that is none."""
    with desk.store.reading() as session:
        asked = listing_address.parse(address.rpartition("?")[2], listing_address.known(session))
    if asked.dropped:
        key, word = asked.dropped[0]
        raise Misuse(f"{key}={word} is no filter of the list of networks.", "Copy the address of the Networks page.")
    if asked.filter.empty:
        raise Misuse("This filter narrows nothing.", "Name what is to be requested.")
    return asked.filter


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
        _told_one(desk, outcome, as_json=as_json)
        return
    planned = plans.plan_decisions(desk, actor, action, numbers, reason=reason)
    if only_plan:
        _tell_plan(planned, as_json=as_json)
        return
    with _vendors(desk, sends=action == "approve"):
        results = plans.decide_planned(desk, actor, planned)
    _told_all(desk, results, as_json=as_json)


def _vendors(desk: Desk, *, sends: bool) -> AbstractContextManager[object]:
    """Let the pretended vendors answer where something is sent while the demo is on."""
    return pretended.reachable(desk.settings.public_url) if sends and desk.settings.demo else nullcontext()


def _version(desk: Desk, number: int) -> int:
    """Give the version of a case as it is now; 0 for one that is not there, which the service says in words."""
    with desk.store.reading() as session:
        row = query.some(session, [number]).get(number)
    return row.version if row else 0


def _wish(note: str, due: str | None) -> Wish:
    return Wish(note, None if due is None else dates.end(due, now=now() + case_rules.LATEST))


def _told_one(desk: Desk, outcome: Outcome, *, as_json: bool) -> None:
    _print(desk, [outcome.case], [_result(outcome.case, None, outcome)], as_json=as_json)
    if not outcome.ok:
        raise typer.Exit(1)


def _told_all(desk: Desk, results: tuple[Done, ...], *, as_json: bool) -> None:
    numbers = [done.outcome.case if done.outcome else done.row.case for done in results]
    rows = [_result(number, done.row.connection, done) for number, done in zip(numbers, results, strict=True)]
    _print(desk, [number for number in numbers if number is not None], rows, as_json=as_json)
    if not all(done.ok for done in results):
        raise typer.Exit(1)


def _result(number: int | None, connection: str | None, told: Outcome | Done) -> dict[str, Any]:
    row: dict[str, Any] = {"case": number, "connection_id": connection, "ok": told.ok, "kind": told.kind}
    return row | {"message": told.message, "advice": told.advice}


def _print(desk: Desk, numbers: list[int], results: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        with desk.store.reading() as session:
            found = query.some(session, numbers)
        shown = [query.document(found[number], now()) for number in dict.fromkeys(numbers) if number in found]
        output.document({"total": len(shown), "cases": shown, "results": results})
        return
    for result in results:
        output.line(" ".join(part for part in (result["message"], result["advice"]) if part))


def _tell_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        rows = [{name: getattr(row, name) for name in (*PLANNED, "source", "advice")} for row in plan.rows]
        told = {"action": plan.action, "sentence": plan.sentence, "calls": plan.calls, "seconds": plan.seconds}
        output.document({"plan": told | {"rows": rows}})
    else:
        output.table(PLANNED, ([getattr(row, name) for name in PLANNED] for row in plan.rows), cut=True)
        output.line(plan.sentence)
    if not plan.doable:
        raise typer.Exit(1)
