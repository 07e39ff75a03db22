"""`users`: people and their roles. Passwords are asked for or come from stdin, never as an argument."""

from typing import Annotated, Any

import typer

from data.queries.people import Listed
from data.types import Role
from services import access, people
from services.access import SYSTEM, Actor, Permission
from services.commands import entry, output
from services.desk import Desk
from services.failures import Misuse
from services.opening import opened

COLUMNS = ("username", "name", "email", "role", "created_at", "disabled_at", "last_seen_at")
ROLES = f"[{'|'.join(Role)}]"
Username = Annotated[str, typer.Argument(metavar="USERNAME", help="The name to sign in with.")]

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="People and their roles: list, add, change, disable."
)


@app.command("list")
def everyone(*, limit: output.Limit = None, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """List all people, disabled ones too."""
    desk = opened()
    found = people.everyone(desk, actor_of(desk, acting_as))
    rows = [_document(person) for person in found[:limit]]
    if as_json:
        output.document({"total": len(found), "users": rows})
        return
    output.table(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))


@app.command()
def add(
    username: Username,
    *,
    role: Annotated[str, typer.Option(metavar=ROLES, help="What the person may do.")],
    name: Annotated[str, typer.Option(help="The name to show.")] = "",
    email: Annotated[str | None, typer.Option(help="Where to reach the person.")] = None,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Add a person; the password is asked for, or read as one line from stdin."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    with access.attempt(desk, actor, Permission.MANAGE_PEOPLE, "person.add", f"person {username}"):
        people.checked_username(username)
        wanted, secret = people.role_named(role), entry.password()
    added = people.add(desk, actor, username, role=wanted, password=secret, name=name, email=email)
    _tell(added, f"{added.username} may now sign in as {added.role.value}.", as_json=as_json)


@app.command()
def role(
    username: Username,
    new_role: Annotated[str | None, typer.Argument(metavar="ROLE", help="analyst, marketer or admin.")] = None,
    *,
    option: Annotated[str | None, typer.Option("--role", metavar=ROLES, help="The same, as an option.")] = None,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Give a person another role; their sessions end."""
    named = new_role or option
    if named is None or (new_role and option):
        raise Misuse("Name one role.", "For example: users role ines.moreau marketer")
    desk = opened()
    actor = actor_of(desk, acting_as)
    with access.attempt(desk, actor, Permission.MANAGE_PEOPLE, "person.role", f"person {username}"):
        wanted = people.role_named(named)
    people.set_role(desk, actor, username, wanted)
    _tell(_person(desk, username), f"{username} is now {wanted.value}.", as_json=as_json)


@app.command()
def password(username: Username, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Give a person a new password, asked for or read as one line from stdin; their sessions end."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    with access.attempt(desk, actor, Permission.MANAGE_PEOPLE, "person.password", f"person {username}"):
        found, secret = _person(desk, username), entry.password()
    people.set_password(desk, actor, username, secret)
    _tell(found, f"The password of {username} was changed.", as_json=as_json)


@app.command()
def disable(username: Username, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Stop a person from signing in; their sessions end."""
    desk = opened()
    people.disable(desk, actor_of(desk, acting_as), username)
    _tell(_person(desk, username), f"{username} can no longer sign in.", as_json=as_json)


@app.command()
def enable(username: Username, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Let a disabled person sign in again."""
    desk = opened()
    people.enable(desk, actor_of(desk, acting_as), username)
    _tell(_person(desk, username), f"{username} can sign in again.", as_json=as_json)


@app.command()
def unlock(username: Username, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Let a person try to sign in at once who failed too often."""
    desk = opened()
    people.unlock(desk, actor_of(desk, acting_as), username)
    _tell(_person(desk, username), f"{username} can try again.", as_json=as_json)


def actor_of(desk: Desk, username: str | None) -> Actor:
    """Give whom a command acts for: the system, or the person named with `--as`. Raises Misuse for nobody of ours."""
    if username is None:
        return SYSTEM
    with access.attempt(desk, SYSTEM, Permission.LOOK, "person.act_as", f"person {username}"):
        return people.acting_as(desk, username)


def _person(desk: Desk, username: str) -> Listed:
    wanted = people.checked_username(username)
    for person in people.everyone(desk, SYSTEM):
        if person.username == wanted:
            return person
    raise Misuse(f"There is no person {wanted}.", "`python -m services users list` names all.")


def _document(person: Listed) -> dict[str, Any]:
    return person._asdict() | {"role": person.role.value}


def _tell(person: Listed, sentence: str, *, as_json: bool) -> None:
    if as_json:
        output.document({"user": _document(person)})
        return
    output.line(sentence)
