"""`messages`: the sent messages and what became of them, the newest first."""

from typing import Annotated

import typer

from data.queries import messages as asked
from data.queries.messages import Filter
from data.staging import chunks
from data.store import now
from data.types import Family, MessageState
from services import dates
from services.commands import narrowing, output
from services.opening import opened

MOST = 1_000_000_000
COLUMNS = ("id", "created_at", "source", "to", "family", "state", "code", "reason")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def messages(
    *,
    source: narrowing.Source = None,
    state: Annotated[list[MessageState] | None, typer.Option(help="Only in this state; may be repeated.")] = None,
    family: Annotated[list[Family] | None, typer.Option(help="Only of this family; may be repeated.")] = None,
    to: Annotated[list[str] | None, typer.Option(metavar="RECIPIENT", help="Only to them; may be repeated.")] = None,
    by: Annotated[list[str] | None, typer.Option(metavar="USER", help="Only of this person; may be repeated.")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="From here on: a day or an instant.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Up to here: a day or an instant.")] = None,
    search: Annotated[str, typer.Option(help="Any part of a text, a recipient or an id; case does not matter.")] = "",
    limit: output.Limit = None,
    as_json: output.Json = False,
) -> None:
    """List the sent messages, the newest first."""
    moment = now()
    wanted = Filter(
        search=search,
        states=tuple(state or ()),
        families=tuple(family or ()),
        sources=tuple(source or ()),
        recipients=tuple(to or ()),
        persons=tuple(by or ()),
        since=None if since is None else dates.start(since, now=moment),
        until=None if until is None else dates.end(until, now=moment),
    )
    desk = opened()
    with desk.store.reading() as session:
        narrowing.refuse_unknown(session, wanted.sources)
        total, found = asked.find(session, wanted, None if limit is None else min(limit, MOST))
        numbers = [row.id for row in found] if as_json else []
        steps = {each: told for part in chunks(numbers) for each, told in asked.events_of(session, part).items()}
    if as_json:
        output.document({"total": total, "messages": [asked.document(row, steps.get(row.id, ())) for row in found]})
        return
    rows = [asked.document(row, ()) for row in found]
    output.table(COLUMNS, ([row[name] for name in COLUMNS] for row in rows), cut=True)
    if len(rows) < total:
        typer.echo(f"{len(rows)} of {total} messages.", err=True)
