"""`audit`: whether the trail of all actions is still what was written."""

import typer

from services import trail
from services.access import SYSTEM
from services.commands import output
from services.opening import opened

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def audit() -> None:
    """Check the trail of who did what; `export audit` writes it into a file."""


@app.command()
def verify(*, as_json: output.Json = False) -> None:
    """Check the hash chain of all rows; exit 1 with the first bad row when it is broken."""
    found = trail.verified(opened(), SYSTEM)
    if as_json:
        bad = found.bad and {"id": found.bad.id, "why": found.bad.why}
        output.document({"ok": found.bad is None, "rows": found.rows, "bad": bad})
    elif found.bad is None:
        output.line(f"All is as it was written: {found.rows:,} rows.")
    else:
        output.line(f"The trail is broken at row {found.bad.id:,}: {found.bad.why}.")
    raise typer.Exit(0 if found.bad is None else 1)
