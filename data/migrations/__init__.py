"""Bring a database to the schema of this code: all of it in one transaction, or nothing."""

from pathlib import Path

import stamina
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as Link

from data.errors import DatabaseProblem, translated
from data.store import Store

HERE = Path(__file__).parent
PATIENCE = 60.0  # seconds that a second process waits while the first one migrates


def head() -> str:
    """Give the newest schema version that this code knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(link: Link) -> str | None:
    """Give the schema version of a database, or None for an empty one."""
    return MigrationContext.configure(link).get_current_revision()


def _locked(error: Exception) -> bool:
    return isinstance(error, DatabaseProblem) and error.kind == "locked"


@stamina.retry(on=_locked, attempts=None, timeout=PATIENCE)
def upgrade(store: Store) -> bool:
    """Migrate to the newest schema under the write lock; True when something was done.

    Raises DatabaseProblem when the database is newer than this code.
    """
    with translated(), store.reader.connect() if _exists(store) else store.writer.connect() as link:
        version = current(link)
    if version == head():
        return False
    with store.bulk() as link:
        version = current(link)
        _refuse_newer(version)
        if version == head():
            return False
        config = _config()
        config.attributes["connection"] = link
        command.upgrade(config, "head")
    return True


def _exists(store: Store) -> bool:
    return store.path is not None and store.path.exists() and store.path.stat().st_size > 0


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return config


def _refuse_newer(version: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if version is not None and version not in known:
        message = f"The database has schema version {version}, this Patchbay knows only up to {head()}."
        advice = "Start the newer Patchbay that wrote it, or restore an older backup."
        raise DatabaseProblem("newer_schema", message, advice)
