"""`sandbox`: the five pretended vendors alone, until it is stopped; prints the settings that point at them."""

import signal
import threading
from typing import Annotated

import typer

from data.types import Vendor
from services import sandbox as pretended
from services.commands import output
from services.failures import Failure

CURRENT = (Vendor.HIGHLEVEL, Vendor.GIPPER, Vendor.LATE)
"""The vendors with two contracts: the sandbox has most to show under the current one."""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def sandbox(
    *,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Where to listen on 127.0.0.1; 0 for a free port.")] = 0,
    as_json: output.Json = False,
) -> None:
    """Serve the five pretended vendors on 127.0.0.1 until SIGTERM or Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        with pretended.serve(pretended.Sandbox(), port) as origin:
            _tell(origin, as_json=as_json)
            stop.wait()
    except OSError as error:
        message = f"Port {port} can't be used: {error.strerror}."
        raise Failure("port", message, "Choose another port, or 0 for a free one.") from error


def settings_at(origin: str) -> dict[str, str]:
    """Give the settings under which Patchbay takes a sandbox for real vendors; every credential is fake."""
    found = {"PATCHBAY_SANDBOX": "false"}
    for vendor, given in pretended.credentials().items():
        prefix = f"PATCHBAY_{vendor.upper()}__"
        found[f"{prefix}BASE_URL"] = f"{origin}/sandbox/{vendor}"
        found |= {f"{prefix}{name.upper()}": value for name, value in given.items()}
        if vendor in CURRENT:
            found[f"{prefix}CONTRACT"] = "current"
    return found


def _tell(origin: str, *, as_json: bool) -> None:
    if as_json:
        output.document({"origin": origin, "settings": settings_at(origin)})
        return
    lines = [f"{name}={value}" for name, value in settings_at(origin).items()]
    typer.echo("\n".join([f"# The pretended vendors answer at {origin}; stop them with Ctrl-C.", *lines]))
