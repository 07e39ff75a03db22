"""The doctor: looks at settings, key, database, sources and clock, and says of each what to do."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from data import address, leases, migrations, people, schedule, sources
from data.errors import DatabaseProblem
from data.intake import Intake
from data.store import SAFE_SQLITE, now, sqlite_module
from data.types import Mode
from services import incidents, opening, pretended, reach, settings
from services.desk import Desk, key_path
from services.failures import Failure
from services.outgoing import NotSent
from services.reach import Answer
from services.settings import PREFIX, ROOT, SECRETS, Settings, WrongSettings
from services.webhooks import keeping

MEBI = 1024 * 1024
LARGEST_WAL = 256 * MEBI
LEAST_SPACE = 256 * MEBI
FIRST_YEAR = 2025
NO_SOURCE = "Set PATCHBAY_<VENDOR>__BASE_URL and its credential, or use `python -m services sources add`."
SKEW = 5.0
"""Seconds that this process's clock and the database's may differ: leases are compared on the latter."""


@dataclass(frozen=True)
class Check:
    """One thing looked at: is it well, what was seen, and what to do (None when nothing is)."""

    name: str
    ok: bool
    detail: str
    advice: str | None = None


@dataclass(frozen=True)
class Diagnosis:
    """All that the doctor looked at; what depends on something broken was left out."""

    checks: list[Check]

    @property
    def ok(self) -> bool:
        """Tell whether nothing needs to be done before Patchbay works."""
        return all(check.ok for check in self.checks)

    def document(self) -> dict[str, Any]:
        """Give the diagnosis as `doctor --json` prints it."""
        return {"ok": self.ok, "checks": [asdict(check) for check in self.checks]}


def examine() -> Diagnosis:
    """Look at everything. Problems are in the diagnosis; with wrong settings no database or key is made."""
    checks = [_secrets_file(), _sqlite()]
    try:
        chosen = settings.load()
    except WrongSettings as error:
        return Diagnosis([Check("settings", ok=False, detail=error.message, advice=error.advice), *checks])
    checks.insert(0, _settings(chosen))
    try:
        desk = opening.opened(chosen)
    except (DatabaseProblem, Failure) as error:
        failed = _unopened(error)
        return Diagnosis([*(check for check in checks if check.name != failed.name), failed])
    around = pretended.reachable(chosen.public_url) if chosen.demo else nullcontext("")
    with around:
        return Diagnosis([*checks, *_of_desk(desk)])


def _of_desk(desk: Desk) -> Iterator[Check]:
    for name, look in _LOOKS.items():
        try:
            yield look(desk)
        except DatabaseProblem as error:
            yield Check(name, ok=False, detail=error.message, advice=error.advice)
    try:
        with desk.store.reading() as session:
            active = [source for source in sources.active(session) if source.enabled]
        if not active:
            yield Check("sources", ok=True, detail="There is no source yet.", advice=NO_SOURCE)
        for found in reach.every_tried(desk, active):
            well = found.answer is not Answer.FAILED
            yield Check(f"source {found.source}", ok=well, detail=found.detail, advice=found.advice or None)
    except DatabaseProblem as error:
        yield Check("sources", ok=False, detail=error.message, advice=error.advice)


def _unopened(error: DatabaseProblem | Failure) -> Check:
    names = {"secret": "key", "newer_schema": "migrations", "settings": "settings"}
    return Check(names.get(error.kind, "database"), ok=False, detail=error.message, advice=error.advice)


def _settings(chosen: Settings) -> Check:
    vendors = ", ".join(chosen.configured) or "no vendor"
    detail = f"They are read; {'the sandbox is on' if chosen.demo else f'configured: {vendors}'}."
    unknown = settings.unknown_names()
    return Check("settings", ok=True, detail=detail, advice=" ".join(map(_meant, unknown)) or None)


def _meant(name: str) -> str:
    """Say of an unknown variable which one was probably meant; its value is never shown."""
    known = [known.removeprefix(PREFIX) for known in sorted(known_names())]
    near = get_close_matches(name.removeprefix(PREFIX), known, n=1, cutoff=0.7)
    return f"{name} is no setting of Patchbay" + (
        f": did you mean {PREFIX}{near[0]}?" if near else "; it does nothing."
    )


def known_names() -> set[str]:
    """Give every PATCHBAY_ variable that means something."""
    found: set[str] = set()
    for name, info in Settings.model_fields.items():
        inner = getattr(type(info.default), "model_fields", {})
        found |= {f"{PREFIX}{name}__{part}".upper() for part in inner} or {f"{PREFIX}{name}".upper()}
    return found


def _secrets_file() -> Check:
    path = ROOT / SECRETS
    if not path.is_file():
        return Check("secrets", ok=True, detail=f"There is no {SECRETS}; the environment alone is read.")
    if _open_to_others(path):
        advice = f"Other users of this machine can read it: chmod 600 {SECRETS}"
        return Check("secrets", ok=True, detail=f"{SECRETS} is readable by others.", advice=advice)
    return Check("secrets", ok=True, detail=f"{SECRETS} is readable by its owner alone.")


def _open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def _sqlite() -> Check:

    version: tuple[int, ...] = sqlite_module().sqlite_version_info
    shown, safe = ".".join(map(str, version)), ".".join(map(str, SAFE_SQLITE))
    if version >= SAFE_SQLITE:
        return Check("sqlite", ok=True, detail=f"SQLite {shown}.")
    detail = f"SQLite {shown} can, very rarely, damage a file that several processes write."
    return Check("sqlite", ok=True, detail=detail, advice=f"Install pysqlite3, which brings SQLite {safe} or newer.")


def _key(desk: Desk) -> Check:
    if desk.settings.secret_key is not None:
        return Check("key", ok=True, detail="PATCHBAY_SECRET_KEY is set and opens what is stored.")
    path = key_path(desk.store)
    detail = f"The key in {path} opens what is stored."
    if _open_to_others(path):
        return Check("key", ok=True, detail=detail, advice=f"Other users of this machine can read it: chmod 600 {path}")
    return Check("key", ok=True, detail=detail, advice=None)


def _database(desk: Desk) -> Check:
    """Read it whole (its own check), and write to it."""
    damage = desk.store.damage()
    if damage is not None:
        advice = "Stop Patchbay, keep the file, then restore the last backup in its place."
        return Check("database", ok=False, detail=f"It is damaged: {damage[:200]}.", advice=advice)
    address.refuse_unwritable(desk.store)
    mode = Mode.DEMO if desk.settings.demo else Mode.REAL
    place = f" ({desk.store.path})" if desk.store.path else ""
    return Check("database", ok=True, detail=f"It is whole, can be written and holds {mode} data{place}.")


def _migrations(desk: Desk) -> Check:
    with desk.store.reading() as session:
        version = migrations.current(session.connection())
    return Check("migrations", ok=version == migrations.head(), detail=f"The schema is version {version}, the newest.")


def _wal(desk: Desk) -> Check:
    path = desk.store.path
    log = path.with_name(path.name + "-wal") if path else None
    size = log.stat().st_size if log and log.exists() else 0
    detail = f"The write-ahead log takes {size // MEBI} MiB."
    if size <= LARGEST_WAL:
        return Check("wal", ok=True, detail=detail)
    advice = "Something has read the database for a long time: restart Patchbay and whatever else has the file open."
    return Check("wal", ok=False, detail=detail, advice=advice)


def _disk(desk: Desk) -> Check:
    folder = desk.store.path.parent if desk.store.path else ROOT
    free = shutil.disk_usage(folder).free
    detail = f"{free // MEBI:,} MiB are free in {folder}."
    if free >= LEAST_SPACE:
        return Check("disk", ok=True, detail=detail)
    return Check("disk", ok=False, detail=detail, advice=f"Free at least {LEAST_SPACE // MEBI} MiB there.")


def _clock(desk: Desk) -> Check:
    with desk.store.reading() as session:
        link = session.connection()
        here, there, last = now(), leases.clock(link), schedule.last_observed(link)
    advice = "Set this machine's clock, best by NTP: every date in the cache comes from it."
    if here.year < FIRST_YEAR:
        return Check("clock", ok=False, detail=f"It shows {here:%Y-%m-%d}.", advice=advice)
    if abs(here.timestamp() - there) > SKEW:
        return Check("clock", ok=False, detail="It differs from the clock of the database.", advice=advice)
    if last is not None and last - here > timedelta(days=1):
        detail = f"It shows {here:%Y-%m-%d %H:%M} UTC, but the last sync was at {last:%Y-%m-%d %H:%M} UTC."
        return Check("clock", ok=False, detail=detail, advice=advice)
    return Check("clock", ok=True, detail=f"It shows {here:%Y-%m-%d %H:%M} UTC.")


def _people(desk: Desk) -> Check:
    with desk.store.reading() as session:
        admins = people.active_admins(session)
    if admins or desk.settings.demo:
        told = f"Active admins: {admins}." if admins else "The sandbox brings its own people when the server starts."
        return Check("people", ok=True, detail=told)
    advice = "Add the first one: python -m services users add USERNAME --role admin"
    return Check("people", ok=True, detail="Nobody can sign in as admin yet.", advice=advice)


def _messages(desk: Desk) -> Check:
    """Connect to where incidents are told, and sign in there, without telling anything."""
    missing, found = incidents.half_configured(desk.settings), incidents.ways(desk.settings)
    if missing is not None:
        return Check("messages", ok=False, detail="No e-mail can tell of an incident.", advice=f"Set {missing}.")
    if not found:
        advice = "Set PATCHBAY_NOTIFY_URL, or PATCHBAY_SMTP_URL and PATCHBAY_NOTIFY_EMAIL."
        return Check("messages", ok=True, detail="Nobody is told of incidents outside of the app.", advice=advice)
    told = []
    for way in found:
        try:
            incidents.reach(way)
        except NotSent as error:
            advice = "Correct where incidents are told, or look there: nobody will learn of the next one."
            return Check("messages", ok=False, detail=error.message, advice=advice)
        told.append(f"{way.channel} to {way.where}{f' ({way.closed})' if way.closed else ''}")
    return Check("messages", ok=True, detail=f"Incidents are told by {' and by '.join(told)}.")


def _webhooks(desk: Desk) -> Check:
    """Read the file that keeps webhooks until the database has them: its damage stops them all."""
    path = keeping.place(desk)
    try:
        with closing(Intake(path)) as intake:
            waiting = bool(intake.waiting(1))
    except DatabaseProblem as error:
        advice = f"Stop Patchbay and move {path} and the files beside it away: a new one is made."
        message = error.message.replace("database", "file of webhooks")
        return Check("webhooks", ok=False, detail=message, advice=advice if error.kind == "damaged" else error.advice)
    told = "Some wait to be taken into the database." if waiting else "None waits to be taken into the database."
    return Check("webhooks", ok=True, detail=told)


_LOOKS: dict[str, Callable[[Desk], Check]] = {
    "key": _key,
    "database": _database,
    "migrations": _migrations,
    "wal": _wal,
    "webhooks": _webhooks,
    "disk": _disk,
    "clock": _clock,
    "people": _people,
    "messages": _messages,
}
