"""Whether a database can be used at all: its URL before anything is opened or made, its file by a write taken back."""

from pathlib import Path

from sqlalchemy import make_url, update
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from data.errors import DatabaseProblem, translated
from data.models import Installation
from data.store import Store

EXAMPLE = "For example: sqlite:////folder/patchbay.db"


def refuse_unusable(url: str) -> None:
    """Refuse a URL that can't be read, whose driver is missing, or that names a folder; its text is never repeated.

    Raises DatabaseProblem.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseProblem("settings", "PATCHBAY_DATABASE_URL is no URL of a database.", EXAMPLE) from None
    scheme = parsed.drivername
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        message = f"PATCHBAY_DATABASE_URL names {scheme}, but Patchbay keeps its data in SQLite or PostgreSQL."
        raise DatabaseProblem("settings", message, EXAMPLE)
    try:
        parsed.get_dialect().import_dbapi()
    except (NoSuchModuleError, ImportError):
        message = f"The driver of PATCHBAY_DATABASE_URL, {scheme}, is not installed."
        raise DatabaseProblem("settings", message, "Install it, or name a SQLite file.") from None
    _refuse_folder(parsed.database if parsed.get_backend_name() == "sqlite" else None)


def refuse_unwritable(store: Store) -> None:
    """Write and take it back: on a read-only file SQLite begins even an immediate transaction without a word.

    Raises DatabaseProblem.
    """
    with translated(), store.writer.connect() as link, link.begin() as work:
        link.execute(update(Installation).values(mode=Installation.mode))
        work.rollback()


def _refuse_folder(path: str | None) -> None:
    if path and Path(path).is_dir():
        message = f"PATCHBAY_DATABASE_URL names the folder {path}, not a file in it."
        raise DatabaseProblem("settings", message, EXAMPLE)
