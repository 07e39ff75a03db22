"""What `cases` prints: how steps ended, what became of a plan's rows, and plans; and what its commands share."""

from typing import Annotated, Any

import typer

from data.queries import cases as query
from data.store import now
from services import dates
from services.approvals.asking import Wish
from services.approvals.carrying import Done
from services.approvals.plans import Plan, Row
from services.approvals.steps import Outcome
from services.commands import case_rules, output
from services.desk import Desk

PLANNED = ("case", "connection", "name", "what", "problem")
Ids = Annotated[list[int], typer.Argument(metavar="ID…", min=1, help="Numbers of cases, as `cases list` shows.")]
Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="The number of a case.")]
Reason = Annotated[str, typer.Option(help="Why; the requester reads it.")]
Note = Annotated[str, typer.Option(help="Words for the reviewer.")]
Due = Annotated[str | None, typer.Option(metavar="DATE", help="Until when it should be decided.")]
OnlyPlan = Annotated[bool, typer.Option("--plan", help="Only tell what would happen.")]


def wished(note: str, due: str | None) -> Wish:
    """Read what goes with a request. Raises Misuse for a date that is none."""
    return Wish(note, None if due is None else dates.end(due, now=now() + case_rules.LATEST))


def told_one(desk: Desk, outcome: Outcome, *, as_json: bool) -> None:
    """Tell how one step ended; one that did not go as asked for ends the command with 1."""
    _print(desk, [outcome.case], [_result(outcome.case, None, outcome)], as_json=as_json)
    if not outcome.ok:
        raise typer.Exit(1)


def told_all(desk: Desk, results: tuple[Done, ...], *, as_json: bool) -> None:
    """Tell what became of each row of a plan; a row that was not done ends the command with 1."""
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


def tell_plan(plan: Plan, *, as_json: bool) -> None:
    """Tell a plan, row by row; one of which nothing can be done ends the command with 1."""
    if as_json:
        rows = [{name: getattr(row, name) for name in (*PLANNED, "warning", "source", "advice")} for row in plan.rows]
        seconds = round(plan.seconds, 2)
        told = {"action": plan.action, "sentence": plan.sentence, "calls": plan.calls, "seconds": seconds}
        output.document({"plan": told | {"rows": rows}})
    else:
        output.table(PLANNED, ([getattr(row, name) for name in PLANNED] for row in map(_warned, plan.rows)), cut=True)
        output.line(plan.sentence)
    if not plan.doable:
        raise typer.Exit(1)


def _warned(row: Row) -> Row:
    return row._replace(what=f"{row.what}, though {row.warning}") if row.warning and not row.problem else row
