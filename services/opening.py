"""Opens the desk for one command, and closes it at the command's end."""

from contextlib import ExitStack

from services.desk import Desk, open_desk
from services.settings import Settings

_open = ExitStack()
"""What the command in work has opened; it is closed at its end, so that the WAL is moved into the file."""


def opened(chosen: Settings | None = None) -> Desk:
    """Open the desk. Raises Failure or DatabaseProblem with a sentence; then nothing was made."""
    desk = open_desk(chosen)
    _open.callback(desk.store.close)
    return desk


def close() -> None:
    """Close every desk that was opened here."""
    _open.close()
