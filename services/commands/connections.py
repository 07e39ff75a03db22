"""`connections`: lists what the cache holds, vanished ones too."""

from typing import Annotated

import typer

from data.queries import inventory
from data.queries.filters import Filter
from data.store import Session
from data.types import Kind, Status
from services.commands import output
from services.failures import Misuse
from services.opening import opened

MOST = 1_000_000_000
SHOWN = ("source", "kind", "platform", "handle", "name", "status", "health", "followers")
COLUMNS = ("id", "source", "kind", "platform", "handle", "name", "status", "health", "followers", "last_seen_at")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def connections(
    *,
    source: Annotated[list[str] | None, typer.Option(help="Only of this source; may be repeated.")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="Only of this platform; may be repeated.")] = None,
    kind: Annotated[list[Kind] | None, typer.Option(help="Only of this kind; may be repeated.")] = None,
    status: Annotated[list[Status] | None, typer.Option(help="Only in this status; may be repeated.")] = None,
    search: Annotated[str, typer.Option(help="Any part of a name or handle; case does not matter.")] = "",
    limit: output.Limit = None,
    as_json: output.Json = False,
) -> None:
    """List the connections in the cache."""
    desk = opened()
    wanted = Filter(
        search=search,
        platforms=tuple(name.strip().lower() for name in platform or ()),
        kinds=tuple(kind or ()),
        statuses=tuple(status or ()),
        sources=tuple(source or ()),
    )
    with desk.store.reading() as session:
        _known(session, wanted.sources)
        total, rows = inventory.listing(session, wanted, None if limit is None else min(limit, MOST))
    if as_json:
        output.document({"total": total, "connections": rows})
        return
    columns = SHOWN if output.on_terminal() else COLUMNS
    output.table(columns, ([row[name] for name in columns] for row in rows), cut=True)
    if len(rows) < total:
        typer.echo(f"{len(rows)} of {total} connections.", err=True)


def _known(session: Session, names: tuple[str, ...]) -> None:
    found = inventory.source_names(session) if names else []
    unknown = [name for name in names if name not in found]
    if unknown:
        raise Misuse(f"There is no source named {unknown[0]!r}.", f"There are: {', '.join(found) or 'none yet'}.")
