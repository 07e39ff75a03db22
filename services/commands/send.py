"""`send`: checks a message as the document writes it, shows what leaves, and sends it once to a test recipient."""

import json
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from data.models import Message
from data.queries import messages
from data.types import MessageState
from services import access, pretended
from services.access import Actor, Permission
from services.commands import output
from services.commands.users import actor_of
from services.desk import Desk
from services.failures import Misuse
from services.messaging import resuming, sending, wire
from services.messaging.reserving import Invalid
from services.messaging.wire import Order, Prepared, Problem
from services.opening import opened

LARGEST = 256 * 1024
"""Bytes of a file; the largest message of the document is a tenth of it."""
GOOD = frozenset({MessageState.ACCEPTED, MessageState.SUBMITTED, MessageState.DELIVERED, MessageState.READ})
INVALID = 2
COLUMNS = ("field", "limit", "source", "message")
_EXAMPLE = 'For example: {"contentType": "TEXT", "content": "Hello"}'

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def send(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A body as in the document, as JSON; - for stdin.")],
    *,
    source: Annotated[str, typer.Option(metavar="NAME", help="The imiconnect source that sends.")],
    to: Annotated[str, typer.Option(metavar="RECIPIENT", help="The test recipient, by name.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check it and show what would leave.")] = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Send one message to a test recipient; exit 0 accepted, 1 refused or unknown, 2 invalid."""
    body = _body(file)
    desk = opened()
    actor, order = actor_of(desk, acting_as), Order(body, source, to, str(uuid.uuid4()))
    if dry_run:
        _look(desk, actor, order, as_json=as_json)
        return
    with access.attempt(desk, actor, Permission.SEND_TESTS, "message.send", str(order)):
        prepared = wire.prepare(desk, order)
    with _sandbox(desk):
        resuming.resume(desk)
        try:
            message = sending.send(desk, actor, order, prepared.digest)
        except Invalid as wrong:
            _tell_invalid(wrong.problems, as_json=as_json)
            raise typer.Exit(INVALID) from wrong
    _tell(desk, message, prepared, as_json=as_json)
    if message.state not in {state.value for state in GOOD}:
        raise typer.Exit(1)


def _look(desk: Desk, actor: Actor, order: Order, *, as_json: bool) -> None:
    """Show what would leave, or why it would not; nothing is written."""
    with access.attempt(desk, actor, Permission.COMPOSE, "message.look", str(order)):
        pass
    prepared = wire.prepare(desk, order)
    if prepared.problems:
        _tell_invalid(prepared.problems, as_json=as_json)
        raise typer.Exit(INVALID)
    _warn(prepared)
    if as_json:
        output.document({"message": None, "payload": prepared.payload})
        return
    sys.stdout.write(output.written(prepared.payload))


@contextmanager
def _sandbox(desk: Desk) -> Iterator[None]:
    """Have the pretended vendors at hand where they are used; they end with the command if no server has them."""
    if not desk.settings.demo:
        yield
        return
    with pretended.reachable(desk.settings.public_url) as origin:
        if origin != desk.settings.public_url:
            typer.echo("No server runs: the message is sent, but of its delivery nothing will be heard.", err=True)
        yield


def _body(file: str) -> Any:
    """Read a file, or stdin, as JSON. Raises Misuse."""
    try:
        content = _content(file)
    except OSError as error:
        raise Misuse(f"{file} can't be read: {error.strerror}.", "Name a file, or - for stdin.") from error
    if len(content) > LARGEST:
        raise Misuse(f"{file} has more than {LARGEST:,} bytes.", "No message of this channel is that long.")
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Misuse(f"{file} is no JSON: {str(error)[:100]}.", _EXAMPLE) from error


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    with Path(file).open("rb") as opened_file:
        return opened_file.read(LARGEST + 1)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _warn(prepared: Prepared) -> None:
    for warning in prepared.warnings:
        typer.echo(f"{warning.field}: {output.shown(warning.message)}", err=True)


def _tell_invalid(problems: tuple[Problem, ...], *, as_json: bool) -> None:
    rows = [{name: getattr(problem, name) for name in COLUMNS} for problem in problems]
    if as_json:
        output.document({"invalid": rows})
        return
    output.table(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))


def _tell(desk: Desk, message: Message, prepared: Prepared, *, as_json: bool) -> None:
    _warn(prepared)
    with desk.store.reading() as session:
        row, steps = messages.one(session, message.id or 0), messages.events(session, message.id or 0)
    if as_json and row is not None:
        output.document({"message": messages.document(row, steps), "payload": prepared.payload})
        return
    sys.stdout.write(output.written(prepared.payload))
    known = f" as {message.transid}" if message.transid else ""
    output.line(f"Message {message.id} to {message.recipient}: {message.state}{known}.")
    if message.state == MessageState.RESERVED:
        output.line("It has not left: the database was busy. A running server lets it leave, or the next send does.")
    for sentence in (message.reason, message.advice):
        if sentence:
            output.line(sentence)
