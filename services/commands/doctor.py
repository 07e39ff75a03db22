"""`doctor`: checks everything that Patchbay needs; exit 1 when something has to be done first."""

import typer

from services import doctor as checks
from services.commands import output

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(*, as_json: output.Json = False) -> None:
    """Check settings, key, database, clock and sources, and say what to do."""
    found = checks.examine()
    if as_json:
        output.document(found.document())
    else:
        rows = [("ok" if check.ok else "WRONG", check.name, check.detail, check.advice) for check in found.checks]
        output.table(("", "check", "seen", "what to do"), rows)
    raise typer.Exit(0 if found.ok else 1)
