"""`export`: writes what the cache holds, the sent messages or the audit trail into a file, as a whole or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from services import exports, trail
from services.access import SYSTEM
from services.commands import narrowing, output
from services.commands.drafts import whole
from services.exports import Export, Form, Question
from services.failures import Misuse
from services.messaging import exports as sent
from services.opening import opened

File = Annotated[Path, typer.Argument(metavar="FILE", help="Where to write: a name ending in .csv or .parquet.")]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def export() -> None:
    """Write what the cache holds, the sent messages or the audit trail into a file, by the ending of its name."""


@app.command()
def connections(
    file: File,
    *,
    source: narrowing.Source = None,
    platform: narrowing.Platform = None,
    kind: narrowing.OfKind = None,
    status: narrowing.InStatus = None,
    health: narrowing.OfHealth = None,
    suspect: narrowing.Doubted = None,
    search: narrowing.Search = "",
    as_json: output.Json = False,
) -> None:
    """Export the connections in the cache, vanished ones too."""
    form = _form(file, (Form.CSV, Form.PARQUET))
    desk = opened()
    wanted = narrowing.wanted(source, platform, kind, status, search, health=health, suspect=suspect)
    with desk.store.reading() as session:
        narrowing.refuse_unknown(session, wanted.sources)
    with whole(file) as draft:
        begun = exports.connections(desk, SYSTEM, form, Question(wanted))
        size = sum(draft.write(piece) for piece in begun.pieces())
    _tell(file, begun, size, "connections", as_json=as_json)


@app.command()
def messages(
    file: File,
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
    as_json: output.Json = False,
) -> None:
    """Export the sent messages, the oldest first, with the JSON that left."""
    form, days = _form(file, (Form.CSV, Form.PARQUET)), {"since": since, "until": until}
    wanted = narrowing.of_messages(source, state, family, to, by, search=search, silent=silent, **days)
    desk = opened()
    with desk.store.reading() as session:
        narrowing.refuse_unknown(session, wanted.sources)
    with whole(file) as draft:
        begun = sent.export(desk, SYSTEM, form, wanted)
        size = sum(draft.write(piece) for piece in begun.pieces())
    _tell(file, begun, size, "messages", as_json=as_json)


@app.command()
def audit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write: a name ending in .csv or .jsonl.")],
    *,
    search: Annotated[str, typer.Option(help="Any part of an actor, action, subject or reason.")] = "",
    actor: Annotated[str | None, typer.Option(help="Only of this actor.")] = None,
    action: Annotated[str | None, typer.Option(help="Only of this family of actions, such as person.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Only with this outcome, such as refused.")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Only from this date on.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Only up to this date.")] = None,
    as_json: output.Json = False,
) -> None:
    """Export the audit trail, the oldest row first, with the hashes that chain it."""
    form = _form(file, (Form.CSV, Form.JSON_LINES))
    given = {"q": search, "actor": actor, "action": action, "outcome": outcome, "from": since, "to": until}
    wanted = trail.asked([(key, word) for key, word in given.items() if word])
    desk = opened()
    with whole(file) as draft:
        begun = trail.export(desk, SYSTEM, form, wanted)
        size = sum(draft.write(piece) for piece in begun.pieces())
    _tell(file, begun, size, "rows", as_json=as_json)


def _tell(file: Path, begun: Export, size: int, what: str, *, as_json: bool) -> None:
    if as_json:
        output.document({"file": str(file), "rows": begun.rows, "bytes": size})
        return
    output.line(f"{file}: {begun.rows:,} {what}, {size:,} bytes.")


def _form(file: Path, forms: Sequence[Form]) -> Form:
    """Tell the kind of file from its name. Raises Misuse."""
    ending = file.suffix.removeprefix(".").lower()
    if ending not in forms or file.is_dir():
        message = f"{file.name!r} can't be written: the kind of file is told by its ending."
        raise Misuse(message, f"Name a file that ends in {' or '.join(f'.{form}' for form in forms)}.")
    return Form(ending)
