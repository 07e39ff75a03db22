"""`accounts`: the real accounts and the connections that witness each; people merge and split them."""

from typing import Annotated, Any

import typer

from data.queries import accounts as query
from data.queries.accounts import Witness
from services import access, accounts
from services.access import Permission
from services.accounts import Members
from services.commands import output
from services.commands.connections import MOST
from services.commands.users import actor_of
from services.opening import opened

COLUMNS = ("id", "platform", "handle", "connections", "confidence")
Reason = Annotated[str, typer.Option(help="How you know; it stands in the audit trail.")]
Ids = Annotated[list[str], typer.Argument(metavar="CONNECTION…", help="Ids of connections, as `connections` lists.")]

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="The real accounts and who witnesses each.")


@app.callback(invoke_without_command=True)
def listing(context: typer.Context, *, limit: output.Limit = None, as_json: output.Json = False) -> None:
    """List the real accounts, each with the connections that witness it; or merge and split them."""
    if context.invoked_subcommand is not None:
        return
    with opened().store.reading() as session:
        total, rows = query.listing(session, None if limit is None else min(limit, MOST))
    if as_json:
        output.document({"total": total, "accounts": rows})
        return
    output.table(COLUMNS, (_cells(row) for row in rows), cut=True)
    if len(rows) < total:
        typer.echo(f"{len(rows)} of {total} accounts.", err=True)


@app.command()
def merge(
    connections: Ids,
    *,
    reason: Reason = "",
    plan: Annotated[bool, typer.Option("--plan", help="Only tell what would happen.")] = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Make one account of the whole accounts of these connections; no sync will part them."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    if plan:
        with access.attempt(desk, actor, Permission.RULE_ON_ACCOUNTS, "account.merge", ", ".join(connections)):
            planned = accounts.planned(desk, connections)
        told = {"plan": {"connections": [each.id for each in planned.members], "sentence": planned.sentence}}
        _tell(told, planned.sentence, as_json=as_json)
        return
    members = accounts.merge(desk, actor, connections, reason)
    sentence = f"Account {members[0].account_id} now has {len(members)} connections."
    _tell({"accounts": _documents(members)}, sentence, as_json=as_json)


@app.command()
def split(
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="Id of a connection.")],
    *,
    reason: Reason = "",
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Let a connection stand alone; no sync will join it again."""
    desk = opened()
    left = accounts.split(desk, actor_of(desk, acting_as), connection, reason)
    found = _documents(left)
    rest = "; ".join(f"account {each['id']}: {', '.join(each['connections'])}" for each in found)
    _tell({"accounts": found}, f"{connection} stands alone. The others: {rest}.", as_json=as_json)


def _cells(row: dict[str, Any]) -> list[Any]:
    return [", ".join(row[name]) if name == "connections" else row[name] for name in COLUMNS]


def _documents(members: Members) -> list[dict[str, Any]]:
    found: dict[int, list[Witness]] = {}
    for member in members:
        found.setdefault(member.account_id, []).append(member)
    return [query.document(witnesses) for witnesses in found.values()]


def _tell(told: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    if as_json:
        output.document(told)
        return
    output.line(sentence)
