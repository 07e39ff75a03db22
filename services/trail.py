"""The audit trail for those who may read it: a page of it, one row, whether its chain holds, and a file of it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data import incidents
from data.errors import DatabaseProblem
from data.queries import newest
from data.queries import trail as rows
from data.queries.export import Columns
from data.queries.trail import Entry, Wanted, Words
from data.store import now
from data.types import Cause
from services import audit, dates
from services.access import Actor, Permission, requires
from services.approvals import proof
from services.audit import BadRow
from services.dates import NoDate
from services.desk import Desk
from services.exports import About, Export, Form
from services.failures import Misuse

ACTION = "export.audit"
KEYS = ("q", "actor", "action", "outcome", "from", "to")
"""What narrows the trail, by its name in an address."""
_TRAIL = "audit trail"
_LONGEST = 200


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds: how many rows there are, the first bad one if any, and when that was seen."""

    rows: int
    bad: BadRow | None
    at: datetime


@requires(Permission.READ_AUDIT, "audit.read", _TRAIL, _TRAIL)
def page(
    desk: Desk, _actor: Actor, wanted: Wanted, *, after: int | None = None, before: int | None = None
) -> newest.Stretch:
    """Give a page of the trail, the newest row first."""
    with desk.store.reading() as session:
        return rows.page(session, wanted, after=after, before=before)


@requires(Permission.READ_AUDIT, "audit.words", _TRAIL, _TRAIL)
def words(desk: Desk, _actor: Actor) -> Words:
    """Give what the trail can be filtered by; read anew after any commit."""
    return desk.store.kept.ask(None, rows.words)


@requires(Permission.READ_AUDIT, "audit.show", _TRAIL, _TRAIL)
def entry(desk: Desk, _actor: Actor, number: int) -> Entry | None:
    """Give one row, or None when there is none of that number."""
    with desk.store.reading() as session:
        return rows.one(session, number)


@requires(Permission.READ_AUDIT, "audit.verify", _TRAIL, _TRAIL)
def verified(desk: Desk, _actor: Actor) -> Verdict:
    """Check the whole chain, and the stories of all cases against it; that it is broken is an incident."""
    with desk.store.reading() as session:
        number = rows.highest(session)
    found = Verdict(number, audit.verify(desk) or proof.verify(desk), now())
    with suppress(DatabaseProblem), desk.store.bulk() as link:  # the verdict is told even if nothing can be written
        _follow(link, found)
    return found


def _follow(link: Any, found: Verdict) -> None:
    if found.bad is None:
        incidents.end(link, cause=Cause.AUDIT, at=found.at, why="All rows are as they were written.")
        return
    message = f"The audit trail is broken at row {found.bad.id:,}: {found.bad.why}."
    advice = "Keep the database as it is, and compare it with a backup: somebody wrote around Patchbay."
    incidents.begin(link, cause=Cause.AUDIT, message=message, advice=advice, at=found.at)


@requires(Permission.READ_AUDIT, ACTION, "audit as {}")
def export(desk: Desk, actor: Actor, form: Form, wanted: Wanted) -> Export:
    """Begin an export of the rows that there are now, the oldest first; its own rows are not in it."""
    with desk.store.reading() as session:
        upto = rows.highest(session)
        expected = rows.number_of(session, wanted, upto=upto)
    about = About(ACTION, f"audit as {form}", {"filter": _told(wanted)}, rows.COLUMNS)
    begun = Export(desk, actor, form, about, expected=expected, stretches=_stretches(desk, wanted, upto))
    begun.record("started")
    return begun


def asked(pairs: Iterable[tuple[str, str]]) -> Wanted:
    """Read what an address asks for. Raises Misuse that names the first word that makes no sense."""
    given = dict(pairs)
    for key in given:
        if key not in KEYS:
            raise Misuse(f"“{key[:60]}” narrows no audit trail.", "Take it out of the address.")
    at = now()
    return Wanted(
        given.get("q", "").strip()[: rows.LONGEST],
        given.get("actor", "")[:_LONGEST] or None,
        given.get("action", "")[:_LONGEST] or None,
        given.get("outcome", "")[:_LONGEST] or None,
        dates.start(given["from"], now=at) if "from" in given else None,
        dates.end(given["to"], now=at) if "to" in given else None,
    )


def understood(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Give what of an address narrows the trail, by key, and the dates in it that are none."""
    taken, dropped = dict[str, str](), list[tuple[str, str]]()
    for key, word in pairs:
        if key not in KEYS or not word:
            continue
        try:
            asked([(key, word)])
        except NoDate:
            dropped.append((key, word))
        else:
            taken[key] = word
    return taken, dropped


def _told(wanted: Wanted) -> dict[str, str]:
    """Give a question for the audit trail itself: what was set."""
    return {name: str(value) for name, value in vars(wanted).items() if value}


def _stretches(desk: Desk, wanted: Wanted, upto: int) -> Iterator[Columns]:
    above = 0
    while above < upto:
        with desk.store.reading() as session:
            columns, above = rows.cells(session, wanted, above=above, upto=upto)
        yield columns
