"""The filled demo that all workers of a run share: who comes first fills it, the others wait for a copy."""

import contextlib
import sqlite3
from pathlib import Path

from tests.browser import desk

_START = 60.0


class Demo:
    """A folder with the database of a demo whose 90 days are there, once it is filled."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._copy, self._over = folder, folder / "copy", folder / "over"
        self.ours = False

    def fresh(self) -> Path:
        """Give the folder to fill a demo in, and note whether it is ours to share."""
        try:
            (self._folder / "fresh").mkdir(parents=True)
            self.ours = True
        except FileExistsError:
            self.ours = False
        return self._folder / "fresh"

    def share(self, server: desk.Running) -> None:
        """Copy the demo of a running server for all, once it is filled; of one that is not ours, nothing is done."""
        if not self.ours or self._over.exists():
            return
        try:
            desk.wait_filled(server)
            desk.copy(server, self._copy)
            self._forget_visits()
        finally:
            self._over.touch()

    def _forget_visits(self) -> None:
        """Let nobody have been in the copy yet: the journey that filled it has signed in."""
        with contextlib.closing(sqlite3.connect(self._copy / "patchbay.db")) as link, link:
            link.execute("DELETE FROM sessions")
            link.execute("UPDATE users SET previous_visit_at = NULL")

    def copied(self) -> Path:
        """Give the copy that another worker makes, once it is there."""
        desk.until(self._over.exists, desk.LONGEST_FILL + _START, "another worker fills the demo")
        assert self._copy.exists(), "another worker could not fill the demo"
        return self._copy
