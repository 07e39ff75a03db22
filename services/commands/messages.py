"""`messages`: the sent messages and what became of them, the newest first."""

import typer

from data.queries import messages as asked
from data.staging import chunks
from services.commands import narrowing, output
from services.messaging import resuming
from services.opening import opened

MOST = 1_000_000_000
COLUMNS = ("id", "created_at", "source", "to", "family", "state", "code", "reason")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def messages(
    *,
    source: narrowing.Source = None,
    state: narrowing.InState = None,
    family: narrowing.OfFamily = None,
    to: narrowing.To = None,
    by: narrowing.By = None,
    since: narrowing.Since = None,
    until: narrowing.Until = None,
    silent: narrowing.Silent = False,
    search: narrowing.Text = "",
    limit: output.Limit = None,
    as_json: output.Json = False,
) -> None:
    """List the sent messages, the newest first."""
    days = {"since": since, "until": until}
    wanted = narrowing.of_messages(source, state, family, to, by, search=search, silent=silent, **days)
    desk = opened()
    resuming.settle_abandoned(desk)  # what a killed process had on its way is unknown, and so it is told
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
