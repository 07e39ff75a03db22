"""What can be wrong with the database, each said in a sentence with what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, OperationalError


class DatabaseProblem(Exception):
    """The cache can't be used as asked: `kind` for programs, the message and `advice` for people."""

    def __init__(self, kind: str, message: str, advice: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.advice = advice


class Fenced(Exception):
    """A sync run lost its lease: another run took over, so this one's late write is refused."""


_KNOWN = (
    ("locked", r"locked|busy", "The database is busy with another writer.", "Try again in a moment."),
    (
        "read_only",
        r"readonly|read-only",
        "The database can't be written: its file or folder is read-only.",
        "Give this user the right to write the database file and its folder. Nothing was changed.",
    ),
    (
        "disk_full",
        r"disk is full|full",
        "The disk that holds the database is full.",
        "Free some space, then try again. Nothing was half-written.",
    ),
    (
        "damaged",
        r"malformed|not a database|corrupt",
        "The database file is damaged.",
        "Stop Patchbay and restore the last backup over the database file; keep the damaged file for inspection.",
    ),
    (
        "disk_error",
        r"disk i/o",
        "The disk reported an error under the database.",
        "Check the disk and its mount. Nothing was half-written.",
    ),
    (
        "unreachable",
        r"unable to open|connection refused|could not connect|connection failed",
        "The database can't be opened.",
        "Check that PATCHBAY_DATABASE_URL names a folder or server that exists and may be read.",
    ),
)


def explained(error: DatabaseError) -> DatabaseProblem:
    """Turn a driver's error into one a person can act on."""
    text = str(error.orig).lower()
    for kind, pattern, message, advice in _KNOWN:
        if re.search(pattern, text):
            return DatabaseProblem(kind, message, advice)
    kind = "database"
    return DatabaseProblem(kind, f"The database refused: {text[:200]}.", "See the log for the statement that failed.")


@contextmanager
def translated() -> Iterator[None]:
    """Run a block of database work; a driver's operational error leaves it as a DatabaseProblem."""
    try:
        yield
    except OperationalError as error:
        raise explained(error) from error
    except DatabaseError as error:
        if type(error) is DatabaseError:
            raise explained(error) from error
        raise
