"""`recipients`: the named test recipients. Lists, adds and removes them, and takes them from a CSV file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from data.queries.recipients import Listed
from services.commands import output
from services.commands.users import actor_of
from services.failures import Misuse
from services.messaging import recipient_files, recipient_rows, recipients
from services.messaging.recipient_files import Plan
from services.opening import opened

COLUMNS = ("name", "igsid", "variables", "consent", "changed_at")
WRONG = 2
Name = Annotated[str, typer.Argument(metavar="NAME", help="The recipient's name.")]

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="The named test recipients: list, add, remove, import."
)


@app.command("list")
def listing(
    *,
    search: Annotated[str, typer.Option(help="Any part of a name, an id or a consent note.")] = "",
    limit: output.Limit = None,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """List the recipients by name."""
    desk = opened()
    found = recipients.listing(desk, actor_of(desk, acting_as), search=search, limit=limit)
    rows = [each._asdict() for each in found.rows]
    if as_json:
        output.document({"total": found.total, "recipients": rows})
        return
    cells = ({**row, "variables": _variables(row["variables"])} for row in rows)
    output.table(COLUMNS, ([row[name] for name in COLUMNS] for row in cells))


@app.command()
def add(
    name: Name,
    igsid: Annotated[str, typer.Argument(metavar="IGSID", help="The vendor's id of the person.")],
    *,
    consent: Annotated[str, typer.Option(help="How the person agreed to tests.")] = "",
    variable: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="What fills {{NAME}}; may be repeated.")
    ] = None,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Add a recipient."""
    desk = opened()
    actor, given = actor_of(desk, acting_as), recipients.given(variable or [])
    added = recipients.add(desk, actor, name, igsid, variables=given, consent=consent)
    _tell(added, f"{added.name} can now be sent to.", as_json=as_json)


@app.command()
def remove(name: Name, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Remove a recipient: nothing is sent to them any more, what was sent stays."""
    desk = opened()
    removed = recipients.remove(desk, actor_of(desk, acting_as), name)
    _tell(removed, f"{removed.name} is no recipient any more.", as_json=as_json)


@app.command("import")
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Columns: name, igsid, consent, variables.")],
    *,
    only_plan: Annotated[bool, typer.Option("--plan", help="Only say what it would do.")] = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Add and change the recipients of a CSV file, all of them or none."""
    desk, content = opened(), _read(file)
    actor = actor_of(desk, acting_as)
    plan = recipient_files.plan(desk, actor, file=content)
    if not plan.wrong and not only_plan:
        recipient_files.take(desk, actor, file=content, digest=plan.digest)
    _tell_plan(plan, imported=not plan.wrong and not only_plan, as_json=as_json)
    if plan.wrong:
        raise typer.Exit(WRONG)


def _read(file: Path) -> bytes:
    """Read a file, but no more of it than could be taken. Raises Misuse."""
    try:
        with file.open("rb") as opened_file:
            return opened_file.read(recipient_rows.LARGEST + 1)
    except OSError as error:
        raise Misuse(f"{file} can't be read: {error.strerror}.", "Name a CSV file.") from error


def _tell(each: Listed, sentence: str, *, as_json: bool) -> None:
    if as_json:
        output.document({"recipient": each._asdict()})
        return
    output.line(sentence)


def _tell_plan(plan: Plan, *, imported: bool, as_json: bool) -> None:
    if as_json:
        told = {"new": len(plan.new), "changed": len(plan.changed), "same": plan.same}
        output.document({"imported": imported, **told, "invalid": [each._asdict() for each in plan.wrong]})
        return
    lines = [
        *((each.line, each.name, "new") for each in plan.new),
        *((each.line, each.name, f"changes: {each.what}") for each in plan.changed),
        *((each.line, each.name, f"wrong: {each.why}") for each in plan.wrong),
    ]
    output.table(("line", "name", "what"), sorted(lines))
    counts = f"{len(plan.new):,} new, {len(plan.changed):,} changed, {plan.same:,} as they were"
    if plan.wrong:
        output.line(f"{len(plan.wrong):,} lines can't be taken, so nothing was imported ({counts}).")
    else:
        output.line(f"{'Imported' if imported else 'It would be'}: {counts}.")


def _variables(given: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in given.items())
