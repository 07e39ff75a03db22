"""The command line of DESIGN.md section 5: finds a command's module, runs it, and says what went wrong."""

import importlib
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from data.errors import DatabaseProblem, Fenced
from services import logs, opening
from services.commands import output
from services.failures import Failure, Misuse
from services.vendors.errors import VendorError

PROGRAM = "python -m services"
COMMANDS = {
    "sync": "Refresh every source, or the named ones.",
    "connections": "List what the cache holds.",
    "accounts": "The real accounts and who witnesses each.",
    "cases": "Approvals: list, show, request and decide cases.",
    "disconnect": "Disconnect a connection, and prove that it is gone.",
    "changes": "List what changed between two dates.",
    "export": "Write what the cache holds into a file.",
    "recipients": "The named test recipients.",
    "send": "Send one message to a test recipient.",
    "messages": "List the sent messages and what became of them.",
    "users": "People and their roles.",
    "sources": "The credentials at the vendors.",
    "audit": "Check that the trail of all actions is whole.",
    "doctor": "Check settings, database and sources, and say what to do.",
    "sandbox": "Serve the five pretended vendors alone.",
}
INTERRUPTED = 130
WrongUse: Any = typer.BadParameter.__base__
"""What typer raises for an unknown option, a missing argument or a value that is no choice."""


class Commands(TyperGroup):
    """The commands by name; the module of one is imported only when it is asked for, so that each starts fast."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the base class's signature)
        """Name the commands in the order of the design."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 (the base class's signature)
        """Give a command, or None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(importlib.import_module(f"services.commands.{cmd_name}").app)
        command.name, command.help = cmd_name, command.help or COMMANDS[cmd_name]
        return command


app = typer.Typer(cls=Commands, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def _patchbay() -> None:
    """Patchbay, the operations desk for connected social accounts."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code: 0 done, 1 not, 2 for wrong use (then nothing was done)."""
    logs.configure()
    as_json = "--json" in arguments
    try:
        return _run(arguments)
    except Misuse as error:
        output.error(error.kind, error.message, error.advice, as_json=as_json)
        return 2
    except (Failure, DatabaseProblem) as error:
        output.error(error.kind, error.message, error.advice, as_json=as_json)
    except VendorError as error:
        output.error(error.kind, str(error), error.advice, as_json=as_json)
    except Fenced:
        output.error("busy", "Another process took over.", "Wait for it to end, then try again.", as_json=as_json)
    except typer.Abort:
        output.error("interrupted", "Nothing more was given.", "Start the command again.", as_json=as_json)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        sentence = f"The system refused: {error.strerror or type(error).__name__}{place}."
        output.error("system", sentence, "Check the rights and the free space there.", as_json=as_json)
    finally:
        opening.close()
    return 1


def _run(arguments: Sequence[str]) -> int:
    if any("\udc80" <= letter <= "\udcff" for text in arguments for letter in text):
        raise Misuse("An argument is no UTF-8 text.", "Check the encoding of your terminal or script.")
    try:
        code = typer.main.get_command(app).main(args=list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except WrongUse as error:
        words = " ".join(arguments[:1]) if arguments and arguments[0] in COMMANDS else ""
        asked = f"`{' '.join(part for part in (PROGRAM, words, '--help') if part)}` names what there is."
        raise Misuse(error.format_message().replace("Value error, ", ""), asked) from error
    if code == INTERRUPTED:
        raise Failure("interrupted", "The command was interrupted.", "What was finished before is kept.")
    return code if isinstance(code, int) else 0
