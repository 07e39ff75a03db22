"""`cases`: approvals. Lists them, tells one's story, requests them, decides them, each with its plan."""

from pathlib import Path
from typing import Annotated

import typer

from data.queries import cases as query
from data.queries.cases import CaseFilter, Tab
from data.queries.filters import Filter
from data.store import now
from data.types import CaseState
from services import listing_address
from services.approvals import asking, carrying, plans, story
from services.approvals.typed import Account
from services.commands import case_rules, case_steps, output
from services.commands.case_telling import Due, Id, Note, OnlyPlan, tell_plan, told_all, told_one, wished
from services.commands.connections import MOST
from services.commands.drafts import whole
from services.commands.users import actor_of
from services.desk import Desk
from services.failures import Misuse
from services.opening import opened

COLUMNS = ("id", "state", "platform", "handle", "source", "requested_by", "decided_by", "due_at", "reason")

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
    actor, wish = actor_of(desk, acting_as), wished(note, due)
    if connections and len(connections) == 1 and not plan:
        told_one(desk, asking.request(desk, actor, connections[0], wish), as_json=as_json)
        return
    wanted = connections or _filter(desk, matching or "")
    planned = plans.plan_requests(desk, actor, wanted, wish)
    if plan:
        tell_plan(planned, as_json=as_json)
        return
    told_all(desk, carrying.request_planned(desk, actor, planned), as_json=as_json)


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
        tell_plan(plans.plan_submission(desk, actor, account), as_json=as_json)
        return
    told_one(desk, asking.submit(desk, actor, account, wished(note, due)), as_json=as_json)


for step in case_steps.STEPS:
    app.command()(step)
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
