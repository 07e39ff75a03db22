"""`connections`: lists what the cache holds, vanished ones too."""

import typer

from data.queries import inventory
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
    search: narrowing.Search = "",
    limit: output.Limit = None,
    as_json: output.Json = False,
) -> None:
    """List the connections in the cache."""
    desk = opened()
    wanted = narrowing.wanted(source, platform, kind, status, search)
    with desk.store.reading() as session:
        narrowing.refuse_unknown(session, wanted.sources)
        total, rows = inventory.listing(session, wanted, None if limit is None else min(limit, MOST))
    if as_json:
        output.document({"total": total, "connections": rows})
        return
    columns = SHOWN if output.on_terminal() else COLUMNS
    output.table(columns, ([row[name] for name in columns] for row in rows), cut=True)
    if len(rows) < total:
        typer.echo(f"{len(rows)} of {total} connections.", err=True)
