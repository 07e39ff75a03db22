"""`sources`: the credentials at the vendors. Secrets come from stdin or are asked for; none is ever printed."""

import getpass
import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from typing import Annotated

import typer

from data.types import Contract, Vendor
from services import access, credentials, pretended, reach
from services.access import Permission
from services.commands import entry, output
from services.commands.users import actor_of
from services.credentials import Application, Listed
from services.failures import Misuse
from services.opening import opened
from services.reach import Answer

COLUMNS = ("name", "vendor", "contract", "base_url", "origin", "enabled", "secret", "last_complete_at", "problem")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="The credentials at the vendors: list, add, test, rotate, enable, disable, remove.",
)


@app.command("list")
def listing(*, limit: output.Limit = None, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """List the sources and where the secret of each is kept."""
    desk = opened()
    found = credentials.listing(desk, actor_of(desk, acting_as))
    rows = [asdict(source) for source in found[:limit]]
    if as_json:
        output.document({"total": len(found), "sources": rows})
        return
    output.table(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))


@app.command()
def add(
    name: Name,
    *,
    vendor: Annotated[Vendor, typer.Option(help="Which of the five APIs.")],
    base_url: Annotated[str, typer.Option(help="Scheme, host and an optional prefix.")],
    contract: Annotated[Contract | None, typer.Option(help="What the vendor speaks; documented by default.")] = None,
    option: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="A field that is no secret.")] = None,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Add a source; its secrets are asked for, or read from stdin as field=value lines or one JSON object."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    with access.attempt(desk, actor, Permission.MANAGE_SOURCES, "source.add", f"source {name}"):
        credentials.refuse_demo(desk)
        options = dict(_pair(text, "--option") for text in option or ())
        wanted = Application(vendor, base_url, contract, options, _secrets(vendor))
    _tell(credentials.add(desk, actor, name, wanted), f"The source {name} was added.", as_json=as_json)


@app.command()
def rotate(name: Name, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Replace the secrets of an added source; given like for `add`."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    with access.attempt(desk, actor, Permission.MANAGE_SOURCES, "source.rotate", f"source {name}"):
        with desk.store.reading() as session:
            vendor = Vendor(credentials.named(session, name).vendor)
        secrets = _secrets(vendor)
    _tell(credentials.rotate(desk, actor, name, secrets), f"{name} has new secrets.", as_json=as_json)


@app.command("test")
def ask(name: Name, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Ask one harmless question of a source; exit 1 when it does not answer well."""
    desk = opened()
    actor = actor_of(desk, acting_as)
    with pretended.reachable(desk.settings.public_url) if desk.settings.demo else nullcontext():
        found = reach.asked(desk, actor, name)
    if as_json:
        output.document({**asdict(found), "ok": found.answer is not Answer.FAILED, "advice": found.advice or None})
    else:
        output.line(f"{found.source}: {found.answer}. {found.detail} {found.advice}".strip())
    raise typer.Exit(1 if found.answer is Answer.FAILED else 0)


@app.command()
def enable(name: Name, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Ask an added source again that was switched off."""
    desk = opened()
    done = credentials.set_enabled(desk, actor_of(desk, acting_as), name, enabled=True)
    _tell(done, f"{name} is switched on.", as_json=as_json)


@app.command()
def disable(name: Name, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Stop asking an added source; its connections and its secret stay."""
    desk = opened()
    done = credentials.set_enabled(desk, actor_of(desk, acting_as), name, enabled=False)
    _tell(done, f"{name} is switched off.", as_json=as_json)


@app.command()
def remove(name: Name, *, acting_as: output.ActingAs = None, as_json: output.Json = False) -> None:
    """Remove a source and delete its secret; its connections and their history stay."""
    desk = opened()
    done = credentials.remove(desk, actor_of(desk, acting_as), name)
    _tell(done, f"{name} was removed; its history stays.", as_json=as_json)


def _secrets(vendor: Vendor) -> dict[str, str]:
    """Ask for each secret by name on a terminal, else read them from stdin."""
    if sys.stdin.isatty():
        typed = {name: getpass.getpass(f"{name} (empty for none): ") for name in credentials.secret_fields(vendor)}
        return {name: value for name, value in typed.items() if value}
    text = entry.piped().strip()
    found = _object(text) if text.startswith("{") else dict(_pair(line, "stdin") for line in text.splitlines() if line)
    if found.keys() - credentials.secret_fields(vendor):  # the unknown name is not repeated: it may be the secret
        known = ", ".join(credentials.secret_fields(vendor))
        raise Misuse(f"A name on stdin is no secret of {vendor}.", f"Its secrets are: {known}.")
    return found


def _object(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Misuse("What came on stdin is no JSON object of texts.", 'For example: {"token": "…"}')
    return found


def _pair(text: str, where: str) -> tuple[str, str]:
    """Part field=value. The error never repeats what was given: it may be the secret itself."""
    name, equals, value = text.strip().partition("=")
    if not equals or not name.strip():
        raise Misuse(f"{where} holds a text that is not field=value.", "For example: token=…")
    return name.strip(), value.strip()


def _tell(source: Listed, sentence: str, *, as_json: bool) -> None:
    if as_json:
        output.document({"source": asdict(source)})
        return
    output.line(sentence)
