"""`disconnect`: tells the plan for a connection, or carries it out and tells what every source said afterwards."""

from contextlib import nullcontext
from typing import Annotated, Any

import typer

from data.queries import receipts
from services import pretended
from services.commands import output
from services.commands.users import actor_of
from services.desk import Desk
from services.disconnecting import doing, plan, sweep
from services.disconnecting.doing import Done
from services.disconnecting.plan import Plan, Row
from services.failures import Failure, Misuse
from services.opening import opened

TOLD = ("source", "called", "said", "words", "at")
KNOWN = ("source", "called", "says")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def disconnect(
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="Its id, as `connections` shows.")],
    *,
    only_plan: Annotated[bool, typer.Option("--plan", help="Only tell what would happen.")] = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Disconnect a connection at its vendor, and ask every source that knows the account whether it is gone."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    planned = plan.plan(desk, actor, [connection])
    (row,) = planned.rows
    if row.why == "misuse":
        raise Misuse(row.problem, "`connections` lists their ids.")
    if only_plan:
        _tell_plan(planned, row, as_json=as_json)
        return
    with pretended.reachable(desk.settings.public_url) if desk.settings.demo else nullcontext():
        if row.why == "busy":
            sweep.look(desk)  # where no server runs, nobody else settles what was cut off
            (row,) = plan.plan(desk, actor, [connection]).rows
        if row.problem:
            raise Failure(row.why, row.problem, row.advice)
        done = doing.disconnect(desk, actor, connection, pinned=row.pinned)
    _tell(desk, done, as_json=as_json)
    if not done.ok:
        raise typer.Exit(1)


def _tell_plan(planned: Plan, row: Row, *, as_json: bool) -> None:
    if as_json:
        output.document({"plan": row.document(), "calls": planned.calls, "asked": list(planned.asked)})
        return
    output.line(f"{row.name}: {row.problem} {row.advice}" if row.problem else f"{row.name}: {row.what}")
    output.table(KNOWN, ([getattr(each, name) for name in KNOWN] for each in row.knowers))
    if row.cases:
        output.line(f"Open cases of the account: {', '.join(str(number) for number in row.cases)}.")
    if not row.problem:
        output.line(plan.NO_DRAFT)
    for each in planned.left_alive:
        output.line(f"It will live on at {each.source}: this plan does not disconnect it there.")


def _tell(desk: Desk, done: Done, *, as_json: bool) -> None:
    with desk.store.reading() as session:
        (receipt,) = receipts.some(session, [done.receipt or 0])
    if as_json:
        output.document({"outcome": done.kind, "receipt": receipt.document()})
        return
    output.line(f"{receipt.account}: {done.message} {done.advice}".strip())
    rows: list[dict[str, Any]] = receipt.proof
    output.table(TOLD, ([each[name] for name in TOLD] for each in rows))
