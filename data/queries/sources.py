"""Health of sources: how each stands, what runs now, what ran, and what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.engine import RowMapping

from data.queries._tables import incidents, runs, sources
from data.store import Session, now
from data.types import Cause, Contract, RunState, Vendor

_REFUSALS = frozenset({"unauthorised", "permission_denied", "secret", "settings"})
_WORST = ("refusing", "failing", "held back", "stale")
_HARMLESS = frozenset({"stopped", "held_back", "interrupted"})
_REPLAY = "replay"
"""What started a run of the demo's past: nobody waits for it, so it counts in no table of what has run."""


@dataclass(frozen=True)
class Card:
    """One source as it stands."""

    name: str
    vendor: str
    state: str
    last_complete_at: datetime | None
    failing_since: datetime | None
    next_try_at: datetime | None
    problem: str | None
    action: str | None
    held: str | None
    calls_left: int | None
    calls_limit: int | None
    failed: int
    ended: int

    @property
    def wants_someone(self) -> bool:
        """Tell whether a person should look."""
        return self.state in _WORST

    @property
    def can_sync(self) -> bool:
        """Tell whether there is something that a sync could read."""
        return self.state != "off" and self.vendor != Vendor.IMICONNECT.value


class Run(NamedTuple):
    """One sync of one source: how far it is, or how it ended."""

    id: int
    source: str
    state: str
    trigger: str
    started_at: datetime
    finished_at: datetime | None
    progress: str
    seen: int
    created: int
    updated: int
    vanished: int
    rejected: int
    requests: int
    seconds: float
    problem_message: str | None
    problem_action: str | None


def cards(session: Session, *, stale_after: timedelta) -> list[Card]:
    """Give every source that is not removed, those that want someone first."""
    link, moment = session.connection(), now()
    held = {row.source_id: row.message for row in link.execute(_open().where(incidents.c.cause == Cause.LOSS.value))}
    errors = _errors(session, moment - timedelta(days=1))
    last = _last_states(session)
    query = select(sources).where(sources.c.removed_at.is_(None)).order_by(sources.c.name)
    found = [
        _card(row, held.get(row["id"]), errors.get(row["id"], (0, 0)), last.get(row["id"]), moment - stale_after)
        for row in link.execute(query).mappings()
    ]
    return sorted(found, key=lambda card: _WORST.index(card.state) if card.wants_someone else len(_WORST))


def without_list(session: Session) -> frozenset[str]:
    """Name the sources whose contract has no list: each of their accounts is told of by itself."""
    here = sources.c
    able = here.vendor.in_([Vendor.HIGHLEVEL.value, Vendor.GIPPER.value])
    query = select(here.name).where(able, here.contract == Contract.DOCUMENTED.value)
    return frozenset(session.connection().execute(query).scalars())


def _card(row: RowMapping, held: str | None, errors: tuple[int, int], last: str | None, stale_before: datetime) -> Card:
    state = _state(row, last, held=held is not None, stale_before=stale_before)
    told = state not in {"off", "nothing"} and row["problem_kind"] not in {None, "busy"}
    return Card(
        name=row["name"],
        vendor=row["vendor"],
        state=state,
        last_complete_at=row["last_complete_at"],
        failing_since=row["failing_since"],
        next_try_at=row["next_try_at"],
        problem=row["problem_message"] if told else None,
        action=row["problem_action"] if told else None,
        held=held,
        calls_left=row["calls_left"],
        calls_limit=row["calls_limit"],
        failed=errors[0],
        ended=errors[1],
    )


def _state(row: RowMapping, last: str | None, *, held: bool, stale_before: datetime) -> str:
    """Name how a source stands, the gravest word first."""
    seen: datetime | None = row["last_complete_at"]
    failing = row["failures"] > 0
    verdicts = (
        ("off", not row["enabled"]),
        ("nothing", row["vendor"] == Vendor.IMICONNECT.value and not failing),
        ("refusing", failing and row["problem_kind"] in _REFUSALS),
        ("failing", failing),
        ("held back", held),
        ("nothing", seen is None and last == RunState.SKIPPED.value),
        ("partial", row["problem_kind"] is not None and row["problem_kind"] not in _HARMLESS),
        ("never", seen is None),
        ("stale", seen is not None and seen < stale_before),
    )
    return next((word for word, true in verdicts if true), "good")


def _errors(session: Session, since: datetime) -> dict[int, tuple[int, int]]:
    """Count per source how many runs failed and how many ended since an instant."""
    failed = func.sum((runs.c.state == RunState.FAILED.value).cast(runs.c.seen.type))
    query = (
        select(runs.c.source_id, failed, func.count())
        .where(runs.c.started_at >= since, runs.c.trigger != _REPLAY)
        .where(runs.c.state.not_in([RunState.RUNNING.value, RunState.SKIPPED.value]))
        .group_by(runs.c.source_id)
    )
    return {source: (int(bad), int(every)) for source, bad, every in session.connection().execute(query)}


def _last_states(session: Session) -> dict[int, str]:
    latest = select(func.max(runs.c.id)).where(runs.c.source_id == sources.c.id).correlate(sources).scalar_subquery()
    query = select(sources.c.id, runs.c.state).select_from(sources.join(runs, runs.c.id == latest))
    return {row[0]: row[1] for row in session.connection().execute(query)}


def _runs() -> Any:
    shown = [sources.c.name if name == "source" else runs.c[name] for name in Run._fields]
    return select(*shown).select_from(runs.join(sources, sources.c.id == runs.c.source_id))


def running(session: Session) -> list[Run]:
    """Give the syncs that run now, the oldest first."""
    query = _runs().where(runs.c.state == RunState.RUNNING.value).order_by(runs.c.id)
    return [Run._make(row) for row in session.connection().execute(query)]


def last_runs(session: Session, *, limit: int = 50) -> list[Run]:
    """Give the latest syncs of all sources, the newest first, without those that filled a demo."""
    query = _runs().where(runs.c.trigger != _REPLAY).order_by(runs.c.id.desc()).limit(limit)
    return [Run._make(row) for row in session.connection().execute(query)]


def _open() -> Any:
    return select(incidents).where(incidents.c.ended_at.is_(None))


def failing(session: Session) -> list[tuple[str, datetime]]:
    """Name the sources whose last try failed, and since when they fail, the longest first."""
    query = (
        select(sources.c.name, sources.c.failing_since)
        .where(sources.c.removed_at.is_(None), sources.c.enabled, sources.c.failing_since.is_not(None))
        .order_by(sources.c.failing_since)
    )
    return [(row[0], row[1]) for row in session.connection().execute(query)]


def stale(session: Session, *, stale_after: timedelta) -> list[tuple[str, datetime]]:
    """Name the sources whose last complete answer is older than this, the oldest first."""
    query = (
        select(sources.c.name, sources.c.last_complete_at)
        .where(
            and_(
                sources.c.removed_at.is_(None),
                sources.c.enabled,
                sources.c.vendor != Vendor.IMICONNECT.value,
                sources.c.last_complete_at < now() - stale_after,
            )
        )
        .order_by(sources.c.last_complete_at)
    )
    return [(row[0], row[1]) for row in session.connection().execute(query)]
