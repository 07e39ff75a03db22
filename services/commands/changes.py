"""`changes`: lists what changed between two dates, the newest first."""

from typing import Annotated

import typer

from data.queries import changed
from data.store import now
from services import dates
from services.commands import output
from services.failures import Misuse
from services.opening import opened

COLUMNS = ("connection_id", "at", "field", "before", "after")
MOST = 1_000_000_000
Since = Annotated[str, typer.Option(metavar="DATE", help="From here on: a day (its beginning) or an instant.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Up to here: a day (its end) or an instant; now.")]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def changes(*, since: Since, until: Until = None, limit: output.Limit = None, as_json: output.Json = False) -> None:
    """List what changed between two dates, the newest first; new connections are of the field "connection"."""
    moment = now()
    begin, end = dates.start(since, now=moment), moment if until is None else dates.end(until, now=moment)
    if begin > end:
        raise Misuse("The period ends before it begins.", "Give the earlier date to --since.")
    desk = opened()
    with desk.store.reading() as session:
        most = None if limit is None else min(limit, MOST)
        total, found = changed.between(session, begin, end, limit=most)
    if as_json:
        rows = [{name: getattr(row, name) for name in COLUMNS} for row in found]
        output.document({"total": total, "changes": rows})
        return
    output.table(COLUMNS, ([getattr(row, name) for name in COLUMNS] for row in found), cut=True)
    if len(found) < total:
        typer.echo(f"{len(found)} of {total} changes.", err=True)
