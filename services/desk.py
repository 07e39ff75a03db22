"""Opens the desk: settings, database and key together, or a sentence that says why not."""

import functools
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from data import address, installation, migrations
from data.errors import DatabaseProblem
from data.models import Installation
from data.store import Store, now
from data.types import Mode
from services import settings as configuration
from services import sources
from services.failures import Failure
from services.settings import ROOT, Settings
from services.vault import Vault, WrongKey, read_key, write_key
from services.vendors._http import Timing

CHECKED_AT_START = 64 * 1024 * 1024  # bytes: a larger file is checked by doctor and in the background


@dataclass(frozen=True)
class Desk:
    """Everything a service needs to work: settings, the store and the vault."""

    settings: Settings
    store: Store
    vault: Vault
    timing: Timing = field(default_factory=Timing)
    """How long calls to vendors may take."""


def open_desk(settings: Settings | None = None) -> Desk:
    """Check the settings, migrate the database and register the configured sources.

    Raises Failure or DatabaseProblem, each with what to do; then nothing is half-started.
    """
    chosen = settings or configuration.load()
    address.refuse_unusable(chosen.database)
    store = Store.at(chosen.database)
    _refuse_lost(store, chosen)
    desk = Desk(chosen, store, Vault(_key(store, chosen)))
    _refuse_damaged(store)
    migrations.upgrade(store)
    _identify(desk)
    sources.register(desk.store, chosen)
    return desk


def key_path(store: Store) -> Path:
    """Tell where the generated key lies: in the folder of the database file."""
    return (store.path.parent if store.path else ROOT / "data") / "secret.key"


def _marker(path: Path) -> Path:
    return path.with_name(path.name + "-id")


def _exists(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _refuse_lost(store: Store, settings: Settings) -> None:
    """Notice a database that was here and is gone: a new empty one in its place would hide the loss."""
    path = store.path
    if path is None:
        return
    if not path.parent.is_dir():
        message = f"The folder of the database, {path.parent}, does not exist."
        raise DatabaseProblem("unreachable", message, "Create it, or correct PATCHBAY_DATABASE_URL.")
    if _exists(path) or not _marker(path).exists():
        return
    if settings.demo:
        _marker(path).unlink(missing_ok=True)
        return
    message = f"The database {path} was here before and is gone or empty."
    raise DatabaseProblem("gone", message, f"Restore it from your backup. To start anew, delete {_marker(path)}.")


def _key(store: Store, settings: Settings) -> bytes:
    """Find the key, or make one just before a new database, so that no database lacks its key."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().strip().encode()
    path = key_path(store)
    found = read_key(path)
    if found is not None:
        return found
    if store.path is None or not _exists(store.path):
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_key(path)
    message = f"The key of the database is missing: {path} does not exist and PATCHBAY_SECRET_KEY is not set."
    raise Failure("secret", message, "Restore the key file from your backup. A new key could not open what is stored.")


def _refuse_damaged(store: Store) -> None:
    path = store.path
    if path is None or not _exists(path):
        return
    if path.stat().st_size <= CHECKED_AT_START and (found := store.damage()) is not None:
        message = f"The database {path} is damaged: {found[:200]}."
        raise DatabaseProblem("damaged", message, "Keep the file, then restore the last backup in its place.")
    with store.reading() as session:
        names = installation.foreign_tables(session)
    if names:
        message = f"{path} is no database of Patchbay: it holds {', '.join(names[:3])}."
        raise DatabaseProblem("foreign", message, "Let PATCHBAY_DATABASE_URL name another file.")


def _identify(desk: Desk) -> None:
    """Write down what a new database is; refuse one of the other mode or of another key."""
    mode = Mode.DEMO if desk.settings.demo else Mode.REAL
    with desk.store.reading() as session:
        found = installation.read(session)
    if found is None:
        with desk.store.writing() as session:
            found = installation.read(session) or _new(desk, mode)
            session.add(found)
    if found.mode != mode:
        message = f"The database holds {found.mode} data, but Patchbay was started for {mode} data: they never mix."
        raise Failure("mode", message, "Name another file in PATCHBAY_DATABASE_URL, or change PATCHBAY_SANDBOX.")
    try:
        desk.vault.open(found.key_check, row=f"installation {found.uuid}")
    except WrongKey as error:
        message = "PATCHBAY_SECRET_KEY is not the key that this database was written with."
        raise Failure("secret", message, "Restore the right key. Nothing was changed.") from error
    if desk.store.path is not None and not _marker(desk.store.path).exists():
        _marker(desk.store.path).write_text(f"{found.uuid}\n", encoding="utf-8")


def _new(desk: Desk, mode: Mode) -> Installation:
    identity = str(uuid.uuid4())
    check = desk.vault.seal({"uuid": identity}, row=f"installation {identity}")
    return Installation(uuid=identity, mode=mode, created_at=now(), key_check=check)


@functools.cache
def current() -> Desk:
    """Give this process's desk, opened once: what the pages, the routes and the jobs share."""
    return open_desk()
