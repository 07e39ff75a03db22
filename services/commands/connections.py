"""`connections`: lists what the cache holds, or held on a past date, vanished ones too."""

from typing import Annotated

import typer

from data.queries import inventory, past
from data.store import now
from services import dates
from services.commands import narrowing, output
from services.opening import opened

MOST = 1_000_000_000
SHOWN = ("source", "kind", "platform", "handle", "name", "status", "health", "followers")
COLUMNS = ("id", "source", "kind", "platform", "handle", "name", "status", "health", "followers", "last_seen_at")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def connections(
    *,
    source: narrowing.Source = None,
    platform: narrowing.Platform = None,
    kind: narrowing.OfKind = None,
    status: narrowing.InStatus = None,
    health: narrowing.OfHealth = None,
    suspect: narrowing.Doubted = None,
    search: narrowing.Search = "",
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="What was known then: a day or an instant.")] = None,
    limit: output.Limit = None,
    as_json: output.Json = False,
) -> None:
    """List the connections in the cache."""
    at = None if as_of is None else dates.end(as_of, now=now())
    desk = opened()
    wanted = narrowing.wanted(source, platform, kind, status, search, health=health, suspect=suspect)
    with desk.store.reading() as session:
        narrowing.refuse_unknown(session, wanted.sources)
        most = None if limit is None else min(limit, MOST)
        if at is None:
            total, rows = inventory.listing(session, wanted, most)
        else:
            total, rows = past.listing(session, wanted, at, most)
    if as_json:
        output.document({"total": total, "connections": rows})
        return
    columns = SHOWN if output.on_terminal() else COLUMNS
    output.table(columns, ([row[name] for name in columns] for row in rows), cut=True)
    if len(rows) < total:
        typer.echo(f"{len(rows)} of {total} connections.", err=True)
